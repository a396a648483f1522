//! The statements and blocks of keepalived.conf(5), with their places.
//!
//! Takes a text; gives [`Block`]s. The rules come from `lib/parser.c` of keepalived 2.2 and 2.3: `#` and `!` begin a
//! comment outside of quotes, a line is a statement, and `{` belongs to the statement before it, also on the next line.

use crate::facts::{Reading, RestKind, Span};
use crate::formats::lines::{Line, lines};

/// A statement, perhaps with a block.
pub(super) struct Block<'a> {
    /// The tokens of the statement; never empty.
    pub(super) tokens: Vec<Line<'a>>,
    /// The braces of the block. A statement without a block has none.
    pub(super) braces: Vec<Span>,
    /// The statements in the block.
    pub(super) inside: Vec<Self>,
}

impl<'a> Block<'a> {
    /// A statement of one token.
    fn of(token: Line<'a>) -> Self {
        Self { tokens: vec![token], braces: Vec::new(), inside: Vec::new() }
    }

    /// The first token.
    pub(super) fn keyword(&self) -> &'a str {
        self.tokens.first().map_or("", |token| token.text)
    }

    /// The tokens after the first token, without quotes.
    pub(super) fn arguments(&self) -> Vec<&'a str> {
        self.tokens.iter().skip(1).map(|token| token.text.trim_matches('"')).collect()
    }

    /// Whether the statement has no block.
    pub(super) fn is_line(&self) -> bool {
        self.braces.is_empty()
    }

    /// The bytes of the statement.
    pub(super) fn span(&self) -> Span {
        let start = self.tokens.first().map_or(0, |token| token.start);
        start..self.tokens.last().map_or(start, |token| token.span().end)
    }

    /// The bytes of the statement and of its braces, without the statements inside.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut spans = vec![self.span()];
        spans.extend(self.braces.iter().cloned());
        spans
    }

    /// Moves the statement and everything inside to the rest.
    pub(super) fn leave(&self, kind: RestKind, reason: &str, reading: &mut Reading) {
        // A file that a person writes has few levels, but a damaged file may have many: no recursion.
        let mut waiting = vec![self];
        while let Some(block) = waiting.pop() {
            for (at, span) in block.spans().into_iter().enumerate() {
                match std::ptr::eq(block, self) && at == 0 {
                    true => reading.leave(kind, span, reason),
                    false => reading.leave_inside(kind, span, reason),
                }
            }
            waiting.extend(&block.inside);
        }
    }
}

/// The number of levels that keepalived.conf(5) needs is below this number.
const DEEPEST: usize = 32;

/// Splits a text into statements. Comments and faults go to the reading.
pub(super) fn blocks<'a>(text: &'a str, reading: &mut Reading) -> Vec<Block<'a>> {
    // The open blocks, each with the statements before it on its level.
    let mut open: Vec<(Block<'a>, Vec<Block<'a>>)> = Vec::new();
    let mut list: Vec<Block<'a>> = Vec::new();
    for line in lines(text) {
        let mut continues = false;
        for token in tokens(line, reading) {
            match token.text {
                "{" => match list.pop() {
                    Some(mut block) if block.braces.is_empty() && open.len() < DEEPEST => {
                        block.braces.push(token.span());
                        open.push((block, std::mem::take(&mut list)));
                    }
                    block => {
                        list.extend(block);
                        let reason = "the brace opens no block that keepalived knows";
                        reading.leave(RestKind::Refused, token.span(), reason);
                    }
                },
                "}" => match open.pop() {
                    Some((mut block, outer)) => {
                        block.braces.push(token.span());
                        block.inside = std::mem::replace(&mut list, outer);
                        list.push(block);
                    }
                    None => {
                        let reason = "the brace closes no block";
                        reading.leave(RestKind::Refused, token.span(), reason);
                    }
                },
                _ if continues => list.last_mut().expect("a token came before").tokens.push(token),
                _ => list.push(Block::of(token)),
            }
            continues = !matches!(token.text, "{" | "}");
        }
    }
    // keepalived reads a file only as a whole.
    while let Some((mut block, outer)) = open.pop() {
        block.inside = std::mem::replace(&mut list, outer);
        if open.is_empty() {
            block.leave(RestKind::Refused, "the block has no closing brace", reading);
        } else {
            list.push(block);
        }
    }
    list
}

/// The tokens of a line. A comment goes to the reading.
fn tokens<'a>(line: Line<'a>, reading: &mut Reading) -> Vec<Line<'a>> {
    let mut tokens = Vec::new();
    let (mut begin, mut quoted) = (None, false);
    for (at, c) in line.text.char_indices() {
        let token = |begin: usize| Line {
            text: &line.text[begin..at],
            start: line.start + begin,
            indented: false,
        };
        if !quoted && matches!(c, '#' | '!') {
            tokens.extend(begin.take().map(token));
            reading.comments.push(line.start + at..line.span().end);
            return tokens;
        }
        quoted ^= c == '"';
        if c.is_whitespace() && !quoted {
            tokens.extend(begin.take().map(token));
        } else {
            begin.get_or_insert(at);
        }
    }
    let last = |begin: usize| Line {
        text: &line.text[begin..],
        start: line.start + begin,
        indented: false,
    };
    tokens.extend(begin.map(last));
    tokens
}
