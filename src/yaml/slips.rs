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

/// A letter that looks like a sign of YAML.
#[derive(Clone, Debug)]
pub(crate) struct Lookalike {
    at: usize,
    letter: char,
    what: &'static str,
    /// The remedy.
    pub(crate) help: String,
}

/// The letters of a text that look like signs of YAML.
fn lookalikes(text: &str) -> impl Iterator<Item = Lookalike> {
    text.char_indices().filter_map(|(at, letter)| {
        let (_, what, right, _) = LOOKALIKES.iter().find(|(known, ..)| *known == letter)?;
        Some(Lookalike { at, letter, what, help: format!("this is {what}: write {right}") })
    })
}

/// The first letter of a text that looks like a sign of YAML.
pub(crate) fn lookalike(text: &str) -> Option<Lookalike> {
    lookalikes(text).next()
}

/// The slip that made the parser stop at `stop`.
pub(super) fn find(text: &str, stop: usize) -> Option<Slip> {
    let end = text[stop..].find('\n').map_or(text.len(), |length| stop + length);
    let mut right = text.to_owned();
    // From below, because the lines below the slip may have slips too.
    for line in lines_of_code(text, end).take(LINES) {
        let code = &text[line.clone()];
        let passes = |written: &str| {
            let mut text = right.clone();
            text.replace_range(line.clone(), written);
            parsed(&text) > stop
        };
        if let Some(range) = open_range(code)
            && passes(&without_ranges(code))
        {
            let help = format!("quote a range: `\"{}\"`", &code[range.clone()]);
            let at = (line.start + range.start, range.len());
            return Some(Slip { at, what: None, help });
        }
        // A wide blank takes the place of one column or of two.
        for columns in [1, 2] {
            let none = without_lookalikes(code, columns, None);
            if none != code && passes(&none) {
                let Lookalike { at, letter, what, help } = to_blame(code, columns, passes)?;
                let at = (line.start + at, letter.len_utf8());
                return Some(Slip { at, what: Some(what), help });
            }
        }
        right.replace_range(line.clone(), &without_ranges(&without_lookalikes(code, 1, None)));
    }
    None
}

/// The first lookalike of a line that the parser does not accept, while the others are right. `passes` says whether the parser
/// accepts a line, and it accepts the line without lookalikes.
fn to_blame(code: &str, columns: usize, passes: impl Fn(&str) -> bool) -> Option<Lookalike> {
    let needed = |one: &Lookalike| !passes(&without_lookalikes(code, columns, Some(one.at)));
    lookalikes(code).take(MOST_LOOKALIKES).find(needed).or_else(|| lookalike(code))
}

/// The largest number of letters of a line that are tried one by one.
const MOST_LOOKALIKES: usize = 40;

/// The line with the signs of YAML in the place of the letters that look like them, but for the letter at `kept`. The line keeps
/// its number of bytes, so that the places of the parser can be compared: blanks follow at its end.
fn without_lookalikes(code: &str, columns: usize, kept: Option<usize>) -> String {
    let mut written = String::with_capacity(code.len());
    for (at, letter) in code.char_indices() {
        match LOOKALIKES.iter().find(|(known, ..)| *known == letter && kept != Some(at)) {
            Some((.., ' ')) => written.extend(std::iter::repeat_n(' ', columns)),
            Some((.., sign)) => written.push(*sign),
            None => written.push(letter),
        }
        // YAML wants a blank after a colon, and people of a full-width keyboard write none.
        if letter == '：' && kept != Some(at) {
            written.push(' ');
        }
    }
    let missing = code.len().saturating_sub(written.len());
    written.extend(std::iter::repeat_n(' ', missing));
    written
}

/// The line without the brackets of ranges, with the same number of bytes.
fn without_ranges(code: &str) -> String {
    let mut written = code.to_owned();
    while let Some(range) = open_range(&written) {
        let plain = written[range.clone()].replace(['[', ']'], "_");
        written.replace_range(range, &plain);
    }
    written
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

/// The number of bytes that the parser reads without an error.
fn parsed(text: &str) -> usize {
    let error = Parser::new_from_str(text).find_map(Result::err);
    error.and_then(|error| error.marker().byte_offset()).unwrap_or(text.len())
}

/// A range without quotes in a mapping or a list in brackets: `{ name: web[1-3] }`. The brackets end the value for YAML.
fn open_range(code: &str) -> Option<Range<usize>> {
    let bracket = code.match_indices('[').find(|(at, _)| {
        let before = code[..*at].chars().next_back();
        before.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.')
    });
    let (bracket, _) = bracket?;
    let begin = code[..bracket].rfind([' ', ',', '{', '[', '"']).map_or(0, |at| at + 1);
    let end = bracket + code[bracket..].find(']')? + 1;
    let rest = code[end..].find([' ', ',', '}', ']']).map_or(code.len(), |length| end + length);
    let open = code[..begin].contains(['{', '[']) && !code[..begin].ends_with('"');
    open.then_some(begin..rest)
}
