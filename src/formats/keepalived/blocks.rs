//! The statements and blocks of keepalived.conf(5), with their places.
//!
//! Takes the tokens of lines; gives [`Block`]s. The rules come from `lib/parser.c` of keepalived 2.2 and 2.3: a line is a statement, and
//! `{` belongs to the statement before it, also on the next line.

use super::pieces::Token;
use crate::facts::{Reading, RestKind, Span};

/// A statement, perhaps with a block.
#[derive(Debug)]
pub(super) struct Block {
    /// The tokens of the statement; never empty.
    pub(super) tokens: Vec<Token>,
    /// The braces of the block. A statement without a block has none.
    pub(super) braces: Vec<Span>,
    /// The statements in the block.
    pub(super) inside: Vec<Self>,
}

impl Block {
    /// A statement of one token.
    fn of(token: Token) -> Self {
        Self { tokens: vec![token], braces: Vec::new(), inside: Vec::new() }
    }

    /// The first token.
    pub(super) fn keyword(&self) -> &str {
        self.tokens.first().map_or("", |token| &token.text)
    }

    /// The tokens after the first token.
    pub(super) fn arguments(&self) -> Vec<&str> {
        self.tokens.iter().skip(1).map(|token| token.text.as_str()).collect()
    }

    /// Whether the statement has no block.
    pub(super) fn is_line(&self) -> bool {
        self.braces.is_empty()
    }

    /// The bytes of the statement.
    pub(super) fn span(&self) -> Span {
        let first = self.tokens.first().map_or(0..0, |token| token.span.clone());
        let last = self.tokens.last().map_or(first.end, |token| token.span.end);
        first.start..last.max(first.end)
    }

    /// The bytes of the statement and of its braces, without the statements inside.
    pub(super) fn spans(&self) -> Vec<Span> {
        let mut spans = vec![self.span()];
        spans.extend(self.braces.iter().cloned());
        spans
    }

    /// Moves the statement and everything inside to the rest.
    pub(super) fn leave(&self, kind: RestKind, reason: &str, reading: &mut Reading) {
        self.leave_one(kind, reason, true, reading);
        // A file that a person writes has few levels, but a damaged file may have many: no recursion.
        let mut waiting: Vec<&Self> = self.inside.iter().collect();
        while let Some(block) = waiting.pop() {
            block.leave_one(kind, reason, false, reading);
            waiting.extend(&block.inside);
        }
    }

    /// Moves the statement and its braces to the rest. `first`: the statement is that of the report.
    fn leave_one(&self, kind: RestKind, reason: &str, first: bool, reading: &mut Reading) {
        let definition = self.tokens.iter().find_map(|token| token.definition.clone());
        for (at, span) in self.spans().into_iter().enumerate() {
            match first && at == 0 {
                true => reading.leave(kind, span, reason),
                false => reading.leave_inside(kind, span, reason),
            }
            reading.rest.last_mut().expect("an entry was added").definition.clone_from(&definition);
        }
    }
}

/// The number of levels that keepalived.conf(5) needs is below this number.
const DEEPEST: usize = 32;

/// Builds the statements and blocks of the lines. Faults go to the reading.
pub(super) fn blocks(lines: Vec<Vec<Token>>, reading: &mut Reading) -> Vec<Block> {
    // The open blocks, each with the statements before it on its level.
    let mut open: Vec<(Block, Vec<Block>)> = Vec::new();
    let mut list: Vec<Block> = Vec::new();
    for line in lines {
        let mut continues = false;
        for token in line {
            let is_brace = token.is_brace;
            match (is_brace, token.text.as_str()) {
                (true, "{") => match list.pop() {
                    Some(mut block) if block.braces.is_empty() && open.len() < DEEPEST => {
                        block.braces.push(token.span);
                        open.push((block, std::mem::take(&mut list)));
                    }
                    block => {
                        list.extend(block);
                        let reason = "the brace opens no block that keepalived knows";
                        reading.leave(RestKind::Refused, token.span, reason);
                    }
                },
                (true, _) => match open.pop() {
                    Some((mut block, outer)) => {
                        block.braces.push(token.span);
                        block.inside = std::mem::replace(&mut list, outer);
                        list.push(block);
                    }
                    None => {
                        let reason = "the brace closes no block";
                        reading.leave(RestKind::Refused, token.span, reason);
                    }
                },
                _ if continues => list.last_mut().expect("a token came before").tokens.push(token),
                _ => list.push(Block::of(token)),
            }
            continues = !is_brace;
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
    without_faults(list, reading)
}

/// Leaves the statements that keepalived cannot read, with everything inside.
fn without_faults(list: Vec<Block>, reading: &mut Reading) -> Vec<Block> {
    let mut good = Vec::new();
    for mut block in list {
        let fault = block.tokens.iter().find_map(|token| token.fault.clone());
        if let Some((kind, reason)) = fault {
            block.leave(kind, &reason, reading);
            continue;
        }
        // The levels are fewer than `DEEPEST`.
        block.inside = without_faults(block.inside, reading);
        good.push(block);
    }
    good
}
