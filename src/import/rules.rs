//! The codes of the report, each with its documentation.

use crate::diagnostic::{Rule, Severity};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $severity:ident;)+) => {
        $($(#[$doc])* pub static $name: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            doc: include_str!(concat!("rules/", $code, ".md")),
        };)+

        /// Every code.
        pub static ALL: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    /// A line that has an effect on a host, and that the model has no key for.
    LOST: "import-lost", Warning;
    /// A word that its program does not know, or a command whose effect lvsgen cannot know.
    UNKNOWN: "import-unknown", Warning;
    /// A line that cannot work.
    REFUSED: "import-refused", Warning;
    /// Lines of a script that depend on a condition.
    CONDITION: "import-condition", Warning;
    /// Two directors have different tables.
    DISAGREE: "import-disagree", Warning;
    /// A value that is wrong on the host, and right in the model.
    CHANGED: "import-changed", Note;
    /// A line without an effect.
    NO_EFFECT: "import-no-effect", Note;
    /// A decision that no file shows.
    GUESSED: "import-guessed", Note;
    /// A password, which the model does not have.
    SECRET: "import-secret", Note;
}
