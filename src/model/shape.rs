//! The rules about a model's shape. Each rule describes a mistake in a single key or value.

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
rule!(MISSING_KEY, "missing-key", "A required key that is missing.");
rule!(DUPLICATE_KEY, "duplicate-key", "A key that appears twice in one mapping.");
rule!(WRONG_TYPE, "wrong-type", "A value of the wrong kind, such as a list instead of one value.");
rule!(BAD_VALUE, "bad-value", "A value that its key does not accept.");
rule!(NEEDS_ANSWER, "needs-answer", "A value that an import could not find.");

/// All rules of a model's shape.
pub static ALL: [&Rule; 6] =
    [&UNKNOWN_KEY, &MISSING_KEY, &DUPLICATE_KEY, &WRONG_TYPE, &BAD_VALUE, &NEEDS_ANSWER];
