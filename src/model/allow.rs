//! The warnings that the cluster's owner knows and accepts.

use schemars::JsonSchema;

use super::decode::{Decode, Fields};
use super::name::{CheckCode, Text};
use crate::diagnostic::Report;
use crate::source::Located;
use crate::yaml::Node;

/// `allow[]`: one check whose warnings are not reported, and the reason.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Allow {
    /// `check`: the code of the check, which findings show in brackets.
    pub check: Located<CheckCode>,
    /// `reason`: the reason, for the next reader of the model.
    pub reason: Located<Text>,
}

impl Decode for Allow {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "an `allow` entry", report)?;
        let check = fields.required("check", report);
        let reason = fields.required("reason", report);
        fields.finish(report)?;
        Some(Self { check: check?, reason: reason? })
    }
}
