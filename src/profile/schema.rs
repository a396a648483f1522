//! The schema of a profile, as JSON Schema and as a page for people.
//!
//! Takes the Rust types of a profile and their documentation; gives a JSON Schema of draft 7, and Markdown.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::written::WrittenProfile;
use crate::model::Need;
use crate::reference;

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

/// Gives the reference of a profile's keys as Markdown.
pub fn reference() -> String {
    let introduction = "# Profiles: the reference\n\n\
         A profile is a file `NAME.yaml` that describes an operating system. `lvsgen targets` lists the built-in\n\
         profiles, `--profiles DIR` adds your own, and `lvsgen schema --profile` prints the schema of this page.\n\n";
    introduction.to_owned() + &reference::page("Profile", &schema())
}
