//! Parts of the model's JSON Schema that several types use.
//!
//! Takes descriptions and patterns; gives [`Schema`]s. The schema of each type is next to the type's reader.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::source::Located;

/// The schema of a text that must match a pattern. An editor prints the message, which VS Code and yaml-language-server
/// read, in the place of the pattern.
pub(super) fn text(what: &str, pattern: &str, example: &str) -> Schema {
    json_schema!({
        "type": "string",
        "description": what,
        "pattern": pattern,
        "patternErrorMessage": format!("write {what}, such as `{example}`"),
        "examples": [example],
    })
}

/// The schema of a key that takes one value or a list of 1 to `most` values.
pub(super) fn one_or_many<T: JsonSchema>(generator: &mut SchemaGenerator, most: usize) -> Schema {
    let one = generator.subschema_for::<T>();
    let mut list = json_schema!({ "type": "array", "items": one.clone(), "minItems": 1 });
    if most < usize::MAX {
        list.insert("maxItems".into(), most.into());
    }
    json_schema!({ "anyOf": [one, list] })
}

/// Implements the schema of a type. `$name` is the name of the type in the schema document.
macro_rules! schema {
    ($type:ty, $name:literal, $schema:expr) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let make: fn(&mut schemars::SchemaGenerator) -> schemars::Schema = $schema;
                make(generator)
            }
        }
    };
}

pub(super) use schema;

/// An IPv4 address, as a regular expression.
pub(super) const V4: &str =
    r"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
/// A regular expression for the characters of an IPv6 address.
pub(super) const V6: &str = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*";

/// The schema of an address. `prefix` is the pattern for the prefix length that follows the address.
pub(super) fn address(what: &str, prefix: &str, example: &str) -> Schema {
    text(what, &format!("^({V4}|{V6}){prefix}$"), example)
}

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

/// The schema of a value that is either a short form or a full mapping.
pub(super) fn or_short(mapping: &Schema, short: &Schema) -> Schema {
    json_schema!({ "anyOf": [short, mapping] })
}
