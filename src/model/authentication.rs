//! The password of the VRRP advertisements.

use schemars::JsonSchema;

use super::decode::{Decode, Fields, word};
use super::schema_part;
use crate::diagnostic::Report;
use crate::secret::SecretName;
use crate::source::Located;
use crate::yaml::Node;

/// `failover.authentication`: the directors accept only advertisements with a common password. keepalived then uses version
/// 2 of VRRP, which has IPv4 only. The password goes over the network in clear text: it protects against another group with
/// the same `virtual_router_id` and not against an attacker.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Authentication {
    /// `from`: the place of the password, `secret:NAME`. On each director, the file `/etc/lvsgen/secrets/NAME` has the
    /// password, of at most 8 characters. No file that lvsgen writes has the password.
    #[schemars(with = "SecretName")]
    pub from: Located<SecretName>,
}

impl Decode for Authentication {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`authentication`", report)?;
        let from = fields.required("from", report);
        fields.finish(report)?;
        Some(Self { from: from? })
    }
}

impl Decode for SecretName {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = |text: &str| {
            let name = text.strip_prefix("secret:");
            let name = name.ok_or("a model has the name of a secret and never its value: write `secret:NAME`, and put the value into `/etc/lvsgen/secrets/NAME` on the hosts")?;
            Self::new(name)
        };
        word(node, "the place of a secret", read, report)
    }
}

impl JsonSchema for SecretName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = r"^secret:[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";
        schema_part::text("the place of a secret", pattern, "secret:vrrp")
    }
}
