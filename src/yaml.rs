//! YAML in and out: the only module that knows which library reads and writes it.
//!
//! Takes a [`Source`] and gives a tree of [`Node`]s, each with its place, for what people write by
//! hand; or takes text and gives a serde type, for lvsgen's own files.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as ParserSpan};

use crate::diagnostic::{Finding, Rule, Severity};
use crate::source::{File, Source, Span};

/// The text is not YAML, or uses what lvsgen does not take.
pub static SYNTAX: Rule = Rule {
    code: "yaml-syntax",
    severity: Severity::Error,
    doc: include_str!("yaml/yaml-syntax.md"),
};

/// The bytes and values that all aliases of a text may add to it: a model is written by hand, and
/// a few lines of aliases of aliases would otherwise fill the memory.
const ALIAS_BUDGET: usize = 4 << 20;

/// A value of a YAML text, with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// Its contents.
    pub content: Content,
}

/// The contents of a [`Node`].
#[derive(Clone, Debug)]
pub enum Content {
    /// A text or a number; `quoted` says whether it is written in quotes or as a block.
    Scalar {
        /// The text, after YAML's escapes.
        text: String,
        /// Whether it stood in quotes or as a block, so that it is a text and nothing else.
        quoted: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order written, duplicates included.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The place that a message about the whole value points at: a mapping's first key.
    pub fn anchor(&self) -> Span {
        match &self.content {
            Content::Mapping(entries) => entries.first().map_or(self.span, |(key, _)| key.span),
            _ => self.span,
        }
    }

    /// Whether it is YAML's way of saying nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, quoted: false }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Its kind, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            _ if self.is_null() => "nothing",
            Content::Scalar { quoted: true, .. } => "a quoted text",
            Content::Scalar { .. } => "a single value",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    /// Its weight in the alias budget: every value, and every byte of text.
    fn weight(&self) -> usize {
        match &self.content {
            Content::Scalar { text, .. } => 1 + text.len(),
            Content::Sequence(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Content::Mapping(entries) => {
                1 + entries.iter().map(|(key, value)| key.weight() + value.weight()).sum::<usize>()
            }
        }
    }
}

/// Reads a text that holds one document.
///
/// # Errors
/// One [`SYNTAX`] finding at the first place that is not YAML, that uses a tag, or whose aliases
/// would grow past a budget.
pub fn parse(source: &Source) -> Result<Node, Finding> {
    parse_file(source.main())?.ok_or_else(|| {
        Finding::at(&SYNTAX, Span::default(), "the model is empty")
            .help("`lvsgen init` writes one to start from")
    })
}

/// Reads one text, which may be empty.
///
/// # Errors
/// As [`parse`].
pub fn parse_file(file: &File) -> Result<Option<Node>, Finding> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(file.text()) {
        let (event, span) = event.map_err(|error| scan_error(&error, file))?;
        tree.take(event, range(&span, file))?;
    }
    Ok(tree.root)
}

/// The values that are being read.
#[derive(Default)]
struct Tree {
    root: Option<Node>,
    /// Lists and mappings that are still open, with their anchors; a mapping's keys and values
    /// stand in turn.
    open: Vec<(Node, usize)>,
    /// The values that aliases may name, with their weights.
    anchors: Vec<(usize, Node, usize)>,
    /// The weight of all copies made for anchors and aliases.
    copied: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Finding> {
        match event {
            // A second `---` is most often a second cluster in the file, which would be ignored
            // without a message.
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(Finding::at(&SYNTAX, span, "a second document begins here")
                    .help("a model is one document; write each cluster to a file of its own"));
            }
            // A tag can make another type of a value, which no reader of the model expects.
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                return Err(Finding::at(&SYNTAX, span, "a model has no YAML tags")
                    .help("remove the word that begins with `!`"));
            }
            Event::Scalar(text, style, anchor, None) => {
                // A quoted `80` is a text, and a plain `80` a number (YAML 1.2, core schema).
                let quoted = style != ScalarStyle::Plain;
                let content = Content::Scalar { text: text.into_owned(), quoted };
                self.close(Node { span, content }, anchor)?;
            }
            Event::SequenceStart(_, anchor, None) => {
                self.open.push((Node { span, content: Content::Sequence(Vec::new()) }, anchor));
            }
            Event::MappingStart(_, anchor, None) => {
                self.open.push((Node { span, content: Content::Mapping(Vec::new()) }, anchor));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((mut node, anchor)) = self.open.pop() {
                    node.span.end = span.end.max(node.span.start);
                    self.close(node, anchor)?;
                }
            }
            Event::Alias(id) => {
                // The last anchor of a name counts, as in YAML 1.2, 3.2.2.2.
                let found = self.anchors.iter().rev().find(|(anchor, ..)| *anchor == id);
                let Some((_, node, weight)) = found else {
                    return Err(Finding::at(&SYNTAX, span, "this alias stands inside its anchor"));
                };
                let (node, weight) = (node.clone(), *weight);
                // Aliases of aliases grow without bound: each use is counted before it is copied.
                self.spend(weight, span)?;
                self.close(node, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes from the budget what a copy of a value costs.
    fn spend(&mut self, weight: usize, span: Span) -> Result<(), Finding> {
        self.copied += weight;
        if self.copied <= ALIAS_BUDGET {
            return Ok(());
        }
        Err(Finding::at(&SYNTAX, span, "the aliases grow past all measure")
            .help("write the values out, or use fewer aliases of aliases"))
    }

    /// Puts a complete value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Finding> {
        if anchor != 0 {
            let weight = node.weight();
            self.spend(weight, node.span)?;
            self.anchors.push((anchor, node.clone(), weight));
        }
        match self.open.last_mut().map(|(parent, _)| &mut parent.content) {
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping(entries)) => match entries.last_mut() {
                Some((_, value)) if is_pending(value) => *value = node,
                _ => entries.push((node, pending())),
            },
            _ => self.root = Some(node),
        }
        Ok(())
    }
}

/// Stands where a key's value will be; no text can make one, since its span ends before it starts.
fn pending() -> Node {
    let content = Content::Scalar { text: String::new(), quoted: false };
    Node { span: Span { start: usize::MAX, end: 0 }, content }
}

fn is_pending(node: &Node) -> bool {
    node.span.start == usize::MAX
}

/// The parser counts bytes where its input is a text, and not a reader.
const OFFSETS: &str = "the parser knows the bytes of a text";

fn scan_error(error: &ScanError, file: &File) -> Finding {
    let start = error.marker().byte_offset().expect(OFFSETS).min(file.text().len());
    let next = file.text().get(start..).and_then(|rest| rest.chars().next());
    let start = start + file.start();
    let end = start + next.map_or(0, char::len_utf8);
    let message = format!("this is not YAML: {}", error.kind());
    let help = match message.contains("tab") {
        true => "indent with spaces",
        false => {
            "look for a bracket or quote that is not closed, and at how the lines are indented"
        }
    };
    Finding::at(&SYNTAX, Span { start, end }, message).help(help)
}

fn range(span: &ParserSpan, file: &File) -> Span {
    let bytes = file.text().len();
    let start = span.start.byte_offset().expect(OFFSETS).min(bytes);
    let end = span.end.byte_offset().expect(OFFSETS).clamp(start, bytes);
    Span { start: file.start() + start, end: file.start() + end }
}

/// Reads one of lvsgen's own formats (a profile) into its type.
///
/// # Errors
/// The library's sentence, with line and column.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Writes a value as YAML that PyYAML (cloud-init, Ansible, netplan's users) reads back unchanged.
///
/// # Errors
/// The library's sentence, for a type that YAML cannot hold.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, String> {
    // Folded texts would carry trailing blanks, and yamllint wants lists indented.
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 100_000,
        min_fold_chars: 100_000,
    };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .map_err(|error| error.to_string())?;
    Ok(text)
}

