//! The cloud-init delivery: for each host what a NoCloud source hands it on its first boot.
//!
//! Takes the plan and the [`Bundle`]s; gives `cloud-init/NAME/{user-data,meta-data,network-config}`.
//! The documents are serialised from types. VIPs are in no network-config: they come with the files,
//! after the sysctls that hide them (cloud-init applies network-config first of all).

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::OutputFile;
use crate::artifact::{Artifact, BLOCK_BEGIN, BLOCK_END, Bundle, Mode, PerProvision, Provision};
use crate::model::{Cluster, Family, HasFamily as _, HostName};
use crate::plan::{HostPlan, Plan};
use crate::yaml;

/// Gives every host's documents, sorted by path.
///
/// # Errors
/// Data that is no YAML: a fault of lvsgen.
pub fn pack(
    cluster: &Cluster,
    plan: &Plan<'_>,
    bundles: &[Bundle],
) -> Result<Vec<OutputFile>, String> {
    let parts = PerProvision::new(bundles, |provision| {
        let commands = yaml::items(&commands(provision))?;
        Ok::<_, String>(Part { write_files: yaml::items(&write_files(provision))?, commands })
    })?;
    let hosts = plan.hosts.par_iter().zip(bundles).map(|(host, bundle)| {
        let user_data = user_data(bundle, &parts)?;
        let meta_data = yaml::to_string(&MetaData {
            instance_id: format!("lvsgen-{}", &digest(&user_data)[..16]),
            local_hostname: host.name,
        })?;
        let network = yaml::to_string(&network_config(cluster, host))?;
        let files =
            [("meta-data", meta_data), ("network-config", network), ("user-data", user_data)];
        Ok(files.map(|(name, contents)| OutputFile {
            path: format!("cloud-init/{}/{name}", host.name),
            mode: Mode::file(),
            contents: contents.into(),
        }))
    });
    let hosts: Vec<[OutputFile; 3]> = hosts.collect::<Result<_, String>>()?;
    let mut files: Vec<OutputFile> = hosts.into_iter().flatten().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// What a provision gives to the user-data of every host that has it, as lines of YAML.
struct Part {
    write_files: String,
    commands: String,
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new instance is set up from the beginning: other user-data, another instance.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct MetaData<'a> {
    instance_id: String,
    local_hostname: &'a HostName,
}

#[derive(Serialize)]
struct WriteFile<'a> {
    path: String,
    owner: &'static str,
    permissions: Mode,
    content: &'a str,
    /// After the packages: one that brings the file itself would else find it changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    defer: bool,
}

fn user_data(bundle: &Bundle, parts: &PerProvision<Part>) -> Result<String, String> {
    let mut packages: Vec<&str> =
        bundle.provisions.iter().flat_map(|one| &one.packages).map(String::as_str).collect();
    packages.sort_unstable();
    packages.dedup();
    let mut text = "#cloud-config\n".to_owned();
    if !packages.is_empty() {
        text += &yaml::list("packages", [&*yaml::items(&packages)?].into_iter());
    }
    text += &yaml::list("write_files", parts.of(bundle).map(|(_, part)| &*part.write_files));
    text += &yaml::list("runcmd", parts.of(bundle).map(|(_, part)| &*part.commands));
    Ok(text)
}

fn write_files(provision: &Provision) -> Vec<WriteFile<'_>> {
    let defer = !provision.packages.is_empty();
    provision.artifacts.iter().map(|artifact| write_file(artifact, defer)).collect()
}

/// Where a shared file's block waits until it is put into the file of the image.
fn waiting(artifact: &Artifact) -> String {
    format!("/var/lib/lvsgen{}", artifact.path)
}

fn write_file(artifact: &Artifact, defer: bool) -> WriteFile<'_> {
    WriteFile {
        path: if artifact.shared { waiting(artifact) } else { artifact.path.clone() },
        owner: "root:root",
        permissions: artifact.mode,
        content: &artifact.contents,
        defer,
    }
}

/// One need after the other, each as a delivery by hand would do it.
fn commands(provision: &Provision) -> Vec<String> {
    let mut commands = Vec::new();
    for directory in &provision.directories {
        commands.push(format!("mkdir -p '{0}' && chmod {1} '{0}'", directory.path, directory.mode));
    }
    for artifact in provision.artifacts.iter().filter(|artifact| artifact.shared) {
        commands.push(insert(artifact));
    }
    if provision.artifacts.iter().any(|one| one.path.starts_with("/etc/systemd/system/")) {
        commands.push("systemctl daemon-reload".to_owned());
    }
    commands.extend(provision.services.iter().map(|unit| match unit.ends_with(".mount") {
        // All hosts boot at once, and the server may be the last: five minutes are given to it.
        true => format!(
            "systemctl enable '{unit}'; \
             for try in $(seq 30); do systemctl start '{unit}' && break; sleep 10; done"
        ),
        // Not `enable --now`, which enables a SysV script and does not start it.
        false => format!("systemctl enable '{unit}'; systemctl start '{unit}'"),
    }));
    commands.extend(provision.apply.iter().cloned());
    commands
}

/// Puts the block into the image's own file, before a final `exit 0`, and takes an old one out.
fn insert(artifact: &Artifact) -> String {
    let (file, block) = (&artifact.path, waiting(artifact));
    let old = format!("-e '/^{BLOCK_BEGIN}$/,/^{BLOCK_END}$/d'");
    // What stands before the block in the rendered file begins a file that is not there.
    let end = if artifact.contents.ends_with("\nexit 0\n") { "echo 'exit 0' >>" } else { ": >>" };
    format!(
        "if [ -s '{file}' ]; then sed -i {old} -e '/^exit 0$/d' '{file}'; \
         sed -n '/^{BLOCK_BEGIN}$/,/^{BLOCK_END}$/p' '{block}' >>'{file}'; {end}'{file}'; \
         else cat '{block}' >'{file}'; fi; chmod {} '{file}'",
        artifact.mode
    )
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
    /// Not `routes`, which cloud-init gives to ifupdown as calls of net-tools' `route`: where that is
    /// not installed, there is no default route and nobody says so.
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

fn network_config<'a>(cluster: &Cluster, host: &'a HostPlan<'_>) -> NetworkConfig<'a> {
    let network = &cluster.network;
    let own = |family: Family| host.addresses.iter().any(|address| address.family() == family);
    let addresses = host.addresses.iter().filter_map(|address| {
        let prefix = network.subnet.of(address.family())?.0.prefix_len();
        Some(format!("{address}/{prefix}"))
    });
    let gateway = |family: Family| {
        let mut gateways = network.gateways().filter(|gateway| own(gateway.family()));
        gateways.find(|gateway| gateway.family() == family).map(|one| one.value.to_string())
    };
    let nameservers = NameServers {
        addresses: network.dns.iter().map(|server| server.value.to_string()).collect(),
    };
    let ethernet = Ethernet {
        addresses: addresses.collect(),
        gateway4: gateway(Family::Ipv4),
        gateway6: gateway(Family::Ipv6),
        nameservers,
    };
    NetworkConfig { version: 2, ethernets: BTreeMap::from([(host.interface.as_str(), ethernet)]) }
}
