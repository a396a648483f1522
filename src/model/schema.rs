//! The JSON Schema of the model. With this schema, an editor completes and checks a model while the user types.
//!
//! Takes the model's types and their documentation; gives a schema in draft 7 of JSON Schema, because
//! yaml-language-server reads this draft.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Value, json};

use super::Cluster;

/// Gives the schema of a model. `targets` are the names that an editor offers, and `checks` the codes for `allow`, each with
/// its meaning. The schema also allows other targets, because users can write profiles for more targets.
pub fn schema<'a>(
    targets: impl Iterator<Item = &'a str>,
    checks: impl Iterator<Item = (&'a str, &'a str)>,
) -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Cluster>();
    RecursiveTransform(plain).transform(&mut schema);
    schema.insert("title".into(), "An LVS-DR cluster, for lvsgen".into());
    let mut schema = schema.to_value();
    let names = &mut schema["definitions"];
    let own = names["TargetName"].take();
    names["TargetName"] = json!({
        "anyOf": [
            { "description": "a built-in target", "enum": targets.collect::<Vec<_>>() },
            own,
        ],
    });
    let checks = checks.map(|(code, meaning)| json!({ "const": code, "description": meaning }));
    names["CheckCode"] = json!({
        "description": names["CheckCode"]["description"],
        "oneOf": checks.collect::<Vec<_>>(),
    });
    schema
}

/// Removes the parts that an editor does not need. A description starts with the name of the key, but only rustdoc
/// needs this name. An optional key allows the type `null`, but a model must not contain null.
fn plain(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description")
        && let Some((key, rest)) = text.split_once(": ")
        && key.starts_with('`')
    {
        *text = rest.to_owned();
    }
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| form != &json!({ "type": "null" }));
        if let [only] = forms.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            schema.insert("allOf".into(), json!([only]));
        }
    }
}
