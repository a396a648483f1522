//! Variables of a script: assignments, and the values in a text. Nothing is run.

use std::collections::BTreeMap;

use crate::diagnostic::did_you_mean;

/// The values by name. The value of a variable that lvsgen cannot know is `None`.
pub(super) type Variables<'a> = BTreeMap<&'a str, Option<String>>;

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

/// Puts the values of variables into a text, and removes quotes.
pub(super) fn expand(text: &str, variables: &Variables<'_>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    let mut single = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\'' => single = !single,
            '"' if !single => {}
            '`' if !single => return Err("the value comes from a command".to_owned()),
            '$' if !single => {
                let (name, after) = variable(rest)?;
                expanded += match variables.get(name) {
                    Some(Some(value)) => value,
                    Some(None) => {
                        return Err(format!("lvsgen does not know the value of `{name}`"));
                    }
                    None => {
                        let known = did_you_mean(name, variables.keys().copied());
                        let known = known.map(|known| format!("; {known}")).unwrap_or_default();
                        return Err(format!("no line before sets `{name}`{known}"));
                    }
                };
                rest = after;
            }
            _ => expanded.push(c),
        }
    }
    Ok(expanded)
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
