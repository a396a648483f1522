//! Slips of the keyboard that a YAML parser reports at another place, or without the reason.
//!
//! Takes a file and the place where the parser stopped; gives the place of the slip, and the help for it. A letter is a slip
//! only if the parser reads more of the text with the right letter: `，` is also a part of a Chinese sentence.

use std::ops::Range;

use serde_saphyr::granit_parser::Parser;

/// The number of lines above the place of the parser that may hold the slip. A slip of a line often shows at the begin of a
/// later line.
const LINES: usize = 20;

/// A letter that looks like a sign of YAML: its name, the remedy, and the sign.
const LOOKALIKES: [(char, &str, &str, char); 14] = [
    ('\u{a0}', "a no-break space", "a blank", ' '),
    ('\u{3000}', "a full-width space", "a blank", ' '),
    ('\u{200b}', "a zero-width space", "nothing", ' '),
    ('\u{feff}', "a byte order mark", "nothing", ' '),
    ('：', "a full-width colon", "`:`, and a blank after it", ':'),
    ('，', "a full-width comma", "`,`", ','),
    ('、', "an ideographic comma", "`,`", ','),
    ('［', "a full-width bracket", "`[`", '['),
    ('］', "a full-width bracket", "`]`", ']'),
    ('｛', "a full-width brace", "`{`", '{'),
    ('｝', "a full-width brace", "`}`", '}'),
    ('“', "a typographic quote", "`\"`", '"'),
    ('”', "a typographic quote", "`\"`", '"'),
    ('’', "a typographic quote", "`'`", '\''),
];

/// A slip in a text.
pub(super) struct Slip {
    /// Its place: the first byte, and the number of bytes.
    pub(super) at: (usize, usize),
    /// The name of the slip, if it is not the parser's own.
    pub(super) what: Option<&'static str>,
    /// The remedy.
    pub(super) help: String,
}

/// The letter of a text that looks like a sign of YAML, and the help for it.
pub(crate) fn lookalike(text: &str) -> Option<(usize, char, &'static str, String)> {
    text.char_indices().find_map(|(at, letter)| {
        let (_, what, right, _) = LOOKALIKES.iter().find(|(known, ..)| *known == letter)?;
        Some((at, letter, *what, format!("this is {what}: write {right}")))
    })
}

/// The slip that made the parser stop at `stop`.
pub(super) fn find(text: &str, stop: usize) -> Option<Slip> {
    let end = text[stop..].find('\n').map_or(text.len(), |length| stop + length);
    let mut right = text.to_owned();
    // From below, because the lines below the slip may have slips too.
    for line in lines_of_code(text, end).take(LINES) {
        let Some((slip, written)) = slip_of(text, &line) else { continue };
        right.replace_range(line, &written);
        if parsed(&right) > stop {
            return Some(slip);
        }
    }
    None
}

/// The lines above `end`, the last one first, without comments, blank lines, and lines of comments.
fn lines_of_code(text: &str, end: usize) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(end);
    let lines = std::iter::from_fn(move || {
        let end = next?;
        let begin = text[..end].rfind('\n').map_or(0, |at| at + 1);
        next = begin.checked_sub(1);
        let line = &text[begin..end];
        let code = line.split(" #").next().unwrap_or(line);
        let code = if code.trim_start().starts_with('#') { "" } else { code };
        Some(begin..begin + code.len())
    });
    lines.filter(|line| !text[line.clone()].trim().is_empty())
}

/// The first slip of a line, and the line without slips of its kind. Both lines have the same number of bytes, so that the
/// places of the parser can be compared.
fn slip_of(text: &str, line: &Range<usize>) -> Option<(Slip, String)> {
    let (begin, code) = (line.start, &text[line.clone()]);
    if let Some((at, letter, what, help)) = lookalike(code) {
        let slip = Slip { at: (begin + at, letter.len_utf8()), what: Some(what), help };
        let written = LOOKALIKES.iter().fold(code.to_owned(), |code, (letter, .., sign)| {
            code.replace(*letter, &format!("{sign:width$}", width = letter.len_utf8()))
        });
        return Some((slip, written));
    }
    let (at, value) = open_range(code)?;
    let help = format!("quote a range: `\"{value}\"`");
    let slip = Slip { at: (begin + at, value.len()), what: None, help };
    let mut written = code.to_owned();
    // A line with the range of the names has the range of the addresses too.
    while let Some((at, value)) = open_range(&written) {
        let plain = value.replace(['[', ']'], "_");
        written.replace_range(at..at + value.len(), &plain);
    }
    Some((slip, written))
}

/// The number of bytes that the parser reads without an error.
fn parsed(text: &str) -> usize {
    let error = Parser::new_from_str(text).find_map(Result::err);
    error.and_then(|error| error.marker().byte_offset()).unwrap_or(text.len())
}

/// A range without quotes in a mapping or a list in brackets: `{ name: web[1-3] }`. The brackets end the value for YAML.
fn open_range(code: &str) -> Option<(usize, &str)> {
    let bracket = code.match_indices('[').find(|(at, _)| {
        let before = code[..*at].chars().next_back();
        before.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.')
    });
    let (bracket, _) = bracket?;
    let begin = code[..bracket].rfind([' ', ',', '{', '[', '"']).map_or(0, |at| at + 1);
    let end = bracket + code[bracket..].find(']')? + 1;
    let rest = code[end..].find([' ', ',', '}', ']']).map_or(code.len(), |length| end + length);
    let open = code[..begin].contains(['{', '[']) && !code[..begin].ends_with('"');
    open.then(|| (begin, &code[begin..rest]))
}
