//! Converts YAML nodes to the model's types, and reports every mistake, not only the first one.
//!
//! Takes [`Node`]s; gives values of types that implement [`Decode`]. For each wrong key and each wrong value,
//! this module adds a finding to the [`Report`]. It does not use Serde: Serde would stop at the first mistake,
//! and would lose the places inside short forms ("one value or a list", "a name or a mapping").

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::schema_part::one_or_many;
use super::{shape, slips};
use crate::diagnostic::{Finding, Report, cite, nearest, quoted};
use crate::source::{Located, Span};
use crate::yaml::{Content, Node};

/// A type that can be read from a YAML node.
pub(super) trait Decode: Sized {
    /// Reads the node. If the node is wrong, this function adds a finding and gives `None`.
    fn decode(node: &Node, report: &mut Report) -> Option<Self>;
}

impl<T: Decode> Decode for Located<T> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        T::decode(node, report).map(|value| Self::new(value, node.anchor()))
    }
}

/// A list.
impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Sequence(items) => all(items.iter(), report),
            _ => {
                let message = format!("this is {}, but a list is needed here", node.kind());
                let help = "write `[…]` around it, or `- ` before each entry";
                report.add(Finding::at(&shape::WRONG_TYPE, node.anchor(), message).help(help));
                None
            }
        }
    }
}

/// One value or a list of values. Both forms give a list.
#[derive(Clone, Debug)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<T: Decode> Decode for OneOrMany<T> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Sequence(items) if items.is_empty() => empty_list(node, report),
            Content::Sequence(items) => all(items.iter(), report).map(Self),
            _ => T::decode(node, report).map(|one| Self(vec![one])),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}OneOrMany", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        one_or_many::<T>(generator, usize::MAX)
    }
}

/// Reads every node and reports every mistake. Gives all values, or `None` if at least one node is wrong.
fn all<'a, T: Decode>(
    nodes: impl Iterator<Item = &'a Node>,
    report: &mut Report,
) -> Option<Vec<T>> {
    let values: Vec<Option<T>> = nodes.map(|node| T::decode(node, report)).collect();
    values.into_iter().collect()
}

/// Implements [`Decode`] for enums of keywords. A model can then contain these keywords as values.
macro_rules! decode_keywords {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::model::decode::Decode for $type {
            fn decode(
                node: &$crate::yaml::Node,
                report: &mut $crate::diagnostic::Report,
            ) -> Option<Self> {
                $crate::model::decode::word(node, Self::NOUN, Self::new, report)
            }
        })+
    };
}

pub(super) use decode_keywords;

decode_keywords!(
    crate::ipvs::Forwarding,
    crate::ipvs::Protocol,
    crate::ipvs::Scheduler,
    crate::ipvs::SchedulerFlag,
);

impl Decode for bool {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        match scalar(node, "true or false", report)? {
            ("true", false) => Some(true),
            ("false", false) => Some(false),
            (written, _) => {
                let message = format!("{} is neither true nor false", cite(written));
                let help = "write `true` or `false`, without quotes";
                report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
                None
            }
        }
    }
}

/// Reads a whole number from `low` to `high`. It must be written in decimal and without quotes.
pub(super) fn number(
    node: &Node,
    what: &str,
    low: u64,
    high: u64,
    report: &mut Report,
) -> Option<u64> {
    let (written, quoted) = scalar(node, what, report)?;
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    // Some YAML readers read `080` as an octal number, and others read it as a decimal number.
    let plain = digits && !quoted && (written == "0" || !written.starts_with('0'));
    let value = written.parse::<u64>().ok().filter(|value| plain && (low..=high).contains(value));
    if value.is_none() {
        let message = format!("{} is not {what}", cite(written));
        let bare = written.trim_start_matches('0');
        let zero =
            digits && !quoted && bare.parse().is_ok_and(|value| (low..=high).contains(&value));
        let help = match zero {
            true => format!("write `{bare}`: YAML readers differ about a leading zero"),
            false => format!("write a decimal number from {low} to {high}, without quotes"),
        };
        report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
    }
    value
}

/// Reads a single value that is not empty. `read` converts the text. If `read` fails, its error becomes the help
/// of the finding.
pub(super) fn word<T>(
    node: &Node,
    what: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
    report: &mut Report,
) -> Option<T> {
    let (written, _) = scalar(node, what, report)?;
    if written.is_empty() {
        let message = format!("this is empty, but {what} is needed here");
        report.add(Finding::at(&shape::BAD_VALUE, node.span, message));
        return None;
    }
    match read(written) {
        Ok(value) => Some(value),
        Err(why) => {
            let message = format!("{} is not {what}", cite(written));
            let help = slips::value(what, written).unwrap_or(why);
            report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
            None
        }
    }
}

fn scalar<'a>(node: &'a Node, what: &str, report: &mut Report) -> Option<(&'a str, bool)> {
    match &node.content {
        Content::Scalar { text, quoted } if !node.is_null() => Some((text, *quoted)),
        _ => wrong_type(node, what, report),
    }
}

/// Reports that a list is empty but needs at least one entry.
pub(super) fn empty_list<T>(node: &Node, report: &mut Report) -> Option<T> {
    let message = "this list is empty";
    report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help("write at least one entry"));
    None
}

