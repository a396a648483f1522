//! The model's shape as JSON Schema, for editors that complete and check while one writes.
//!
//! Takes the model's own types and their documentation; gives a document of draft 7, which is what
//! yaml-language-server reads.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::Cluster;
use super::address::{Gateway, HostAddress, NameServer, Subnet, Vip};
use super::decode::OneOrMany;
use super::need::{Mechanisms, Need};
use super::network::PerFamily;
use super::service::{Persistence, Port, ServiceServer};
use super::sysctl::SysctlFiles;
use crate::source::Located;

/// Gives the schema of a model. `targets` and `checks` are the names that an editor offers; other
/// targets may be a user's own.
pub fn schema<'a>(
    targets: impl Iterator<Item = &'a str>,
    checks: impl Iterator<Item = &'a str>,
) -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Cluster>();
    RecursiveTransform(plain).transform(&mut schema);
    schema.insert("title".into(), "An LVS-DR cluster, for lvsgen".into());
    let mut schema = schema.to_value();
    let names = &mut schema["definitions"];
    let own = names["TargetName"].take();
    names["TargetName"] = json!({ "anyOf": [{ "enum": targets.collect::<Vec<_>>() }, own] });
    names["CheckCode"]["enum"] = checks.collect();
    schema
}

/// What rustdoc wants and an editor's user does not: the key's own name before its description, and
/// null where a key may be left out.
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

/// A text with an alphabet of its own.
pub(super) fn text(what: &str, pattern: &str, example: &str) -> Schema {
    json_schema!({ "type": "string", "description": what, "pattern": pattern, "examples": [example] })
}

/// One value, or a list of them.
fn one_or_many<T: JsonSchema>(generator: &mut SchemaGenerator, most: usize) -> Schema {
    let one = generator.subschema_for::<T>();
    let mut list = json_schema!({ "type": "array", "items": one.clone(), "minItems": 1 });
    if most < usize::MAX {
        list.insert("maxItems".into(), most.into());
    }
    json_schema!({ "anyOf": [one, list] })
}

/// The schema of a type by the name that the document gives it.
macro_rules! schema {
    ($type:ty, $name:literal, $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let make: fn(&mut SchemaGenerator) -> Schema = $schema;
                make(generator)
            }
        }
    };
}

const V4: &str = r"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
const V6: &str = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*";

fn address(what: &str, prefix: &str, example: &str) -> Schema {
    text(what, &format!("^({V4}|{V6}){prefix}$"), example)
}

schema!(HostAddress, "HostAddress", |_| address("a host's own address", "", "192.168.10.102"));
schema!(Vip, "Vip", |_| address("an address that clients use", r"(/\d{1,3})?", "192.168.10.100"));
schema!(Gateway, "Gateway", |_| address("the address of a gateway", "", "192.168.10.2"));
schema!(NameServer, "NameServer", |_| address("the address of a name server", "", "192.168.10.53"));
schema!(Subnet, "Subnet", |_| address(
    "a subnet, with its prefix length",
    r"/\d{1,3}",
    "192.168.10.0/24"
));

schema!(SysctlFiles, "SysctlFiles", |_| {
    let settings = json!({
        "type": "object",
        "description": "Sysctls and their values",
        "additionalProperties": { "type": ["string", "integer"] },
    });
    json_schema!({
        "type": "object",
        "description": "Files of sysctls that are on a host besides lvsgen's",
        "additionalProperties": settings,
    })
});

schema!(Mechanisms, "Mechanisms", |generator| {
    let name = generator.subschema_for::<super::MechanismName>();
    let needs: serde_json::Map<String, Value> =
        Need::ALL.iter().map(|need| (need.as_str().to_owned(), name.clone().to_value())).collect();
    json_schema!({
        "type": "object",
        "description": "Other ways than the target's first, by need: see `lvsgen targets`",
        "properties": needs,
        "additionalProperties": false,
    })
});

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for PerFamily<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}PerFamily", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        one_or_many::<T>(generator, 2)
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}OneOrMany", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        one_or_many::<T>(generator, usize::MAX)
    }
}

/// A short form beside the mapping that says the same at length.
fn or_short(mapping: &Schema, short: &Schema) -> Schema {
    json_schema!({ "anyOf": [short, mapping] })
}

/// What stands in the list of a service's real servers.
pub(super) struct Listed;

schema!(Listed, "ListedRealServer", |generator| {
    let name = generator.subschema_for::<super::HostName>();
    let server = generator.subschema_for::<ServiceServer>();
    let definition = generator.definitions_mut().get_mut("ServiceServer");
    if let Some(own) = definition.and_then(|one| one.pointer_mut("/properties/name")) {
        *own = json!({ "anyOf": [own.take(), names()] });
    }
    json_schema!({ "anyOf": [name, names(), server, include()] })
});

/// A range of host names.
fn names() -> Schema {
    text("a range of host names", r"^[a-z0-9.-]*\[\d+-\d+\][a-z0-9.-]*$", "web[001-100]")
}

/// A list of another file.
fn include() -> Schema {
    let path = json!({
        "type": "string",
        "description": "a list of hosts in a YAML or CSV file, beside the model",
        "pattern": r"\.(csv|ya?ml)$",
    });
    json_schema!({
        "type": "object",
        "properties": { "include": path },
        "required": ["include"],
        "additionalProperties": false,
    })
}

/// What stands in a list of hosts: one host, a range of hosts, or a list of another file.
pub(super) fn entry_of_hosts(mut host: Schema) -> Schema {
    let range = format!("^({V4}|{V6}) *- *({V4}|{V6})$");
    let range = text("a range of addresses", &range, "10.0.0.1-10.0.0.100");
    let ranges = json!({ "type": "array", "items": range, "minItems": 1, "maxItems": 2 });
    if let Some(name) = host.pointer_mut("/properties/name") {
        *name = json!({ "anyOf": [name.take(), names()] });
    }
    if let Some(address) = host.pointer_mut("/properties/address") {
        *address = json!({ "anyOf": [address.take(), range, ranges] });
    }
    json_schema!({ "anyOf": [host, include()] })
}

/// What stands behind `persistence`.
pub(super) struct Persists;

schema!(Persists, "PersistenceOrTimeout", |generator| {
    let seconds = json_schema!({ "type": "integer", "minimum": 1, "maximum": 2_678_400 });
    or_short(&generator.subschema_for::<Persistence>(), &seconds)
});

impl JsonSchema for Port {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}
