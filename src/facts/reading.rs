//! The content of a file, as its reader gives it: facts, comments and the rest, each with its bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Fact;

/// A range of bytes in a file's text.
pub type Span = Range<usize>;

/// A fact and its bytes. A token that several facts share belongs to the first of these facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactAt {
    /// The fact.
    pub fact: Fact,
    /// The bytes of the fact. The first span is the token that names the fact.
    pub spans: Vec<Span>,
}

/// The kind of a token that is not part of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestKind {
    /// The token is valid, and every host behaves the same without the token.
    Unused,
    /// The same, and its author expected an effect.
    NoEffect,
    /// The token is valid, and a host behaves differently without the token.
    Lost,
    /// The token is valid, and lvsgen cannot know its effect, as of a command of a shell.
    Unread,
    /// The token has an effect only under a condition, which lvsgen does not evaluate.
    Condition,
    /// The token is unknown in this format: the program ignores the token, or stops.
    Unknown,
    /// The program would fail at the token, or the configuration cannot work.
    Refused,
}

/// A token that is not part of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The token's bytes.
    pub span: Span,
    /// The token's kind.
    pub kind: RestKind,
    /// The reason, as a clause for people.
    pub reason: String,
    /// Whether the token is a part of the statement whose first token stands in the rest before it.
    pub inside: bool,
    /// The bytes of the definition, if the token has its text from a macro.
    pub definition: Option<Span>,
}

/// The content of a file: each token belongs to a fact, to a comment, or to the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The facts, in the order of the file.
    pub facts: Vec<FactAt>,
    /// The comments.
    pub comments: Vec<Span>,
    /// Everything else.
    pub rest: Vec<Rest>,
}

impl Reading {
    /// Adds a fact of one token.
    pub fn fact(&mut self, fact: Fact, span: Span) {
        self.facts.push(FactAt { fact, spans: vec![span] });
    }

    /// Adds a fact that shares the bytes of the fact before it.
    pub fn shared_fact(&mut self, fact: Fact) {
        self.facts.push(FactAt { fact, spans: Vec::new() });
    }

    /// Adds a fact of a file that configures one interface. The token that names the interface belongs to the
    /// first address of the file, so that no byte belongs to two facts.
    pub fn fact_on(&mut self, fact: Fact, mut spans: Vec<Span>, interface: &mut Vec<Span>) {
        if matches!(fact, Fact::Address { .. }) {
            spans.append(interface);
        }
        self.facts.push(FactAt { fact, spans });
    }

    /// Leaves the token that names the interface in the rest, if the token belongs to no address.
    pub fn leave_interface(&mut self, interface: Vec<Span>) {
        for span in interface {
            self.leave(RestKind::Unused, span, "the file sets no address");
        }
    }

    /// Adds a token to the rest: the token is not part of a fact.
    pub fn leave(&mut self, kind: RestKind, span: Span, reason: impl Into<String>) {
        let reason = reason.into();
        self.rest.push(Rest { span, kind, reason, inside: false, definition: None });
    }

    /// Adds a further token of a statement to the rest.
    pub fn leave_inside(&mut self, kind: RestKind, span: Span, reason: impl Into<String>) {
        let reason = reason.into();
        self.rest.push(Rest { span, kind, reason, inside: true, definition: None });
    }

    /// The tokens that the real program ignores, or at which the program fails.
    pub fn faults(&self) -> impl Iterator<Item = &Rest> {
        self.rest.iter().filter(|rest| matches!(rest.kind, RestKind::Unknown | RestKind::Refused))
    }

    /// Moves all bytes: the file is a part of a larger text, and begins at `start`.
    pub fn move_by(&mut self, start: usize) {
        let facts = self.facts.iter_mut().flat_map(|fact| &mut fact.spans);
        let rest = self
            .rest
            .iter_mut()
            .flat_map(|rest| std::iter::once(&mut rest.span).chain(&mut rest.definition));
        for span in facts.chain(rest).chain(&mut self.comments) {
            *span = start + span.start..start + span.end;
        }
    }

    /// Each fact with the place of the fact. Facts that share their bytes stand one after the other, and the first of them has the
    /// bytes.
    pub fn placed(&self) -> impl Iterator<Item = (&Fact, Span)> {
        let mut last = 0..0;
        self.facts.iter().map(move |one| {
            last = one.spans.first().cloned().unwrap_or(last.clone());
            (&one.fact, last.clone())
        })
    }

    /// Gives each byte to its first owner. A format with macros can read the same bytes more than once. A token of the rest that
    /// loses all its bytes keeps its place, unless it says nothing.
    pub fn own_once(&mut self) {
        let mut owned = BTreeMap::new();
        for span in &self.comments {
            take(&mut owned, span);
        }
        for fact in &mut self.facts {
            fact.spans.retain(|span| take(&mut owned, span));
        }
        self.rest.retain_mut(|rest| {
            if take(&mut owned, &rest.span) {
                return true;
            }
            rest.span.end = rest.span.start;
            !rest.inside && rest.kind != RestKind::Unused
        });
    }

    /// The position of a byte with no owner or with two owners, if there is such a byte. An owner is a fact, a
    /// comment or a token of the rest. Such a byte is a fault of a reader. Only blanks may have no owner.
    pub fn gap(&self, text: &str) -> Option<usize> {
        let mut owned = vec![false; text.len()];
        let facts = self.facts.iter().flat_map(|fact| &fact.spans);
        let rest = self.rest.iter().map(|rest| &rest.span);
        for span in facts.chain(&self.comments).chain(rest) {
            for byte in span.clone() {
                match owned.get_mut(byte) {
                    Some(owned) if !*owned => *owned = true,
                    _ => return Some(byte),
                }
            }
        }
        let mut chars = text.char_indices();
        chars.find(|(at, c)| !c.is_whitespace() && !owned[*at]).map(|(at, _)| at)
    }
}

/// Takes bytes. `false`: another owner has some of them. `owned` has the ends of the taken bytes, by their starts.
fn take(owned: &mut BTreeMap<usize, usize>, span: &Span) -> bool {
    let before = owned.range(..span.end).next_back();
    let free = span.is_empty() || before.is_none_or(|(_, end)| *end <= span.start);
    if free && !span.is_empty() {
        owned.insert(span.start, span.end);
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_and_an_overlap_are_found() {
        let mut reading = Reading::default();
        reading.comments.push(0..2);
        assert_eq!(reading.gap("ab \n"), None);
        assert_eq!(reading.gap("ab c\n"), Some(3));
        reading.leave(RestKind::Lost, 1..4, "x");
        assert_eq!(reading.gap("ab c\n"), Some(1));
    }
}
