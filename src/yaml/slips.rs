//! Slips of the keyboard that a YAML parser reports at another place, or without the reason.
//!
//! Takes a file and the place where the parser stopped; gives the place of the slip, and the help for it.

/// A letter that looks like a sign of YAML: what it is, and the sign to write.
const LOOKALIKES: [(char, &str, &str); 14] = [
    ('\u{a0}', "a no-break space", "a blank"),
    ('\u{3000}', "a full-width space", "a blank"),
    ('\u{200b}', "a zero-width space", "nothing"),
    ('\u{feff}', "a byte order mark", "nothing"),
    ('：', "a full-width colon", "`:`, and a blank after it"),
    ('，', "a full-width comma", "`,`"),
    ('、', "an ideographic comma", "`,`"),
    ('［', "a full-width bracket", "`[`"),
    ('］', "a full-width bracket", "`]`"),
    ('｛', "a full-width brace", "`{`"),
    ('｝', "a full-width brace", "`}`"),
    ('“', "a typographic quote", "`\"`"),
    ('”', "a typographic quote", "`\"`"),
    ('’', "a typographic quote", "`'`"),
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
        let (_, what, right) = LOOKALIKES.iter().find(|(known, ..)| *known == letter)?;
        Some((at, letter, *what, format!("this is {what}: write {right}")))
    })
}

/// The slip that made the parser stop at `stop`. A slip of a line often shows at the begin of a later line.
pub(super) fn find(text: &str, stop: usize) -> Option<Slip> {
    let end = text[stop..].find('\n').map_or(text.len(), |length| stop + length);
    let mut line_end = end;
    // The line of the place, and the two lines before it that hold more than a comment.
    let mut left = 3;
    while left > 0 {
        let begin = text[..line_end].rfind('\n').map_or(0, |at| at + 1);
        let line = &text[begin..line_end];
        let code = line.split(" #").next().unwrap_or(line);
        if !code.trim().is_empty() && !code.trim_start().starts_with('#') {
            left -= 1;
            if let Some((at, letter, what, help)) = lookalike(code) {
                return Some(Slip { at: (begin + at, letter.len_utf8()), what: Some(what), help });
            }
            if let Some((at, value)) = open_range(code) {
                let help = format!("quote a range: `\"{value}\"`");
                return Some(Slip { at: (begin + at, value.len()), what: None, help });
            }
        }
        line_end = begin.checked_sub(1)?;
    }
    None
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
