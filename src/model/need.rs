//! The needs of a host, and the mechanism that the model chooses for each need.

use std::collections::BTreeMap;

use schemars::json_schema;
use serde_json::Value;

use super::decode::{Decode, Fields};
use super::name::MechanismName;
use super::schema_part::schema;
use super::shape;
use crate::diagnostic::{Finding, Report, cite, did_you_mean, quoted};
use crate::keyword::keywords;
use crate::source::Located;
use crate::yaml::Node;

keywords! {
    /// One thing that a host must have because of the model. The order of the needs is safe for a start:
    /// the kernel parameters come before the VIP that they hide, and the VIP comes before the table and
    /// the services that use it.
    Need, "a need",
    /// The kernel parameters of all roles of the host.
    KernelSettings = "kernel_settings",
    /// Director: the kernel modules of IPVS. They must be loaded before their parameters are set.
    IpvsModules = "ipvs_modules",
    /// NFS server: the shared directory and its export.
    NfsExport = "nfs_export",
    /// Real server: the shared directory, mounted.
    NfsMount = "nfs_mount",
    /// Real server: the VIPs that it serves, on `lo`.
    RealServerVip = "real_server_vip",
    /// Real server: a web server that names the node in each answer.
    WebServer = "web_server",
    /// Director: the VIPs on its NIC.
    DirectorVip = "director_vip",
    /// Director: the firewall marks of the packets that services balance.
    FirewallMarks = "firewall_marks",
    /// Director: the IPVS table.
    IpvsRules = "ipvs_rules",
}

/// Needs of version 0.1. Today each of them is a part of another need.
const FORMER: [(&str, Need); 2] =
    [("arp_suppression", Need::KernelSettings), ("redirects_off", Need::KernelSettings)];

/// The mechanisms that the model chooses, by need.
#[derive(Clone, Debug, Default)]
pub struct Mechanisms(pub BTreeMap<Need, Located<MechanismName>>);

impl Decode for Mechanisms {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`mechanisms`", report)?;
        let mut chosen = BTreeMap::new();
        for (key, written, value) in fields.rest() {
            match Need::new(written) {
                Ok(need) => match Located::decode(value, report) {
                    Some(name) => drop(chosen.insert(need, name)),
                    None => fields.fail(),
                },
                Err(_) => {
                    fields.fail();
                    let message = format!("{} is not a need", cite(written));
                    let finding = Finding::at(&shape::UNKNOWN_KEY, key.span, message);
                    report.add(finding.help(help(written)));
                }
            }
        }
        fields.finish(report).map(|()| Self(chosen))
    }
}

fn help(written: &str) -> String {
    if let Some((_, need)) = FORMER.iter().find(|(former, _)| *former == written) {
        return format!("write `{need}`: it holds all kernel parameters of a host");
    }
    let known = || Need::ALL.iter().map(|need| need.as_str());
    did_you_mean(written, known()).unwrap_or_else(|| format!("the needs are {}", quoted(known())))
}

schema!(Mechanisms, "Mechanisms", |generator| {
    let name = generator.subschema_for::<MechanismName>();
    let needs: serde_json::Map<String, Value> =
        Need::ALL.iter().map(|need| (need.as_str().to_owned(), name.clone().to_value())).collect();
    json_schema!({
        "type": "object",
        "description": "By need, a mechanism other than the target's first; see `lvsgen targets`",
        "properties": needs,
        "additionalProperties": false,
    })
});
