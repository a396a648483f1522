//! The reference page of a JSON Schema, for people.
//!
//! Takes a schema of draft 7; gives Markdown: a section for each kind of mapping and for each list of keywords. The
//! sections stand in the order in which a reader meets them. Any other type stands at its key, with an example.

use std::collections::BTreeSet;
use std::collections::VecDeque;

use serde_json::Value;

/// The longest list of keywords that stands at a key. A longer list has its description in its place.
const KEYWORDS: usize = 8;

/// Gives the sections of a schema. `title` is the title of the first section.
pub(crate) fn page(title: &str, schema: &Value) -> String {
    let page = Page { definitions: &schema["definitions"] };
    let mut text = page.section(title, schema);
    let mut waiting = VecDeque::from([schema]);
    let mut seen = BTreeSet::new();
    while let Some(value) = waiting.pop_front() {
        let mut names = Vec::new();
        references(value, &mut names);
        for name in names {
            let definition = page.definition(name);
            if !seen.insert(name) {
                continue;
            }
            if page.has_section(definition) {
                text += &format!("\n{}", page.section(&heading(name), definition));
            }
            waiting.push_back(definition);
        }
    }
    text
}

struct Page<'a> {
    definitions: &'a Value,
}

impl<'a> Page<'a> {
    fn definition(&self, name: &str) -> &'a Value {
        &self.definitions[name]
    }

    /// Whether a definition has keys or documented keywords, which need a table.
    fn has_section(&self, definition: &Value) -> bool {
        forms(definition).into_iter().any(|form| is_mapping(form) || is_keyword(form))
    }

    fn section(&self, title: &str, definition: &Value) -> String {
        let mut text = format!("## {title}\n\n");
        let forms = forms(definition);
        // A choice of forms has its description in the form with keys.
        let mapping = forms.iter().copied().find(|form| is_mapping(form));
        if let Some(described) = description(definition).or_else(|| mapping.and_then(description)) {
            text += &format!("{described}\n\n");
        }
        let short: Vec<_> =
            forms.iter().filter(|form| !is_mapping(form) && !is_keyword(form)).collect();
        let mappings: Vec<_> = forms.iter().filter(|form| is_mapping(form)).collect();
        if !short.is_empty() {
            let short = self.join(short.into_iter().copied());
            let rest = if mappings.is_empty() { "" } else { "; or a mapping with these keys" };
            text += &format!("{}{rest}.\n\n", capital(&short));
        }
        let keywords: Vec<_> = forms.iter().filter(|form| is_keyword(form)).collect();
        if !keywords.is_empty() {
            text += "| Value | Meaning |\n| --- | --- |\n";
            for keyword in keywords {
                let meaning = sentence(&keyword["description"]).unwrap_or_default();
                text += &format!("| {} | {meaning} |\n", constant(&keyword["const"]));
            }
            text.push('\n');
        }
        for (at, mapping) in mappings.into_iter().enumerate() {
            if at > 0 {
                text += "Or a mapping with these keys:\n\n";
            }
            text += &self.keys(mapping);
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    fn keys(&self, mapping: &Value) -> String {
        let needed = mapping["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut table = "| Key | Value | Meaning |\n| --- | --- | --- |\n".to_owned();
        for (key, value) in mapping["properties"].as_object().into_iter().flatten() {
            let needed = if needed.iter().any(|one| one == key) { "**Needed.** " } else { "" };
            let mut meaning = description(value).unwrap_or_default();
            let default = &value["default"];
            if !meaning.contains("efault")
                && !meaning.contains("Without this key")
                && is_shown(default)
            {
                meaning += &format!(" The default is {}.", constant(default));
            }
            table += &format!("| `{key}` | {} | {needed}{meaning} |\n", self.kind(value));
        }
        table
    }

    /// The type of a value, with a link if the type has a section.
    fn kind(&self, value: &Value) -> String {
        if let Some(name) = reference(value) {
            let definition = self.definition(name);
            if self.has_section(definition) {
                let heading = heading(name);
                return format!("[{}](#{})", heading.to_lowercase(), anchor(&heading));
            }
            return self.kind(definition);
        }
        for key in ["anyOf", "allOf", "oneOf"] {
            if let Some(forms) = value[key].as_array().filter(|_| !is_mapping(value)) {
                return self.join(forms.iter().filter(|form| form["type"] != "null"));
            }
        }
        if let Some(listed) = value["enum"].as_array() {
            return match (listed.len() > KEYWORDS, description(value)) {
                (true, Some(described)) => small(&described),
                (true, None) => "a name".to_owned(),
                _ => listed
                    .iter()
                    .filter(|one| one.is_string())
                    .map(constant)
                    .collect::<Vec<_>>()
                    .join(", "),
            };
        }
        if !value["const"].is_null() {
            return constant(&value["const"]);
        }
        self.plain(value)
    }

    fn plain(&self, value: &Value) -> String {
        let kinds: Vec<&str> = match &value["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return "any value".to_owned(),
        };
        let names = kinds.into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
            "string" => {
                let example = value["examples"][0].as_str();
                let name =
                    description(value).filter(|_| example.is_some()).map(|text| small(&text));
                let name = name.unwrap_or_else(|| "text".to_owned());
                example.map_or(name.clone(), |example| format!("{name} (`{example}`)"))
            }
            "integer" | "number" => match (value["minimum"].as_u64(), value["maximum"].as_u64()) {
                (Some(least), Some(most)) => format!("{least} to {most}"),
                _ => "number".to_owned(),
            },
            "boolean" => "`true`, `false`".to_owned(),
            "array" => format!("list of {}", self.kind(&value["items"])),
            "object" if value["additionalProperties"].is_object() => {
                format!("mapping to {}", self.kind(&value["additionalProperties"]))
            }
            _ => "mapping".to_owned(),
        });
        names.collect::<Vec<_>>().join(" or ")
    }

    /// The names of several forms. A list of a form that has a name already is "or a list".
    fn join<'v>(&self, forms: impl Iterator<Item = &'v Value>) -> String {
        let mut names: Vec<String> = Vec::new();
        for form in forms {
            let kind = self.kind(form);
            let listed = kind
                .strip_prefix("list of ")
                .is_some_and(|one| names.iter().any(|name| name == one));
            let name = match (listed, form["maxItems"].as_u64()) {
                (true, Some(most)) => format!("a list of at most {most}"),
                (true, None) => "a list".to_owned(),
                (false, _) => kind,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" or ")
    }
}

