//! The schema of a profile, as JSON Schema and as a page for people.
//!
//! Takes the Rust types of a profile and their documentation; gives a JSON Schema of draft 7, and Markdown.

use std::fmt::Write as _;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::load::WrittenProfile;
use crate::model::Need;

/// Gives the schema of a profile.
pub fn schema() -> Value {
    let schema =
        SchemaSettings::draft07().into_generator().into_root_schema_for::<WrittenProfile>();
    let mut schema = schema.to_value();
    // schemars does not restrict the keys of a map. So this code adds the list of valid needs.
    let needs: Vec<&str> = Need::ALL.iter().map(|need| need.as_str()).collect();
    schema["properties"]["needs"]["propertyNames"] = json!({ "enum": needs });
    schema
}

/// Gives the reference of a profile's keys as Markdown: one table for each kind of mapping and for each list
/// of keywords.
pub fn reference() -> String {
    let schema = schema();
    let mut page = String::from(
        "# Profiles: the reference\n\n\
         A profile is a file `NAME.yaml` that describes an operating system. `lvsgen targets` lists the built-in\n\
         profiles, `--profiles DIR` adds your own, and `lvsgen schema --profile` prints the schema of this page.\n",
    );
    section("Profile", &schema, &mut page);
    let definitions = schema["definitions"].as_object().expect("a profile has nested types");
    for (name, definition) in definitions {
        section(name, definition, &mut page);
    }
    page
}

fn section(name: &str, definition: &Value, page: &mut String) {
    let text = |value: &Value| {
        value["description"].as_str().expect("every key has a document").replace('\n', " ")
    };
    let mut table = String::new();
    if let Some(keys) = definition["properties"].as_object() {
        for (key, value) in keys {
            writeln!(table, "| `{key}` | {} | {} |", type_of(value), text(value))
                .expect("a write to a String cannot fail");
        }
        table.insert_str(0, "| Key | Type | Meaning |\n| --- | --- | --- |\n");
    } else if let Some(values) = definition["oneOf"].as_array() {
        for value in values {
            let keyword = value["const"].as_str().expect("a keyword is a text in the schema");
            writeln!(table, "| `{keyword}` | {} |", text(value))
                .expect("a write to a String cannot fail");
        }
        table.insert_str(0, "| Value | Meaning |\n| --- | --- |\n");
    } else if definition["anyOf"].is_array() {
        table = format!("{}\n", type_of(definition));
    }
    *page += &format!("\n## {name}\n\n{}\n", text(definition));
    if !table.is_empty() {
        *page += &format!("\n{table}");
    }
}

/// The type of a value, with links to the sections of this page.
fn type_of(value: &Value) -> String {
    if let Some(reference) = value["$ref"].as_str() {
        let name = reference.rsplit('/').next().expect("a split gives at least one part");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for key in ["anyOf", "allOf"] {
        if let Some(forms) = value[key].as_array() {
            let forms = forms.iter().filter(|form| form["type"] != "null");
            return forms.map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    match &value["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(&value["items"])),
        Value::String(kind) if kind == "object" && value["additionalProperties"].is_object() => {
            format!("mapping to {}", type_of(&value["additionalProperties"]))
        }
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            let first = kinds.collect::<Vec<_>>().join(" or ");
            match first.as_str() {
                "array" => format!("list of {}", type_of(&value["items"])),
                _ => first,
            }
        }
        _ => "any".to_owned(),
    }
}
