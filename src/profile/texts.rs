//! The texts of a mechanism: fills in the mechanism's own values, and checks the other template variables.

use std::collections::BTreeMap;

use super::Mechanism;
use super::mechanism::{List, Text};
use crate::diagnostic::did_you_mean;
use crate::template::{Engine, NAMES};

/// Fills in the values of a mechanism of a built-in profile. A text that uses no other template variable becomes plain text here.
pub(super) fn fill(mechanism: &mut Mechanism) {
    let values = mechanism.values.clone();
    for (text, _) in mechanism.texts_mut().into_iter().filter(|(text, _)| !text.is_plain()) {
        if let Some(plain) = with_values(text.source(), &values) {
            *text = Text(plain);
        }
    }
}

/// Fills in the values, and checks the texts. The built-in profiles need no check, because a test compares both results.
///
/// # Errors
/// A text that the engine cannot compile, or that uses a template variable that does not exist.
pub(super) fn check_and_fill(mechanism: &mut Mechanism, engine: &Engine) -> Result<(), String> {
    fill(mechanism);
    let (name, values) = (mechanism.mechanism.clone(), mechanism.values.clone());
    for (text, list) in mechanism.texts_mut().into_iter().filter(|(text, _)| !text.is_plain()) {
        let source = text.source();
        let fault = |why: String| format!("`{source}` of `{name}`: {why}");
        let inputs = engine.inputs(source).map_err(fault)?;
        inputs.iter().try_for_each(|input| check_name(input, list, &values)).map_err(fault)?;
        if inputs.iter().all(|input| input.starts_with("values.")) {
            let filled = engine.render(source, &minijinja::context! { values => &values });
            let filled = Text(filled.map_err(fault)?);
            // If the result still contains a brace (`awk '{ print }'`), the text stays a template.
            if filled.is_plain() {
                *text = filled;
            }
        }
    }
    Ok(())
}

/// The text with the values of the mechanism, if it has no other use of a brace than `{{ values.NAME }}`. Most texts are so, and the engine
/// takes many times as long for them.
fn with_values(source: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut parts = source.split("{{ values.");
    let mut text = parts.next().expect("a split has a first part").to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" }}")?;
        text += values.get(name)?;
        text += rest;
    }
    (!text.contains(['{', '}'])).then_some(text)
}

/// Refuses a template variable that does not exist.
fn check_name(
    input: &str,
    list: Option<List>,
    values: &BTreeMap<String, String>,
) -> Result<(), String> {
    let (first, rest) = input.split_once('.').unwrap_or((input, ""));
    match first {
        "values" if values.contains_key(rest) => Ok(()),
        "values" => {
            let help = did_you_mean(rest, values.keys().map(String::as_str));
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            Err(format!("the mechanism has no value `{rest}`{help}"))
        }
        "host" if matches!(rest, "name" | "interface") => Ok(()),
        "host" => Err("a host has only `host.name` and `host.interface`".into()),
        "item" if list.is_none() => Err("`item` needs `for_each`".into()),
        name if NAMES.contains(&name) => Ok(()),
        name => {
            let help = did_you_mean(name, NAMES);
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            Err(format!("there is no template variable `{name}`{help}"))
        }
    }
}
