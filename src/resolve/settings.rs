//! The kernel parameters of a host: every parameter of every role, with its value and its reason.
//!
//! Takes the roles of a host, its NIC and its VIPs; gives the list that the template prints, the probes
//! ask for, and the checks put into their model of the kernel. `readback` alone states the expectation a
//! second time.

use serde::Serialize;

use crate::ipvs::Family;
use crate::kernel::{Parameter, conf_key};
use crate::model::{InterfaceName, Role, Vip};

use super::Roles;

/// One kernel parameter with its value and its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KernelSetting {
    /// The key, as sysctl.d(5) has it.
    pub key: String,
    /// The value.
    pub value: i64,
    /// The kernel's own value, to which the undo returns.
    pub initial: i64,
    /// The reason, in lines of a comment.
    pub reason: Vec<&'static str>,
    /// The parameter whose effective value the setting is for.
    #[serde(skip)]
    pub parameter: Parameter,
}

/// Gives the settings of a host. A host without IPv4 VIPs needs none as a real server: IPv6 has no ARP,
/// and a VIP on `lo` is never answered for on the NIC.
pub(super) fn settings(
    roles: &Roles,
    interface: &InterfaceName,
    vips: &[Vip],
) -> Vec<KernelSetting> {
    let mut settings = Vec::new();
    if roles.contains(&Role::Director) {
        settings.extend(no_redirects(interface));
    }
    // The order is the order of the drop-in: redirects of a director, ARP of a real server.
    if roles.contains(&Role::RealServer) && vips.iter().any(|vip| vip.family() == Family::Ipv4) {
        settings.extend(no_arp());
    }
    settings
}

fn setting(
    member: &str,
    parameter: Parameter,
    value: i64,
    reason: &[&'static str],
) -> KernelSetting {
    let (key, initial) = (conf_key(member, parameter), parameter.initial());
    KernelSetting { key, value, initial, reason: reason.to_vec(), parameter }
}

/// Keeps a real server from answering ARP for the VIPs on its `lo`.
fn no_arp() -> [KernelSetting; 2] {
    [
        setting(
            "all",
            Parameter::ArpIgnore,
            1,
            &[
                "Answer ARP requests only for addresses on the NIC that they come in by: the VIP is on lo.",
                "The kernel takes the larger of `all` and the NIC's own value, so that `all` is enough.",
            ],
        ),
        setting(
            "all",
            Parameter::ArpAnnounce,
            2,
            &[
                "Never name the VIP as the sender of an ARP request: with less than 2, an answer to a client",
                "would teach the client this host's MAC address for the VIP.",
            ],
        ),
    ]
}

/// Keeps a director from sending ICMP redirects.
fn no_redirects(interface: &InterfaceName) -> [KernelSetting; 3] {
    let parameter = Parameter::SendRedirects;
    [
        setting(
            "all",
            parameter,
            0,
            &["The kernel sends redirects when `all` OR the NIC says so: both have to be off."],
        ),
        setting(
            "default",
            parameter,
            0,
            &["The value of a NIC that is added later; NICs that exist already keep theirs."],
        ),
        setting(
            // `all` does not clear a NIC's own 1: the kernel joins both by OR
            // (IN_DEV_TX_REDIRECTS).
            interface.as_str(),
            parameter,
            0,
            &[
                "The NIC that the clients' requests come in by, and leave by towards the real servers.",
            ],
        ),
    ]
}
