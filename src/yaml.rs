//! Reads and writes YAML. No other module depends on the YAML library.
//!
//! For files that people write by hand, this module takes a [`Source`] and gives a tree of [`Node`]s. Each node
//! has its place in the source. For profiles, this module takes a text and gives a value of a serde type.

mod slips;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as ParserSpan};

use crate::diagnostic::{Finding, Rule, Severity};
use crate::source::{File, Source, Span};

pub(crate) use slips::lookalike;

/// The text is not YAML, or it uses a part of YAML that lvsgen does not accept.
pub static SYNTAX: Rule = Rule {
    code: "yaml-syntax",
    severity: Severity::Error,
    doc: include_str!("yaml/yaml-syntax.md"),
};

/// The largest total weight of the copies that anchors and aliases make (see [`Node::weight`]). Without this limit,
/// a few lines with aliases of aliases would fill the memory. The limit is enough for a model that a person writes.
const ALIAS_BUDGET: usize = 4 << 20;

/// A value of a YAML text, with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place of the value.
    pub span: Span,
    /// Its contents.
    pub content: Content,
}

/// The contents of a [`Node`].
#[derive(Clone, Debug)]
pub enum Content {
    /// A text or a number.
    Scalar {
        /// The text. The parser has already replaced YAML's escapes.
        text: String,
        /// Whether the value is written in quotes or as a block. Such a value is always a text, not a number.
        quoted: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the written order. If a key appears twice, both entries are present.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The place for a message about the whole value. For a mapping, this is the place of the first key.
    pub fn anchor(&self) -> Span {
        match &self.content {
            Content::Mapping(entries) => entries.first().map_or(self.span, |(key, _)| key.span),
            _ => self.span,
        }
    }

    /// The entries of a mapping whose keys are single values: the key, its text, and the value. Any other value has none.
    pub fn entries(&self) -> impl Iterator<Item = (&Self, &str, &Self)> {
        let entries = match &self.content {
            Content::Mapping(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter_map(|(key, value)| Some((key, key.text()?, value)))
    }

    /// The entries of a list. Any other value has none.
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a single value.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether the value is YAML's null.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, quoted: false }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The kind of the value, as messages name it.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            _ if self.is_null() => "nothing",
            Content::Scalar { quoted: true, .. } => "a quoted text",
            Content::Scalar { .. } => "a single value",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    /// The weight of a copy of the value: the number of its values plus the number of bytes in its texts.
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

/// Reads a text that contains exactly one document.
///
/// # Errors
/// One [`SYNTAX`] finding about the first mistake: text that is not YAML, a second document, a tag, an alias inside
/// its own anchor, or too many aliases. An empty text is also an error.
pub fn parse(source: &Source) -> Result<Node, Finding> {
    parse_file(source.main())?.ok_or_else(|| {
        Finding::at(&SYNTAX, Span::default(), "the model is empty")
            .help("`lvsgen init` writes a model to start from")
    })
}

/// Reads a text that contains at most one document. An empty text gives `None`.
///
/// # Errors
/// The errors of [`parse`], except the error for an empty text.
pub fn parse_file(file: &File) -> Result<Option<Node>, Finding> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(file.text()) {
        let (event, span) = event.map_err(|error| scan_error(&error, file))?;
        tree.take(event, range(&span, file))?;
    }
    Ok(tree.root)
}

/// The tree of values. It grows while the parser reads the text.
#[derive(Default)]
struct Tree {
    root: Option<Node>,
    /// The lists and mappings whose end the parser has not reached, each with its anchor (0: no anchor). In a
    /// mapping, the parser sends a key, then its value, then the next key.
    open: Vec<(Node, usize)>,
    /// The values with an anchor: the anchor, the value and its weight. An alias inserts a copy of such a value.
    anchors: Vec<(usize, Node, usize)>,
    /// The weight of all copies made for anchors and aliases.
    copied: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Finding> {
        match event {
            // A second document is usually a second cluster. Without this error, lvsgen would ignore one
            // of the two clusters silently.
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(Finding::at(&SYNTAX, span, "a second document begins here")
                    .help("a model is one document: write each cluster to its own file"));
            }
            // A tag can change the type of a value. A person who reads the model does not expect that.
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                return Err(Finding::at(&SYNTAX, span, "a model cannot contain YAML tags")
                    .help("remove the word that begins with `!`"));
            }
            Event::Scalar(text, style, anchor, None) => {
                // A quoted `80` is a text, and a plain `80` is a number (YAML 1.2, core schema).
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
                // If several anchors have the same name, an alias uses the last anchor (YAML 1.2, 3.2.2.2).
                let found = self.anchors.iter().rev().find(|(anchor, ..)| *anchor == id);
                let Some((_, node, weight)) = found else {
                    return Err(Finding::at(&SYNTAX, span, "this alias is inside its own anchor"));
                };
                let (node, weight) = (node.clone(), *weight);
                // With aliases of aliases, the tree can grow without limit. The budget therefore counts the
                // copy for each alias.
                self.spend(weight, span)?;
                self.close(node, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds the weight of a copy to the total, and compares the total with [`ALIAS_BUDGET`].
    fn spend(&mut self, weight: usize, span: Span) -> Result<(), Finding> {
        self.copied += weight;
        if self.copied <= ALIAS_BUDGET {
            return Ok(());
        }
        Err(Finding::at(&SYNTAX, span, "the aliases make the text too large")
            .help("write the values without aliases, or use fewer aliases of aliases"))
    }

    /// Adds a complete value to the list or mapping that contains it, or makes it the root.
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

/// A placeholder for the value of a key, until the parser sends the value. The span of the placeholder ends before
/// it starts, so no value of a text can be equal to the placeholder.
fn pending() -> Node {
    let content = Content::Scalar { text: String::new(), quoted: false };
    Node { span: Span { start: usize::MAX, end: 0 }, content }
}

fn is_pending(node: &Node) -> bool {
    node.span.start == usize::MAX
}

/// The reason why a position always has a byte offset: the input of the parser is a text, not a stream.
const OFFSETS: &str = "the parser knows the bytes of a text";

fn scan_error(error: &ScanError, file: &File) -> Finding {
    let start = error.marker().byte_offset().expect(OFFSETS).min(file.text().len());
    let stop = (0..=start).rev().find(|at| file.text().is_char_boundary(*at)).unwrap_or(0);
    if let Some(slip) = slips::find(file.text(), stop) {
        let begin = file.start() + slip.at.0;
        let kind = slip
            .what
            .map_or_else(|| error.kind().to_string(), |what| format!("{what} stands here"));
        let span = Span { start: begin, end: begin + slip.at.1 };
        return Finding::at(&SYNTAX, span, format!("this is not YAML: {kind}")).help(slip.help);
    }
    let message = format!("this is not YAML: {}", error.kind());
    // The parser names the begin of the value that the tab interrupts.
    let tab = file.text()[stop..].find('\t').filter(|_| message.contains("tab"));
    let start = tab.map_or(start, |at| stop + at);
    let next = file.text().get(start..).and_then(|rest| rest.chars().next());
    let start = start + file.start();
    let end = start + next.map_or(0, char::len_utf8);
    let help = match message.contains("tab") {
        true => "indent with spaces",
        false if message.contains("unknown anchor") => {
            "an anchor (`&name`) must stand before its alias (`*name`)"
        }
        false => "close every bracket and every quote, and check the indentation of the lines",
    };
    Finding::at(&SYNTAX, Span { start, end }, message).help(help)
}

fn range(span: &ParserSpan, file: &File) -> Span {
    let bytes = file.text().len();
    let start = span.start.byte_offset().expect(OFFSETS).min(bytes);
    let end = span.end.byte_offset().expect(OFFSETS).clamp(start, bytes);
    Span { start: file.start() + start, end: file.start() + end }
}

/// Reads a text in a format that lvsgen defines with a serde type, such as a profile.
///
/// # Errors
/// The message of the YAML library, with line and column.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Writes a value as YAML. If PyYAML reads this text, the result is the same value. cloud-init and Ansible use
/// PyYAML, and so do users of netplan.
///
/// # Errors
/// If YAML cannot represent the type, the message of the YAML library.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, String> {
    // Do not fold texts, because folded texts would have trailing blanks. Indent lists, because yamllint
    // requires this.
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
        assert_eq!(refused(&text), "the aliases make the text too large");
    }

    #[test]
    fn what_a_model_does_not_take() {
        assert_eq!(refused(""), "the model is empty");
        assert_eq!(refused("a: 1\n---\nb: 2\n"), "a second document begins here");
        assert_eq!(refused("a: !env HOME\n"), "a model cannot contain YAML tags");
        assert!(refused(&"[".repeat(100_000)).starts_with("this is not YAML"));
        assert!(refused("a: *a\n").starts_with("this is not YAML"));
        assert_eq!(refused("a: &a [*a]\n"), "this alias is inside its own anchor");
    }
}
