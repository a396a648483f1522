//! Variables of a script: assignments, and the values in a text. Nothing is run.

use std::collections::BTreeMap;

use crate::diagnostic::did_you_mean;

/// The largest number of bytes that the values of a script add to its texts. Without this limit, `A=$A$A` on a few lines would fill the
/// memory.
const MOST_ADDED: usize = 1 << 20;

/// The variables of a script.
pub(super) struct Variables<'a> {
    /// The values by name. The value of a variable that lvsgen cannot know is `None`.
    values: BTreeMap<&'a str, Option<String>>,
    /// The bytes that values may still add.
    left: usize,
}

/// An assignment alone on its line.
pub(super) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let quoted = ['"', '\''].iter().any(|quote| {
        let inside = value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote));
        inside.is_some_and(|inside| !inside.contains(*quote))
    });
    let one_word = quoted || !value.contains(char::is_whitespace) || value.starts_with("$(");
    (valid && name.chars().all(letters) && one_word).then_some((name, value))
}

impl<'a> Variables<'a> {
    pub(super) fn new() -> Self {
        Self { values: BTreeMap::new(), left: MOST_ADDED }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &'a str, value: Option<String>) {
        self.values.insert(name, value);
    }

    /// Puts the values of variables into a command, and removes quotes.
    pub(super) fn expand(&mut self, text: &str) -> Result<String, String> {
        let (expanded, added) = expand(text, self, false)?;
        self.left -= added;
        Ok(expanded)
    }

    /// Puts the values of variables into a here-document, in which quotes are letters.
    pub(super) fn expand_document(&mut self, text: &str) -> Result<String, String> {
        let (expanded, added) = expand(text, self, true)?;
        self.left -= added;
        Ok(expanded)
    }
}

/// The text with the values, and the number of bytes of the values.
fn expand(
    text: &str,
    variables: &Variables<'_>,
    document: bool,
) -> Result<(String, usize), String> {
    let mut added = 0;
    let mut expanded = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' if document && rest.starts_with(['$', '`', '\\']) => {
                let (escaped, after) = rest.split_at(1);
                expanded += escaped;
                rest = after;
            }
            '\'' if !document => single = !single,
            '"' if !document && !single => {}
            '`' if !single => return Err("the value comes from a command".to_owned()),
            '$' if !single => {
                let (name, after) = variable(rest)?;
                expanded += match variables.values.get(name) {
                    Some(Some(value)) => {
                        added += value.len();
                        if added > variables.left {
                            return Err("the values of the script are too long".to_owned());
                        }
                        value
                    }
                    Some(None) => {
                        return Err(format!("lvsgen does not know the value of `{name}`"));
                    }
                    None => {
                        let known = did_you_mean(name, variables.values.keys().copied());
                        let known = known.map(|known| format!("; {known}")).unwrap_or_default();
                        return Err(format!("no line before sets `{name}`{known}"));
                    }
                };
                rest = after;
            }
            _ => expanded.push(c),
        }
    }
    Ok((expanded, added))
}

/// The name of a variable after its `$`, and the text after the name.
fn variable(rest: &str) -> Result<(&str, &str), String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(inside) = rest.strip_prefix('{') {
        let (name, after) = inside.split_once('}').ok_or("a brace is not closed")?;
        if !name.is_empty() && name.chars().all(letters) {
            return Ok((name, after));
        }
        return Err(format!("lvsgen does not evaluate `${{{name}}}`"));
    }
    let end = rest.find(|c| !letters(c)).unwrap_or(rest.len());
    match end {
        0 if rest.starts_with('(') => Err("the value comes from a command".to_owned()),
        0 => Err("the value comes from the call of the script".to_owned()),
        _ => Ok((&rest[..end], &rest[end..])),
    }
}
