//! The warnings that the cluster's owner knows and accepts.

use schemars::JsonSchema;

use super::decode::{Decode, Fields};
use super::name::{CheckCode, Text};
use crate::diagnostic::Report;
use crate::source::Located;
use crate::yaml::Node;

/// `allow[]`: one check and a reason. lvsgen does not report the warnings of this check.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Allow {
    /// `check`: the code of the check. A finding shows this code in brackets.
    pub check: Located<CheckCode>,
    /// `on`: the name of a host or a service. The entry then applies only to warnings about the keys of this host or service.
    pub on: Option<Located<Text>>,
    /// `reason`: the reason why the owner accepts the warnings.
    pub reason: Located<Text>,
}

impl Decode for Allow {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "an `allow` entry", report)?;
        let check = fields.required("check", report);
        let on = fields.optional("on", report);
        let reason = fields.required("reason", report);
        fields.finish(report)?;
        Some(Self { check: check?, on, reason: reason? })
    }
}
