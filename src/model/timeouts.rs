//! The timeouts of IPVS's connection table.

use schemars::json_schema;
use serde_json::json;

use super::decode::{Decode, Fields, number};
use super::schema_part::schema;
use crate::diagnostic::Report;
use crate::ipvs::Timeouts;
use crate::yaml::Node;

/// `timeouts`: the time for which IPVS remembers a connection, in seconds (ipvsadm(8), `--set`). If a key is
/// missing, its timeout is `0`, and the kernel keeps its current value.
impl Decode for Timeouts {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`timeouts`", report)?;
        let mut seconds =
            |key, report: &mut Report| fields.optional(key, report).map_or(0, |Seconds(time)| time);
        let tcp = seconds("tcp", report);
        let tcp_fin = seconds("tcp_fin", report);
        let udp = seconds("udp", report);
        fields.finish(report)?;
        Some(Self { tcp, tcp_fin, udp })
    }
}

schema!(Timeouts, "Timeouts", |_| {
    let seconds = |what: &str| json!({ "description": what, "type": "integer", "minimum": 1, "maximum": LONGEST });
    json_schema!({
        "type": "object",
        "description": "the time for which IPVS remembers a connection, in seconds",
        "properties": {
            "tcp": seconds("an established TCP connection"),
            "tcp_fin": seconds("a TCP connection after its FIN"),
            "udp": seconds("a UDP flow"),
        },
        "additionalProperties": false,
    })
});

/// A time in seconds, at most 31 days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) u32);

/// The longest timeout that ipvsadm accepts, in seconds. It is 31 days.
const LONGEST: u32 = 31 * 24 * 60 * 60;

impl Decode for Seconds {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = number(node, "a time in seconds", 1, LONGEST.into(), report)?;
        Some(Self(u32::try_from(read).expect("`number` keeps the value within the bounds")))
    }
}
