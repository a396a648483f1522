//! The cloud-init delivery: for each host the documents that a NoCloud source gives it on its first boot.
//!
//! Takes the model, the rendered files and the steps of the hosts; gives `cloud-init/NAME/{user-data,meta-data,network-config}`.
//! `user-data` is a gzip file with the script that runs `converge.sh` (see [`install::first_boot`]). network-config contains no VIPs,
//! because cloud-init applies it first.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use rayon::prelude::*;
use serde::Serialize;

use super::install::{self, HostSteps};
use super::{Delivery, OutputFile, Owner, Payload};
use crate::embed::{self, FirstBoot, Table};
use crate::file::Mode;
use crate::ipvs::Family;
use crate::model::{Cluster, HasFamily as _, HostAddress, HostName, Need, NicKind};
use crate::plan::needs::TableOwner;
use crate::plan::{HostPlan, NicPlan, NicProfile, Values};
use crate::readback::ReadBack;
use crate::yaml;

/// The size of the user-data that every cloud accepts, in bytes: the limit of Amazon EC2.
pub const MOST: usize = 16_384;

/// Gives every host's documents, sorted by path.
pub fn pack(
    cluster: &Cluster,
    read_back: &ReadBack<'_>,
    hosts: &[HostSteps<'_, '_>],
) -> Vec<OutputFile> {
    let documents = hosts.par_iter().map(|host| {
        let plan = &host.work.host.plan;
        let name = plan.name;
        let meta_data = MetaData {
            instance_id: format!("lvsgen-{}-{name}", cluster.name.value),
            local_hostname: name,
        };
        let program = embed::first_boot_member(kind(read_back, host));
        let user_data = user_data(&install::first_boot(read_back, host), program);
        let mut documents: Vec<(&str, Payload)> =
            vec![("meta-data", yaml_of(&meta_data).into()), ("user-data", user_data.into())];
        if let Some(config) = network_config(plan) {
            documents.push(("network-config", yaml_of(&config).into()));
        }
        let files = documents.into_iter().map(|(file, contents)| OutputFile {
            path: format!("cloud-init/{name}/{file}"),
            mode: Mode::file(),
            contents,
            owner: Owner::host(name, Some(Delivery::CloudInit)),
        });
        files.collect::<Vec<_>>()
    });
    let documents: Vec<Vec<OutputFile>> = documents.collect();
    let mut files: Vec<OutputFile> = documents.into_iter().flatten().collect();
    // The hosts are in the order of the rollout; the output is sorted by path.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn yaml_of<T: Serialize>(value: &T) -> String {
    yaml::to_string(value).expect("the data holds texts and flags only")
}

/// A part of the user-data as one member of a gzip file (RFC 1952): cloud-init unpacks all members. The header has no time and
/// no system, so that the bytes are the same everywhere.
fn member(text: &str, compression: Compression) -> Vec<u8> {
    let header = GzBuilder::new().mtime(0).operating_system(255);
    let mut writer = header.write(Vec::with_capacity(text.len() + 64), compression);
    let written = writer.write_all(text.as_bytes()).and_then(|()| writer.finish());
    written.expect("a write to memory cannot fail")
}

/// The things of a host that its program needs.
fn kind(read_back: &ReadBack<'_>, host: &HostSteps<'_, '_>) -> FirstBoot {
    let table = match host.work.host.plan.values(Need::IpvsRules) {
        Some(Values::IpvsRules(rules)) => Some(match rules.owner {
            TableOwner::Converge => Table::Edited,
            TableOwner::Keepalived { .. } => Table::Kept,
        }),
        _ => None,
    };
    let mut files = read_back.rendered().files(host.work.host);
    FirstBoot { table, secrets: files.any(|file| !file.secrets.is_empty()) }
}

/// The user-data of a host. The host's own part stays readable if the whole is not too large with it.
fn user_data(own: &str, program: &[u8]) -> Vec<u8> {
    let readable = member(own, Compression::none());
    let mut bytes = match readable.len() + program.len() <= MOST {
        true => readable,
        false => member(own, Compression::best()),
    };
    bytes.extend(program);
    bytes
}