/// Gives the lines of a list as they stand below a key of a document; nothing for an empty list.
///
/// # Errors
/// As [`to_string`].
pub fn items<T: Serialize>(items: &[T]) -> Result<String, String> {
    if items.is_empty() {
        return Ok(String::new());
    }
    let text = to_string(&std::collections::BTreeMap::from([("items", items)]))?;
    Ok(text.strip_prefix("items:\n").expect("the only key comes first").to_owned())
}

/// Joins the lines of parts of a list to the list of a key.
pub fn list<'a>(key: &str, parts: impl Iterator<Item = &'a str>) -> String {
    let lines: String = parts.collect();
    if lines.is_empty() { format!("{key}: []\n") } else { format!("{key}:\n{lines}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let source = Source::new("model", text);
        parse(&source).expect_err("refused").message
    }

    #[test]
    fn values_know_their_places() {
        let source = Source::new("model", "节: [a, 'b']\nc: {d: e}\n");
        let root = parse(&source).unwrap();
        let Content::Mapping(entries) = &root.content else { unreachable!() };
        let text = |span: Span| source.main().slice(span);
        assert_eq!(text(entries[0].0.span), "节");
        let Content::Sequence(items) = &entries[0].1.content else { unreachable!() };
        assert_eq!(text(items[1].span), "'b'");
        assert_eq!(text(entries[1].1.span), "{d: e}");
        assert_eq!(text(entries[1].1.anchor()), "d");
    }

    #[test]
    fn an_empty_value_is_not_mistaken_for_a_missing_one() {
        let source = Source::new("model", "a:\nb: 1\n");
        let Content::Mapping(entries) = parse(&source).unwrap().content else { unreachable!() };
        assert_eq!(entries.len(), 2);
        assert!(entries[0].1.is_null());
    }

    #[test]
    fn aliases_of_aliases_are_bounded() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{below}]\n");
        }
        assert_eq!(refused(&text), "the aliases grow past all measure");
    }

    #[test]
    fn what_a_model_does_not_take() {
        assert_eq!(refused(""), "the model is empty");
        assert_eq!(refused("a: 1\n---\nb: 2\n"), "a second document begins here");
        assert_eq!(refused("a: !env HOME\n"), "a model has no YAML tags");
        assert!(refused(&"[".repeat(100_000)).starts_with("this is not YAML"));
        assert!(refused("a: *a\n").starts_with("this is not YAML"));
        assert_eq!(refused("a: &a [*a]\n"), "this alias stands inside its anchor");
    }
}
