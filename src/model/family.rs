//! Keys that take one value for each address family: one for IPv4, one for IPv6, or both.
//!
//! Takes one value or a list of values; gives [`PerFamily`].

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Decode, OneOrMany};
use super::schema_part::one_or_many;
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::ipvs::Family;
use crate::source::Located;
use crate::yaml::Node;

/// One value for IPv4, one for IPv6, or both. At least one value is present.
#[derive(Clone, Debug)]
pub struct PerFamily<T>(Vec<Located<T>>);

/// A value that belongs to an address family.
pub trait HasFamily {
    /// The family.
    fn family(&self) -> Family;
}

impl<T: HasFamily> PerFamily<T> {
    /// The value for a family, if there is one.
    pub fn of(&self, family: Family) -> Option<&Located<T>> {
        self.0.iter().find(|one| one.family() == family)
    }

    /// The values, IPv4 first.
    pub fn iter(&self) -> impl Iterator<Item = &Located<T>> {
        Family::ALL.into_iter().filter_map(|family| self.of(family))
    }
}

impl<T: Decode + HasFamily> Decode for PerFamily<T> {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let OneOrMany(values) = OneOrMany::<Located<T>>::decode(node, report)?;
        for (at, value) in values.iter().enumerate() {
            let family = value.family();
            if let Some(before) = values[..at].iter().find(|one| one.family() == family) {
                let message = format!("there are two {family} values, but only one is allowed");
                report.add(
                    Finding::at(&shape::BAD_VALUE, value.span, message)
                        .related(before.span, "the first one")
                        .help("give one value, or one for IPv4 and one for IPv6"),
                );
                return None;
            }
        }
        Some(Self(values))
    }
}

impl<T: JsonSchema> JsonSchema for PerFamily<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}PerFamily", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        one_or_many::<T>(generator, 2)
    }
}
