//! A line of keepalived.conf(5), of which each part knows its bytes, also after a macro gave a part its text.

use crate::facts::{RestKind, Span};

/// A part of a line.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    text: String,
    /// The bytes from which the text comes.
    at: Span,
    /// Whether the text is the same as those bytes.
    literal: bool,
    /// The definition of the macro that gives the text.
    definition: Option<Span>,
    /// The reason why keepalived cannot read the part.
    fault: Option<Fault>,
}

/// The kind and the reason of a fault.
pub(super) type Fault = (RestKind, String);

/// The parts of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces(Vec<Piece>);

/// A token: a keyword, an argument or a brace.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// The text, without quotes.
    pub(super) text: String,
    /// The bytes of the token; for the text of a macro, the bytes that use the macro.
    pub(super) span: Span,
    /// Whether the token is a brace that opens or closes a block.
    pub(super) is_brace: bool,
    /// The definition of the macro that gives the text.
    pub(super) definition: Option<Span>,
    pub(super) fault: Option<Fault>,
}

impl Piece {
    fn span(&self, at: usize, length: usize) -> Span {
        let start = self.at.start + at;
        if self.literal { start..start + length } else { self.at.clone() }
    }

    /// The bytes from which the text comes.
    pub(super) fn at(&self) -> Span {
        self.at.clone()
    }

    /// The same bytes, with a text of a macro.
    pub(super) fn replaced(&self, text: &str, definition: Option<Span>) -> Self {
        let (text, at) = (text.to_owned(), self.at.clone());
        Self { text, at, literal: false, definition, fault: None }
    }

    /// The same text, which keepalived cannot read.
    pub(super) fn at_fault(&self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self.clone() }
    }

    fn split(&self, at: usize) -> (Self, Self) {
        let half = |text: &str, span| Self { text: text.to_owned(), at: span, ..self.clone() };
        let (left, right) = self.text.split_at(at);
        (half(left, self.span(0, at)), half(right, self.span(at, self.text.len() - at)))
    }
}

impl Pieces {
    /// The bytes of a file.
    pub(super) fn literal(text: &str, start: usize) -> Self {
        let at = start..start + text.len();
        let text = text.to_owned();
        Self(vec![Piece { text, at, literal: true, definition: None, fault: None }])
    }

    /// One part.
    pub(super) fn one(piece: Piece) -> Self {
        Self(vec![piece])
    }

    /// The text of the whole line.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// The bytes of all parts.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.0.iter().filter(|piece| !piece.text.is_empty()).map(|piece| piece.at.clone())
    }

    /// Cuts off everything from a position of the text on.
    pub(super) fn split_off(&mut self, position: usize) -> Self {
        let (mut before, mut after, mut at) = (Vec::new(), Vec::new(), 0);
        for piece in std::mem::take(&mut self.0) {
            let length = piece.text.len();
            match position {
                position if position >= at + length => before.push(piece),
                position if position <= at => after.push(piece),
                _ => {
                    let (left, right) = piece.split(position - at);
                    before.push(left);
                    after.push(right);
                }
            }
            at += length;
        }
        self.0 = before;
        Self(after)
    }

    /// Removes the blanks at the end.
    pub(super) fn trim_end(&mut self) {
        let text = self.text();
        drop(self.split_off(text.trim_end().len()));
    }

    /// Adds the parts of another line.
    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The parts as one: the bytes from the first to the last, if all come from the same line.
    pub(super) fn joined(&self) -> Option<Piece> {
        let (first, last) = (self.0.first()?, self.0.last()?);
        let at = first.at.start..last.at.end.max(first.at.end);
        let (literal, text) = (self.0.len() == 1 && first.literal, self.text());
        Some(Piece { text, at, literal, definition: first.definition.clone(), fault: None })
    }

    /// The position of a byte of the text that begins no macro: the byte belongs to a part with a fault.
    pub(super) fn is_fault(&self, position: usize) -> bool {
        let mut end = 0;
        let piece = self.0.iter().find(|piece| {
            end += piece.text.len();
            position < end
        });
        piece.is_some_and(|piece| piece.fault.is_some())
    }

    /// The tokens (`lib/parser.c`, `alloc_strvec_r`): quotes begin and end a token, and braces stand alone.
    pub(super) fn tokens(&self) -> Vec<Token> {
        let (mut tokens, mut open, mut quoted) = (Vec::new(), None, false);
        for piece in &self.0 {
            if piece.fault.is_some() {
                let token = open.get_or_insert_with(|| Token::new(piece, piece.at.clone()));
                token.add(&piece.text, piece.at.clone());
                token.fault.clone_from(&piece.fault);
                continue;
            }
            for (at, c) in piece.text.char_indices() {
                let span = piece.span(at, c.len_utf8());
                let new = || Token::new(piece, span.clone());
                match c {
                    '"' => {
                        if quoted {
                            open.get_or_insert_with(new).add("", span);
                            tokens.extend(open.take());
                        } else {
                            tokens.extend(open.take());
                            open = Some(new());
                        }
                        quoted = !quoted;
                    }
                    '{' | '}' if !quoted => {
                        tokens.extend(open.take());
                        tokens.push(Token { text: c.to_string(), is_brace: true, ..new() });
                    }
                    c if c.is_whitespace() && !quoted => tokens.extend(open.take()),
                    c => {
                        let mut bytes = [0; 4];
                        open.get_or_insert_with(new).add(c.encode_utf8(&mut bytes), span);
                    }
                }
            }
        }
        if let (Some(token), true) = (&mut open, quoted) {
            token.fault = Some((RestKind::Refused, "the quote is not closed".to_owned()));
        }
        tokens.extend(open);
        tokens
    }
}

impl Token {
    fn new(piece: &Piece, span: Span) -> Self {
        let definition = piece.definition.clone();
        Self { text: String::new(), span, is_brace: false, definition, fault: None }
    }

    fn add(&mut self, text: &str, span: Span) {
        self.text += text;
        self.span = self.span.start.min(span.start)..self.span.end.max(span.end);
    }
}

/// The position of the comment of a line (`decomment`): `#` or `!` outside of quotes and without a backslash.
pub(super) fn comment(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '#' | '!' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}
