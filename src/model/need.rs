//! What a host can need of its operating system, and the model's choice of how it is provided.

use std::collections::BTreeMap;

use super::decode::{Decode, Fields, cite};
use super::name::MechanismName;
use super::shape;
use super::words::words;
use crate::diagnostic::{Finding, Report, did_you_mean, quoted};
use crate::source::Located;
use crate::yaml::Node;

words! {
    /// What a host needs, in the order in which it is safe to put into effect: sysctls before the
    /// VIP that they hide, the VIP before the rules and the services that use it.
    Need, "a need",
    /// Real server: silence about the VIP in ARP.
    ArpSuppression = "arp_suppression",
    /// Director: no ICMP redirects.
    RedirectsOff = "redirects_off",
    /// Director: IPVS in the kernel before anything sets its sysctls.
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
    /// Director: the marks that firewall-mark services balance.
    FirewallMarks = "firewall_marks",
    /// Director: the IPVS table.
    IpvsRules = "ipvs_rules",
}

/// The mechanisms that the model chooses, by need.
#[derive(Clone, Debug, Default)]
pub struct Mechanisms(pub BTreeMap<Need, Located<MechanismName>>);

impl Decode for Mechanisms {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`mechanisms`", report)?;
        let mut chosen = BTreeMap::new();
        for (key, written, value) in fields.rest() {
            let known = Need::ALL.iter().map(|need| need.as_str());
            match Need::new(written) {
                Ok(need) => {
                    let name = Located::decode(value, report);
                    name.map_or_else(|| fields.fail(), |name| drop(chosen.insert(need, name)));
                }
                Err(_) => {
                    fields.fail();
                    let message = format!("{} is not a need", cite(written));
                    let help = did_you_mean(written, known.clone())
                        .unwrap_or_else(|| format!("the needs are {}", quoted(known)));
                    report.add(Finding::at(&shape::UNKNOWN_KEY, key.span, message).help(help));
                }
            }
        }
        fields.finish(report).map(|()| Self(chosen))
    }
}