/// The forms of a value: the value itself, or the alternatives that it has. The alternatives of a mapping are rules
/// for its keys, and not forms.
fn forms(value: &Value) -> Vec<&Value> {
    if is_mapping(value) {
        return vec![value];
    }
    for key in ["anyOf", "allOf", "oneOf"] {
        if let Some(inner) = value[key].as_array() {
            return inner.iter().flat_map(forms).collect();
        }
    }
    vec![value]
}

fn is_mapping(value: &Value) -> bool {
    value["properties"].is_object()
}

fn is_keyword(value: &Value) -> bool {
    value["const"].is_string() && value["description"].is_string()
}

fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str().and_then(|path| path.rsplit('/').next())
}

/// The names of the definitions that a value refers to, in order.
fn references<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            names.extend(reference(value));
            let fields = fields.iter().filter(|(key, _)| *key != "definitions");
            fields.for_each(|(_, inner)| references(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// The description of a value as a sentence with a capital letter.
fn description(value: &Value) -> Option<String> {
    sentence(&value["description"]).map(|text| capital(&text))
}

/// A text as one line that ends with a full stop and fits into a cell of a table.
fn sentence(text: &Value) -> Option<String> {
    let text = text.as_str()?.replace('\n', " ").replace('|', "\\|");
    let end = if text.ends_with(['.', ':']) { "" } else { "." };
    Some(text + end)
}

/// Whether a default is a word or a number. A reader takes an absent key for an empty list.
fn is_shown(default: &Value) -> bool {
    default.is_boolean()
        || default.is_number()
        || default.as_str().is_some_and(|text| !text.is_empty())
}

/// A description within a sentence.
fn small(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

fn constant(value: &Value) -> String {
    value.as_str().map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}

/// The name of a type as a heading: `VirtualService` is "Virtual service".
fn heading(name: &str) -> String {
    let mut heading = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !heading.is_empty() {
            heading.push(' ');
            heading.extend(letter.to_lowercase());
        } else {
            heading.push(letter);
        }
    }
    heading
}

fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}
