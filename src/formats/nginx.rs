//! The configuration of nginx: directives that end with `;`, and blocks.
//!
//! Reads the node's name, the ports and the certificate. The modules of nginx define hundreds of directives. For this reason, lvsgen
//! checks only whether every other directive has the form of a directive. The rules come from `ngx_conf_read_token` of nginx: blanks
//! separate tokens, `#` begins a comment at the beginning of a token, and a quoted token ends with its quote.

use super::NODE_HEADER;
use crate::facts::{Fact, FactAt, Reading, RestKind, Span};

/// A token, without its quotes.
struct Word<'a> {
    text: &'a str,
    span: Span,
}

/// A directive: its tokens and its end, which is `;` or `{`. A comment may stand between them.
struct Directive<'a> {
    words: Vec<Word<'a>>,
    end: Span,
}

impl Directive<'_> {
    /// The bytes of the directive without the comments inside.
    fn spans(&self, reading: &Reading) -> Vec<Span> {
        let whole = self.words.first().map_or(self.end.start, |word| word.span.start)..self.end.end;
        let inside = |comment: &Span| whole.start < comment.start && comment.start < whole.end;
        if !reading.comments.iter().any(inside) {
            return vec![whole];
        }
        let words = self.words.iter().map(|word| word.span.clone());
        words.chain([self.end.clone()]).collect()
    }
}

/// Adds all bytes of a directive to the rest.
fn leave(spans: Vec<Span>, kind: RestKind, reason: &str, reading: &mut Reading) {
    for span in spans {
        reading.leave(kind, span, reason);
    }
}

/// Reads a file that nginx includes in its `http` block.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    // The heads of the open blocks.
    let mut open: Vec<Vec<Span>> = Vec::new();
    let mut words: Vec<Word<'_>> = Vec::new();
    for token in tokens(text, &mut reading) {
        match (token.text, token.span.len()) {
            (";", 1) => {
                let words = std::mem::take(&mut words);
                directive(&Directive { words, end: token.span }, &mut reading);
            }
            ("{", 1) => {
                let head = Directive { words: std::mem::take(&mut words), end: token.span };
                open.push(head.spans(&reading));
            }
            ("}", 1) => {
                unfinished(&mut words, &mut reading);
                match open.pop() {
                    Some(head) => {
                        leave(head, RestKind::Unused, "the head of a block", &mut reading);
                        reading.leave(RestKind::Unused, token.span, "the end of a block");
                    }
                    None => {
                        reading.leave(RestKind::Refused, token.span, "the brace closes no block");
                    }
                }
            }
            _ => words.push(token),
        }
    }
    unfinished(&mut words, &mut reading);
    for head in open {
        leave(head, RestKind::Refused, "the block is not closed", &mut reading);
    }
    reading
}

/// Tokens that no `;` ends.
fn unfinished(words: &mut Vec<Word<'_>>, reading: &mut Reading) {
    for word in words.drain(..) {
        reading.leave(RestKind::Refused, word.span, "the directive has no `;`");
    }
}

fn directive(directive: &Directive<'_>, reading: &mut Reading) {
    let spans = directive.spans(reading);
    let texts: Vec<&str> = directive.words.iter().map(|word| word.text).collect();
    let fact = match texts.as_slice() {
        ["add_header", NODE_HEADER, node, "always"] => Fact::NodeName((*node).to_owned()),
        ["ssl_certificate", path] => Fact::Certificate((*path).to_owned()),
        ["listen", address, options @ ..] => match port(address) {
            Some(port) => Fact::Listens { port, tls: options.contains(&"ssl") },
            None => return leave(spans, RestKind::Lost, "lvsgen reads TCP ports only", reading),
        },
        [name, ..] if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
            return leave(spans, RestKind::Lost, "lvsgen does not read this directive", reading);
        }
        _ => return leave(spans, RestKind::Refused, "this is not a directive", reading),
    };
    reading.facts.push(FactAt { fact, spans });
}

/// The port of `80`, `192.0.2.1:80` or `[::]:80`.
fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':').map_or(address, |(_, port)| port).parse().ok()
}

/// Splits a text into tokens, of which `;`, `{` and `}` are one each. Comments go to the reading.
fn tokens<'a>(text: &'a str, reading: &mut Reading) -> Vec<Word<'a>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match next {
            '#' => {
                let length = rest.find('\n').unwrap_or(rest.len());
                reading.comments.push(at..at + length);
                at += length;
                continue;
            }
            '"' | '\'' => match closing(&rest[1..], next) {
                Some(inner) => {
                    let span = at..at + inner + 2;
                    tokens.push(Word { text: &rest[1..=inner], span });
                    at += inner + 2;
                    continue;
                }
                None => {
                    let span = at..text.trim_end().len();
                    reading.leave(RestKind::Refused, span, "the quote is not closed");
                    return tokens;
                }
            },
            ';' | '{' | '}' => 1,
            blank if blank.is_whitespace() => {
                at += blank.len_utf8();
                continue;
            }
            _ => word(rest),
        };
        tokens.push(Word { text: &rest[..length], span: at..at + length });
        at += length;
    }
    tokens
}

/// The length of an unquoted token. A backslash takes the next character along; `${` belongs to a variable.
fn word(text: &str) -> usize {
    let mut escaped = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let ends = c.is_whitespace() || c == ';' || c == '{' && before != '$';
        if ends && !escaped && at > 0 {
            return at;
        }
        escaped = c == '\\' && !escaped;
        before = c;
    }
    text.len()
}

/// The position of a closing quote.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let found = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_its_ports_its_node_and_its_certificate() {
        let text = "server {\n    listen 80;\n    listen [::]:8443 ssl backlog=9;\n    listen unix:/run/x;\n    \
            ssl_certificate '/etc/a b.pem'; # why\n    add_header X-LVS-Node \"web1\" always;\n    \
            location = /healthz { return 200 \"ok;}\\n\"; }\n}\n";
        let reading = read(text);
        assert_eq!(reading.gap(text), None);
        assert_eq!(reading.faults().count(), 0);
        let facts: Vec<&Fact> = reading.facts.iter().map(|one| &one.fact).collect();
        assert_eq!(
            facts,
            [
                &Fact::Listens { port: 80, tls: false },
                &Fact::Listens { port: 8443, tls: true },
                &Fact::Certificate("/etc/a b.pem".into()),
                &Fact::NodeName("web1".into()),
            ]
        );
    }

    #[test]
    fn every_part_of_a_broken_file_has_its_place() {
        for text in ["}", "server {", "listen 80", "a \"b", "; x;", "listen 80 }", "é ö;", "a\\"]
        {
            let reading = read(text);
            assert_eq!(reading.gap(text), None, "{text}");
            assert!(reading.faults().count() > 0, "{text}");
        }
    }
}