/// Reports that a node is not a single value.
fn wrong_type<T>(node: &Node, wanted: &str, report: &mut Report) -> Option<T> {
    let message = format!("this is {}, but {wanted} is needed here", node.kind());
    let help = if node.is_null() {
        "write a value, or remove the entry"
    } else {
        "write one value, without `-`, brackets and keys"
    };
    report.add(Finding::at(&shape::WRONG_TYPE, node.anchor(), message).help(help));
    None
}

/// The keys of a mapping. The reader of a type takes its keys out one by one.
pub(super) struct Fields<'a> {
    what: &'static str,
    anchor: Span,
    entries: Vec<(&'a Node, &'a str, &'a Node)>,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
    failed: bool,
}

impl<'a> Fields<'a> {
    /// Starts to read a mapping. Messages use `what` as the name of the mapping ("a director").
    pub(super) fn of(node: &'a Node, what: &'static str, report: &mut Report) -> Option<Self> {
        let Content::Mapping(written) = &node.content else {
            let help = match &node.content {
                Content::Scalar { text, .. } => slips::mapping(what, text),
                _ => None,
            };
            let help = help.unwrap_or_else(|| "write its keys, each as `KEY: VALUE`".to_owned());
            let message = format!("this is {}, but {what} (a mapping) is needed here", node.kind());
            report.add(Finding::at(&shape::WRONG_TYPE, node.anchor(), message).help(help));
            return None;
        };
        let mut fields = Self {
            what,
            anchor: node.anchor(),
            entries: Vec::new(),
            known: Vec::new(),
            missing: Vec::new(),
            failed: false,
        };
        // The decoder continues after a mistake. One run thus reports all mistakes of the mapping.
        let mut first: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
        for (key, value) in written {
            let Content::Scalar { text, .. } = &key.content else {
                fields.failed = true;
                wrong_type::<()>(key, "a key", report);
                continue;
            };
            // If a key appears twice, some YAML readers use the first value, and others use the last. lvsgen
            // cannot know which value the user wants.
            if let Some(before) = first.get(text.as_str()) {
                fields.failed = true;
                let message = format!("the key {} stands here twice", cite(text));
                report.add(
                    Finding::at(&shape::DUPLICATE_KEY, key.span, message)
                        .label("written again here")
                        .related(*before, "first written here")
                        .help("keep one of them"),
                );
                continue;
            }
            first.insert(text, key.span);
            fields.entries.push((key, text, value));
        }
        Some(fields)
    }

    /// Whether the mapping has a key that was not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(_, name, _)| *name == key)
    }

    /// Takes a key that the user may omit.
    pub(super) fn optional<T: Decode>(
        &mut self,
        key: &'static str,
        report: &mut Report,
    ) -> Option<T> {
        self.optional_by(key, T::decode, report)
    }

    /// Takes a key that the user may omit. `read` reads its value.
    pub(super) fn optional_by<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node, &mut Report) -> Option<T>,
        report: &mut Report,
    ) -> Option<T> {
        self.known.push(key);
        let at = self.entries.iter().position(|(_, name, _)| *name == key)?;
        let (key_node, _, value) = self.entries.remove(at);
        let decoded = if value.is_null() {
            let message = format!("the key `{key}` has no value");
            let help = "write a value, or leave the key out";
            report.add(Finding::at(&shape::WRONG_TYPE, key_node.span, message).help(help));
            None
        } else {
            read(value, report)
        };
        self.failed |= decoded.is_none();
        decoded
    }

    /// Takes a key that the mapping must contain.
    pub(super) fn required<T: Decode>(
        &mut self,
        key: &'static str,
        report: &mut Report,
    ) -> Option<T> {
        if !self.has(key) {
            self.known.push(key);
            self.missing.push(key);
            return None;
        }
        self.optional(key, report)
    }

    /// Reports missing keys and unknown keys. If any part of the mapping is wrong, the result is `None`. Without
    /// this rule, an incomplete host could look like a complete host.
    pub(super) fn finish(mut self, report: &mut Report) -> Option<()> {
        self.known.sort_unstable();
        for (key, name, _) in &self.entries {
            self.failed = true;
            let message = format!("{} cannot have the key {}", self.what, cite(name));
            let known = self.known.iter().copied();
            let meant = slips::key(name, &self.known).or_else(|| nearest(name, known.clone()));
            // A misspelt key is one mistake. lvsgen does not also report the correct key as missing.
            self.missing.retain(|missing| Some(*missing) != meant);
            let help = slips::key_form(name, &self.known)
                .or_else(|| slips::misplaced(self.what, name))
                .or_else(|| meant.map(|meant| format!("did you mean `{meant}`?")))
                .unwrap_or_else(|| {
                    format!("remove {}; the keys of this mapping are {}", cite(name), quoted(known))
                });
            report.add(Finding::at(&shape::UNKNOWN_KEY, key.span, message).help(help));
        }
        for key in &self.missing {
            let message = format!("{} has no `{key}`", self.what);
            let help = format!("add the key `{key}`");
            report.add(Finding::at(&shape::MISSING_KEY, self.anchor, message).help(help));
        }
        (!self.failed && self.missing.is_empty()).then_some(())
    }

    /// Takes all remaining keys. Some mappings need this, because the user chooses their keys.
    pub(super) fn rest(&mut self) -> Vec<(&'a Node, &'a str, &'a Node)> {
        std::mem::take(&mut self.entries)
    }

    /// Marks the mapping as wrong. The caller uses this after a mistake that only the caller can find.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }
}