/// The hosts whose user-data is larger than [`MOST`], with its size.
pub fn too_large(files: &[OutputFile]) -> impl Iterator<Item = (&HostName, usize)> {
    files.iter().filter_map(|file| {
        let size = file.contents.as_bytes().len();
        let user_data = file.owner.delivery == Some(Delivery::CloudInit) && size > MOST;
        Some((file.owner.host.as_ref().filter(|_| user_data)?, size))
    })
}

/// The reason why a host has no network-config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// The model has no gateway for an address of the host.
    Gateway,
    /// The model has no name server.
    Dns,
    /// The host has another NIC, which the model does not describe.
    OtherNic,
    /// The NIC is no Ethernet NIC, or has an id of its own in the site's netplan files: the model does not describe the whole
    /// bond, VLAN or `match`.
    NicKind,
}

/// The reasons why the model does not know all NICs of a host. cloud-init would replace the whole network configuration of
/// the image by a part of it.
pub fn unknown(host: &HostPlan<'_>) -> Vec<Unknown> {
    let nics = host.nics.iter().map(|nic| &nic.profile);
    let gateways = nics.clone().flat_map(|nic| &nic.gateways);
    let gateway = |family| gateways.clone().any(|gateway| gateway.address.family() == family);
    let dns = nics.clone().any(|nic| !nic.dns.is_empty());
    let own = |address: HostAddress| host.addresses().any(|one| one == address);
    let reasons = [
        (Unknown::Gateway, !host.addresses().all(|address| gateway(address.family()))),
        (Unknown::Dns, !dns),
        (Unknown::NicKind, !host.nics.iter().all(is_plain)),
        (Unknown::OtherNic, host.other_nics || !own(host.management_address)),
    ];
    reasons.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect()
}

/// Whether an image without any other file knows the NIC by its name.
fn is_plain(nic: &NicPlan<'_>) -> bool {
    nic.profile.kind == NicKind::Ethernet && nic.profile.netplan_id == nic.name.as_str()
}

/// The ID does not depend on a file: if the ID changed, cloud-init would run its whole first boot again.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct MetaData<'a> {
    instance_id: String,
    local_hostname: &'a HostName,
}

/// Networking config version 2, which cloud-init turns into what the image's system reads.
#[derive(Serialize)]
struct NetworkConfig<'a> {
    version: u8,
    ethernets: BTreeMap<&'a str, Ethernet>,
}

#[derive(Serialize)]
struct Ethernet {
    addresses: Vec<String>,
    /// Not `routes`: for ifupdown, cloud-init converts `routes` to calls of `route` (net-tools). If
    /// net-tools is not installed, the default route is missing, and no error is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway6: Option<String>,
    #[serde(skip_serializing_if = "NameServers::is_empty")]
    nameservers: NameServers,
}

#[derive(Serialize)]
struct NameServers {
    addresses: Vec<String>,
}

impl NameServers {
    fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }
}

/// None if the model does not know all NICs of the host.
fn network_config<'a>(host: &'a HostPlan<'_>) -> Option<NetworkConfig<'a>> {
    if !unknown(host).is_empty() {
        return None;
    }
    let ethernets = host.nics.iter().map(|nic| (nic.name.as_str(), ethernet(&nic.profile)));
    Some(NetworkConfig { version: 2, ethernets: ethernets.collect() })
}

fn ethernet(nic: &NicProfile) -> Ethernet {
    let gateway = |family: Family| {
        let mut gateways = nic.gateways.iter().map(|one| one.address);
        gateways.find(|one| one.family() == family).map(|one| one.to_string())
    };
    let dns = nic.dns.iter().map(|server| server.address.to_string());
    Ethernet {
        addresses: nic.addresses.iter().map(|one| one.cidr.to_string()).collect(),
        gateway4: gateway(Family::Ipv4),
        gateway6: gateway(Family::Ipv6),
        nameservers: NameServers { addresses: dns.collect() },
    }
}
