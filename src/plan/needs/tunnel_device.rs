//! `tunnel_device`: the devices that unpack the packets of tunnelled services.
//!
//! Takes a real server and its services; gives the devices, one for each address family.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Serialize;

use crate::check::Checked;
use crate::ipvs::{Family, Forwarding};
use crate::kernel::Parameter;
use crate::model::{Host, Vip};
use crate::plan::Probe;
use crate::resolve::{HostView, SettingValue};

/// The devices of a real server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TunnelDevices {
    /// The devices, IPv4 first.
    pub devices: Vec<TunnelDevice>,
}

/// A device that unpacks packets. The kernel makes the device when it loads the module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TunnelDevice {
    /// The name.
    pub device: &'static str,
    /// The kernel module.
    pub module: &'static str,
    /// The value of `rp_filter`, which only IPv4 has. The packets of clients come in on the device, and the way back to
    /// the clients is another NIC: the value 1 drops all of them. The kernel uses the larger of the values of `all` and the
    /// device, so 0 is not enough.
    pub rp_filter: Option<u8>,
    /// The address of the device, an own address of the host, which only IPv4 needs. On a device without an address, the
    /// kernel drops the packets with `rp_filter` 2 too (`net/ipv4/fib_frontend.c`, `__fib_validate_source`).
    pub address: Option<IpNet>,
}

impl TunnelDevices {
    pub(super) fn new(checked: &Checked<'_>, view: &HostView<'_>) -> Self {
        let families: BTreeSet<Family> =
            tunnelled(checked, view).into_iter().map(Vip::family).collect();
        Self { devices: families.into_iter().map(|family| device(view.host, family)).collect() }
    }

    /// The names of the devices with their addresses: another address of the host is another item, whose undo removes the
    /// former address.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |one: &TunnelDevice| match one.address {
            Some(address) => format!("{}:{address}", one.device),
            None => one.device.to_owned(),
        };
        self.devices.iter().map(name).collect()
    }

    pub(super) fn probes(&self) -> Vec<Probe> {
        let each = self.devices.iter().flat_map(|one| {
            let setting = one.rp_filter.map(|value| Probe::SettingIs {
                interface: one.device.to_owned(),
                parameter: Parameter::RpFilter,
                value: SettingValue::Number(value.into()),
            });
            let address =
                one.address.map(|net| Probe::AddressOn { interface: one.device.to_owned(), net });
            let up = std::iter::once(Probe::DeviceUp(one.device.to_owned()));
            up.chain(setting).chain(address)
        });
        each.collect()
    }
}

/// The VIPs whose packets reach a real server through a tunnel.
pub(super) fn tunnelled(checked: &Checked<'_>, view: &HostView<'_>) -> BTreeSet<Vip> {
    let services = checked.resolved().services_of(view.host);
    let through_tunnel =
        services.filter(|service| service.way_to(view.host) == Some(Forwarding::Tunnel));
    through_tunnel.flat_map(|service| service.reached(view.host)).collect()
}

fn device(host: &Host, family: Family) -> TunnelDevice {
    match family {
        Family::Ipv4 => TunnelDevice {
            device: "tunl0",
            module: "ipip",
            rp_filter: Some(2),
            address: host.address(family).map(|address| IpNet::from(address.0)),
        },
        Family::Ipv6 => {
            TunnelDevice { device: "ip6tnl0", module: "ip6_tunnel", rp_filter: None, address: None }
        }
    }
}
