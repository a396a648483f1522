//! Macros of keepalived.conf(5): definitions, and their uses in a line.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pieces::{Fault, Pieces};
use crate::diagnostic::did_you_mean;
use crate::facts::{RestKind, Span};

/// A definition: `$NAME=TEXT`, or a value of a sequence.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) body: Body,
    /// The bytes of the definition, or of the sequence.
    pub(super) place: Span,
    /// Whether a line uses the macro.
    pub(super) used: bool,
}

/// The text of a macro.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A part of a line.
    Text(String),
    /// Several lines.
    Lines(Vec<String>),
}

/// All macros of a configuration.
#[derive(Debug)]
pub(super) struct Macros<'f> {
    /// The configuration id.
    pub(super) id: Option<&'f str>,
    /// The folder of the file that is read.
    pub(super) folder: String,
    /// All definitions, in the order of the files.
    definitions: Vec<Definition>,
    /// The newest definition of each name.
    by_name: BTreeMap<String, usize>,
}

/// The longest line, in bytes (`MAXBUF` of `lib/parser.h`, without the line break and the end of the text).
pub(super) const LONGEST: usize = 1022;

/// The largest number of macros in a line.
const MOST_USES: usize = 1_000;

impl<'f> Macros<'f> {
    /// No macros, for a host with a configuration id.
    pub(super) fn new(id: Option<&'f str>) -> Self {
        let (definitions, by_name) = (Vec::new(), BTreeMap::new());
        Self { id, folder: String::new(), definitions, by_name }
    }

    /// All definitions, in the order of the files.
    pub(super) fn into_definitions(self) -> Vec<Definition> {
        self.definitions
    }

    /// Adds a line to the newest definition.
    pub(super) fn continue_last(&mut self, line: &str) {
        if let Some(Definition { body: Body::Lines(lines), .. }) = self.definitions.last_mut()
            && !line.is_empty()
        {
            lines.push(line.to_owned());
        }
    }

    /// Notes a definition.
    pub(super) fn note(&mut self, name: &str, definition: Definition) {
        self.by_name.insert(name.to_owned(), self.definitions.len());
        self.definitions.push(definition);
    }

    /// The lines of a macro, and the place of its definition. `length` is that of the line without the macro.
    pub(super) fn value(
        &mut self,
        found: &Use,
        replaced: usize,
        length: usize,
    ) -> Result<(Vec<String>, Option<Span>), Fault> {
        let refused = |reason: String| (RestKind::Refused, reason);
        let name = found.name.as_str();
        let Some(at) = self.by_name.get(name) else {
            return Ok((vec![self.standard(name)?], None));
        };
        let definition = &mut self.definitions[*at];
        definition.used = true;
        let lines = match &definition.body {
            Body::Text(text) => vec![text.clone()],
            Body::Lines(lines) if found.is_last => lines.clone(),
            Body::Lines(_) => {
                let reason = format!("`{name}` has several lines, so it must end its line");
                return Err(refused(reason));
            }
        };
        // A definition that names itself grows, or never ends.
        if replaced > MOST_USES || length + lines.first().map_or(0, String::len) > LONGEST {
            let reason = "the definition names itself, or the line would be too long";
            return Err(refused(format!("`{name}`: {reason}")));
        }
        Ok((lines, Some(definition.place.clone())))
    }

    /// The next macro that has no fault. keepalived leaves an unknown name as it is: between quotes, a script may have its own.
    pub(super) fn next_use(&self, text: &str, pieces: &Pieces) -> Option<Use> {
        let mut from = 0;
        while let Some(found) = first_use(text, from) {
            let known = !found.quoted || self.by_name.contains_key(&found.name);
            if known && !pieces.is_fault(found.range.start) {
                return Some(found);
            }
            from = found.range.end;
        }
        None
    }

    /// The value of a macro that keepalived itself defines (`set_std_definitions`).
    fn standard(&self, name: &str) -> Result<String, Fault> {
        match name {
            "_PWD" => Ok(self.folder.clone()),
            "_HASH" => Ok("#".to_owned()),
            "_BANG" => Ok("!".to_owned()),
            "_INSTANCE" => self
                .id
                .map(str::to_owned)
                .ok_or_else(|| (RestKind::Lost, "the value is the name of the host".to_owned())),
            "_RANDOM" | "_ENV" => {
                Err((RestKind::Lost, "the value is another one at each start".to_owned()))
            }
            _ => {
                let known = did_you_mean(name, self.by_name.keys().map(String::as_str));
                let known = known.map(|known| format!("; {known}")).unwrap_or_default();
                Err((RestKind::Refused, format!("no line before defines `{name}`{known}")))
            }
        }
    }
}

/// The use of a macro: `$NAME` or `${NAME}`.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) range: Range<usize>,
    pub(super) name: String,
    /// Whether the line ends with it.
    pub(super) is_last: bool,
    /// Whether it stands between quotes.
    pub(super) quoted: bool,
}

fn letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name and the value of a line that is a definition (`check_definition`).
pub(super) fn definition(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.strip_prefix('$')?.split_once('=')?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (begins && name.chars().all(letter)).then(|| (name, value.trim_start_matches([' ', '\t'])))
}

/// The first use of a macro from a position on (`find_definition`).
pub(super) fn first_use(text: &str, from: usize) -> Option<Use> {
    let dollars = text[from..].match_indices('$').map(|(at, _)| from + at);
    dollars.into_iter().find_map(|at| use_at(text, at))
}

fn use_at(text: &str, at: usize) -> Option<Use> {
    let after = &text[at + 1..];
    let braces = after.starts_with('{');
    let name_text = if braces { &after[1..] } else { after };
    if !name_text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let length = name_text.find(|c| !letter(c)).unwrap_or(name_text.len());
    let (name, rest) = name_text.split_at(length);
    let end = if braces {
        // Parameters may stand after the name.
        let close = rest.find('}')?;
        let plain = |c: char| letter(c) || matches!(c, ' ' | '\t');
        rest[..close].chars().all(plain).then_some(at + 2 + length + close + 1)?
    } else {
        (rest.is_empty() || rest.starts_with([' ', '\t', ',', ')'])).then_some(at + 1 + length)?
    };
    let quoted = text[..at].matches('"').count() % 2 == 1;
    Some(Use { range: at..end, name: name.to_owned(), is_last: end == text.len(), quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uses_of_a_line() {
        let names = |text: &str| {
            let (mut names, mut from) = (Vec::new(), 0);
            while let Some(found) = first_use(text, from) {
                from = found.range.end;
                names.push(text[found.range].to_owned());
            }
            names.join(" ")
        };
        assert_eq!(names("$A ${B}.2 $C,$D) $E"), "$A ${B} $C $D $E");
        assert_eq!(names("$A.2 $A:80 $1 ${A ${_ENV HOME} $"), "${_ENV HOME}");
        assert_eq!(definition("$A= b c"), Some(("A", "b c")));
        assert_eq!(definition("$A b=c"), None);
    }
}
