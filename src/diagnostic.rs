//! Findings about an input, each with a code, a place and a remedy.
//!
//! Other modules find mistakes and make a [`Finding`] for each; this module collects the findings in a [`Report`].
//! The modules [`human`], [`json`], [`github`] and [`sarif`] write a report, each in a different format.

pub mod github;
pub mod human;
pub mod json;
mod place;
pub mod sarif;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::source::Span;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The cluster would not work, or lvsgen cannot understand the input. lvsgen renders nothing.
    Error,
    /// The cluster would work, but not as well as its owner expects.
    Warning,
    /// Nothing is wrong, and a person should know it.
    Note,
}

impl Severity {
    /// The name of the severity in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A kind of finding: its code, its severity and its documentation.
#[derive(Debug)]
pub struct Rule {
    /// The name of the problem in kebab-case. Users write this name and search for it.
    pub code: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// The text that `lvsgen explain` shows, in Markdown: a summary sentence, the reason, a bad example and a good
    /// example.
    pub doc: &'static str,
}

impl Rule {
    /// The first sentence of the document.
    pub fn summary(&self) -> &'static str {
        self.doc.lines().next().expect("every rule has a document of its own")
    }
}

/// A place in the input, with a text about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The text. It is empty if the message of the finding is enough.
    pub text: String,
}

/// One problem that lvsgen found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that the input breaks.
    pub rule: &'static Rule,
    /// The problem in one sentence. The sentence starts with a lower-case letter and has no final period.
    pub message: String,
    /// The place of the problem. `None` if the finding is about the whole input or another file.
    pub place: Option<Label>,
    /// Other places that explain the finding ("first used here").
    pub related: Vec<Label>,
    /// The remedy.
    pub help: Option<String>,
}

impl Finding {
    /// Starts a finding about the whole input.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule, message, place: None, related: Vec::new(), help: None }
    }

    /// Starts a finding at a place.
    pub fn at(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self { place: Some(Label { span, text: String::new() }), ..Self::new(rule, message) }
    }

    /// Sets the text beside the place of the problem.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(place) = &mut self.place {
            place.text = text.into();
        }
        self
    }

    /// Adds another place that explains the finding.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the remedy of a warning that the user may accept instead, with the entry of the model that accepts it.
    #[must_use]
    pub fn help_or_allow(self, help: impl Display) -> Self {
        let entry = self.allow_entry();
        self.help(format!("{help}; or add {entry}"))
    }

    /// Sets the remedy of a warning that lvsgen cannot check, with the entry of the model that says that it is done.
    #[must_use]
    pub fn help_and_allow(self, help: impl Display) -> Self {
        let entry = self.allow_entry();
        self.help(format!("{help}, and add {entry}"))
    }

    fn allow_entry(&self) -> String {
        format!("`- {{ check: {}, reason: … }}` to `allow`", self.rule.code)
    }
}

/// All findings.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    allowed: Vec<Allowed>,
}

/// A warning that the model allows.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The warning.
    pub finding: Finding,
    /// The reason that the model gives.
    pub reason: String,
}

impl Report {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds findings.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Joins repeated findings at one place. A range of hosts, for example, can cause one finding for each host.
    ///
    /// If a rule has more than three findings at one place, only the first finding stays, with the number of the
    /// others. If a rule has fewer findings there, only findings with equal messages are joined.
    pub fn join_places(&mut self) {
        const FEW: usize = 3;
        let mut seen: BTreeMap<(Span, &'static str), usize> = BTreeMap::new();
        for finding in &self.findings {
            if let Some(place) = &finding.place {
                *seen.entry((place.span, finding.rule.code)).or_default() += 1;
            }
        }
        let mut reported = BTreeSet::new();
        let mut texts = BTreeSet::new();
        self.findings.retain_mut(|finding| {
            let Some(place) = &finding.place else { return true };
            let key = (place.span, finding.rule.code);
            match seen.get(&key) {
                Some(count) if *count > FEW => {
                    let first = reported.insert(key);
                    if first {
                        finding.message += &format!(" (and {} more at this place)", count - 1);
                    }
                    first
                }
                _ => texts.insert((key, finding.message.clone())),
            }
        });
    }

    /// The findings, sorted by place and then by code. They thus have the order of the lines in the input.
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.findings.iter().collect();
        findings.sort_by(|a, b| key(a).cmp(&key(b)));
        findings
    }

    /// Moves the warnings with a code to the allowed warnings, and returns the number of moved warnings. Errors
    /// with this code stay findings. With `within`, only warnings whose place is in one of these spans are moved.
    pub fn allow(&mut self, code: &str, within: Option<&[Span]>, reason: &str) -> usize {
        let is_within = |one: &Finding| match (within, &one.place) {
            (None, _) => true,
            (Some(spans), Some(place)) => spans.iter().any(|span| span.contains(place.span)),
            (Some(_), None) => false,
        };
        let warning = |one: &mut Finding| {
            one.rule.code == code && one.rule.severity == Severity::Warning && is_within(one)
        };
        let taken = self.findings.extract_if(.., warning);
        let before = self.allowed.len();
        self.allowed.extend(taken.map(|finding| Allowed { finding, reason: reason.to_owned() }));
        self.allowed.len() - before
    }

    /// The allowed warnings, sorted by place.
    pub fn allowed(&self) -> Vec<&Allowed> {
        let mut allowed: Vec<&Allowed> = self.allowed.iter().collect();
        allowed.sort_by(|a, b| key(&a.finding).cmp(&key(&b.finding)));
        allowed
    }

    /// The number of findings with a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.rule.severity == severity).count()
    }

    /// Whether the report has a finding of a rule.
    pub fn has(&self, rule: &Rule) -> bool {
        self.findings.iter().any(|finding| finding.rule.code == rule.code)
    }

    /// Whether the report has an error. If it has one, lvsgen must not render anything.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// The number of findings.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether the report has no findings. Allowed warnings do not count.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}

fn key(finding: &Finding) -> (Option<Span>, &str, &str) {
    (finding.place.as_ref().map(|place| place.span), finding.rule.code, &finding.message)
}

/// Returns the known name that is most similar to `written`. If no name is similar enough, returns `None`.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names of very different lengths are never similar. This cheap test comes first, so lvsgen never compares
    // a text of a megabyte letter by letter.
    let similar =
        |word: &&str| word.len().abs_diff(written.len()) * 3 <= word.len().max(written.len());
    let scored = known
        .into_iter()
        .filter(similar)
        .map(|word| (strsim::damerau_levenshtein(written, word), word));
    // If at most a third of the letters differ, the user probably made a typing mistake. Otherwise the user
    // meant another name.
    let near = scored.filter(|(distance, word)| distance * 3 <= word.len().max(written.len()));
    near.min().map(|(_, word)| word)
}

/// Returns ``did you mean `name`?`` if a known name is similar to `written`.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(written, known).map(|word| format!("did you mean `{word}`?"))
}

/// Writes names as a list for people: `` `a`, `b` ``.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Quotes the user's text for a message. The quote contains at most 60 characters of the text. Control characters
/// are escaped, because a terminal could execute them.
pub fn cite(written: &str) -> String {
    let short: String = written.chars().take(60).collect();
    let more = if short.len() < written.len() { "…" } else { "" };
    format!("`{}{more}`", short.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("wieght", ["weight", "name"]), Some("weight"));
        assert_eq!(nearest("adress", ["address", "name"]), Some("address"));
        assert_eq!(nearest("colour", ["address", "name"]), None);
    }
}
