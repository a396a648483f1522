//! The needs of a host, and the mechanism that the model chooses for each need.

use std::collections::BTreeMap;

use schemars::json_schema;
use serde_json::{Value, json};

use super::decode::{Decode, Fields};
use super::name::MechanismName;
use super::schema_part::schema;
use super::shape;
use crate::diagnostic::{Finding, Report, cite, did_you_mean, quoted};
use crate::keyword::keywords;
use crate::source::Located;
use crate::yaml::Node;

keywords! {
    /// One thing that a host must have because of the model. It is safe to apply the needs in the order of
    /// this list. The kernel parameters come before the VIPs, because they prevent ARP answers for a VIP on
    /// `lo`. The VIPs of a real server come before its web server. The VIPs of a director come before its IPVS
    /// table.
    Need, "a need",
    /// Director: the kernel modules of IPVS. A module must be loaded before its parameters can be set.
    IpvsModules = "ipvs_modules",
    /// The kernel parameters that the roles of the host require.
    KernelSettings = "kernel_settings",
    /// The queues of the network cards.
    Queues = "queues",
    /// The packets that the firewall of the host must accept.
    Firewall = "firewall",
    /// Real server: the devices that unpack the packets of tunnelled services.
    TunnelDevice = "tunnel_device",
    /// NFS server: the shared directory and the export of this directory.
    NfsExport = "nfs_export",
    /// Real server: the mount of the shared directory.
    NfsMount = "nfs_mount",
    /// Real server: on `lo`, the VIPs of its services.
    RealServerVip = "real_server_vip",
    /// Real server: the routes by which the answers of masqueraded services go back to the director.
    ReturnRoute = "return_route",
    /// Real server: a web server. Each answer contains the name of the node.
    WebServer = "web_server",
    /// Director: the VIPs on its NIC.
    DirectorVip = "director_vip",
    /// Director: the rules that mark packets for services with a `fwmark`, and the rules that hide the packets of services
    /// from a stateful firewall. Real server: the rules that limit the size of the packets of tunnelled services.
    PacketRules = "packet_rules",
    /// Director: the IPVS table.
    IpvsRules = "ipvs_rules",
    /// The metrics of the host: an exporter, and a script that gives it the state of the host's part of the cluster.
    Metrics = "metrics",
    /// Monitoring server: a Prometheus with the rules of the cluster, and the prober beside it.
    Monitoring = "monitoring",
}

/// Former needs of version 0.1, each with the need that contains it today.
const FORMER: [(&str, Need, &str); 3] = [
    ("arp_suppression", Need::KernelSettings, "all kernel parameters of a host"),
    ("redirects_off", Need::KernelSettings, "all kernel parameters of a host"),
    ("firewall_marks", Need::PacketRules, "the marks"),
];

/// The mechanisms that the model chooses. Each need has at most one.
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
    if let Some((_, need, what)) = FORMER.iter().find(|(former, ..)| *former == written) {
        return format!("write `{need}`: this need contains {what}");
    }
    let known = || Need::ALL.iter().map(|need| need.as_str());
    did_you_mean(written, known()).unwrap_or_else(|| format!("the needs are {}", quoted(known())))
}

schema!(Mechanisms, "Mechanisms", |generator| {
    let name = generator.subschema_for::<MechanismName>();
    // The schema of the needs has the meaning of each need.
    let needs = Need::json_schema(generator);
    let needs: serde_json::Map<String, Value> = needs.as_value()["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|need| {
            let value = json!({ "allOf": [name], "description": need["description"] });
            Some((need["const"].as_str()?.to_owned(), value))
        })
        .collect();
    json_schema!({
        "type": "object",
        "description": "for each need, the mechanism to use instead of the first mechanism of the target (`lvsgen targets NAME`)",
        "properties": needs,
        "additionalProperties": false,
    })
});
