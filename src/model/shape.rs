//! The rules of a model's shape: what can be wrong with a key or a value by itself.

use crate::diagnostic::{Rule, Severity};

macro_rules! rule {
    ($name:ident, $code:literal, $summary:literal) => {
        #[doc = $summary]
        pub static $name: Rule = Rule {
            code: $code,
            severity: Severity::Error,
            doc: include_str!(concat!("shape/", $code, ".md")),
        };
    };
}

rule!(UNKNOWN_KEY, "unknown-key", "A key that the model does not have.");
rule!(MISSING_KEY, "missing-key", "A key that must be there and is not.");
rule!(DUPLICATE_KEY, "duplicate-key", "A key that stands twice in one mapping.");
rule!(WRONG_TYPE, "wrong-type", "A list where a single value belongs, and the like.");
rule!(BAD_VALUE, "bad-value", "A value that is none of those that its key takes.");

/// All of them.
pub static ALL: [&Rule; 5] = [&UNKNOWN_KEY, &MISSING_KEY, &DUPLICATE_KEY, &WRONG_TYPE, &BAD_VALUE];
