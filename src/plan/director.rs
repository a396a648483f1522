//! What a director's kernel needs beside VIPs and rules.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::{Cluster, InterfaceName};

/// ICMP redirects, off.
#[derive(Debug, Serialize)]
pub struct RedirectsOff {
    /// The sysctl of the director's own NIC.
    pub interface_key: String,
}

impl RedirectsOff {
    pub(super) fn new(interface: &InterfaceName) -> Self {
        Self { interface_key: interface_sysctl(interface, "send_redirects") }
    }
}

/// An IPv4 sysctl of one NIC. A dot in the NIC's name (`eth0.10`) would end the name in dotted
/// form: sysctl.d(5) keeps what follows a first slash as it is.
fn interface_sysctl(interface: &InterfaceName, key: &str) -> String {
    let separator = if interface.as_str().contains('.') { '/' } else { '.' };
    ["net", "ipv4", "conf", interface.as_str(), key].join(&separator.to_string())
}

/// The kernel modules of IPVS.
#[derive(Debug, Serialize)]
pub struct IpvsModules {
    /// Their names: `ip_vs` itself, then one for each scheduler in use.
    pub modules: Vec<String>,
}

impl IpvsModules {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let schedulers: BTreeSet<_> =
            cluster.virtual_services.iter().map(|service| service.scheduler()).collect();
        let schedulers = schedulers.into_iter().map(|scheduler| format!("ip_vs_{scheduler}"));
        Self { modules: std::iter::once("ip_vs".to_owned()).chain(schedulers).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_nic_keeps_its_name() {
        let key = |name| interface_sysctl(&InterfaceName::new(name).unwrap(), "send_redirects");
        assert_eq!(key("ens33"), "net.ipv4.conf.ens33.send_redirects");
        assert_eq!(key("eth0.10"), "net/ipv4/conf/eth0.10/send_redirects");
    }
}
