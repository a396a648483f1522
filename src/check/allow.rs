//! Applies the model's `allow` entries to the findings.
//!
//! Takes the entries, and a [`Report`] with the findings of every rule. It moves each allowed warning to the
//! report's list of allowed findings. It also reports an entry that allows nothing.

use super::meaning;
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Allow;

/// An entry of `allow` that allows no warning, or that repeats an earlier entry.
pub(super) static UNMATCHED: Rule = Rule {
    code: "unmatched-allow",
    severity: Severity::Warning,
    doc: include_str!("allow/unmatched-allow.md"),
};

/// Applies every entry. Errors stay in the report: an entry cannot allow an error.
pub(super) fn apply(entries: &[Allow], report: &mut Report) {
    for (at, Allow { check, reason }) in entries.iter().enumerate() {
        if let Some(before) = entries[..at].iter().find(|entry| entry.check.value == check.value) {
            let message = format!("`{}` is allowed twice", check.value);
            let finding = Finding::at(&UNMATCHED, check.span, message)
                .related(before.check.span, "first allowed here")
                .help("keep one of the two");
            report.add(finding);
            continue;
        }
        let allowed = report.allow(check.as_str(), reason.as_str());
        if allowed == 0 && is_warning(check.as_str()) {
            let message = format!("`{}` finds nothing in this model", check.value);
            let finding = Finding::at(&UNMATCHED, check.span, message);
            report.add(finding.help("remove the entry"));
        }
    }
}

fn is_warning(code: &str) -> bool {
    meaning().any(|rule| rule.code == code && rule.severity == Severity::Warning)
}
