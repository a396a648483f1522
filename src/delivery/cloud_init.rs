//! The cloud-init delivery: for each host the documents that a NoCloud source gives it on its first boot.
//!
//! Takes the model and the rendered files; gives `cloud-init/NAME/{user-data,meta-data,network-config}`.
//! The documents are serialised from types. network-config contains no VIPs, because cloud-init
//! applies it first. The rendered files add the VIPs, after the kernel parameters that prevent ARP
//! replies for them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Delivery, OutputFile, Owner};
use crate::file::{BLOCK_BEGIN, BLOCK_END, Contents, Mode};
use crate::ipvs::Family;
use crate::model::{Cluster, HasFamily as _, HostName};
use crate::plan::HostPlan;
use crate::readback::ReadBack;
use crate::render::{PerProvision, Provision, Rendered, RenderedFile, RenderedHost};
use crate::rollout::MechanismWork;
use crate::yaml;

/// Gives every host's documents, sorted by path.
pub fn pack(cluster: &Cluster, read_back: &ReadBack<'_>) -> Vec<OutputFile> {
    let rendered = read_back.rendered();
    let parts = rendered
        // Serialising costs more than joining: hosts with the same provision share its lines.
        .per_provision(|provision| {
            let commands = yaml::items(&commands(MechanismWork::of(provision)))?;
            Ok::<_, String>(Part { write_files: yaml::items(&write_files(provision))?, commands })
        })
        .expect("the data holds texts and flags only");
    let hosts = rendered.hosts.par_iter().map(|host| {
        let user_data = Contents::from(user_data(rendered, host, &parts));
        let name = host.plan.name;
        let meta_data = yaml_of(&MetaData {
            instance_id: format!("lvsgen-{}", &user_data.sha256().to_string()[..16]),
            local_hostname: name,
        });
        let network = yaml_of(&network_config(cluster, &host.plan));
        let files = [
            ("meta-data", meta_data.into()),
            ("network-config", network.into()),
            ("user-data", user_data),
        ];
        files.map(|(file, contents)| OutputFile {
            path: format!("cloud-init/{name}/{file}"),
            mode: Mode::file(),
            contents,
            owner: Owner::host(name, Some(Delivery::CloudInit)),
        })
    });
    let hosts: Vec<[OutputFile; 3]> = hosts.collect();
    let mut files: Vec<OutputFile> = hosts.into_iter().flatten().collect();
    // The hosts are in the order of the model; the output is sorted by path.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn yaml_of<T: Serialize>(value: &T) -> String {
    yaml::to_string(value).expect("the data holds texts and flags only")
}

/// The part of one mechanism in the user-data of every host that has it, as lines of YAML.
struct Part {
    write_files: String,
    commands: String,
}

/// If the user-data changes, the instance ID changes: cloud-init then sets up the host again.
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
    /// Writes the file after the packages are installed. Otherwise a package that contains the same
    /// file would find a changed file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    defer: bool,
}

fn user_data(
    rendered: &Rendered<'_>,
    host: &RenderedHost<'_>,
    parts: &PerProvision<Part>,
) -> String {
    let mut packages: Vec<&str> =
        rendered.of(host).flat_map(|one| &one.packages).map(String::as_str).collect();
    // Two mechanisms can need one package.
    packages.sort_unstable();
    packages.dedup();
    let mut text = "#cloud-config\n".to_owned();
    if !packages.is_empty() {
        let lines = yaml::items(&packages).expect("the data holds texts and flags only");
        text += &yaml::list("packages", [&*lines].into_iter());
    }
    text += &yaml::list("write_files", parts.of(host).map(|part| &*part.write_files));
    text += &yaml::list("runcmd", parts.of(host).map(|part| &*part.commands));
    text
}

fn write_files(provision: &Provision) -> Vec<WriteFile<'_>> {
    let defer = !provision.packages.is_empty();
    provision.files.iter().map(|file| write_file(file, defer)).collect()
}

/// The temporary path of a shared file's block, before a command inserts it into the image's file.
fn waiting(file: &RenderedFile) -> String {
    format!("/var/lib/lvsgen{}", file.path)
}

fn write_file(file: &RenderedFile, defer: bool) -> WriteFile<'_> {
    WriteFile {
        path: if file.shared { waiting(file) } else { file.path.clone() },
        owner: "root:root",
        permissions: file.mode,
        content: &file.contents,
        defer,
    }
}

/// The commands of one mechanism, in the order in which a person would run them.
fn commands(work: MechanismWork<'_>) -> Vec<String> {
    let provision = work.provision();
    let mut commands = Vec::new();
    for directory in work.own_directories() {
        commands.push(format!("mkdir -p '{0}' && chmod {1} '{0}'", directory.path, directory.mode));
    }
    for file in provision.files.iter().filter(|file| file.shared) {
        commands.push(insert(file));
    }
    if work.changes_units() {
        commands.push("systemctl daemon-reload".to_owned());
    }
    commands.extend(provision.services.iter().map(|unit| match unit.ends_with(".mount") {
        // All hosts boot at the same time, and the NFS server may be the last one: retry the mount
        // for five minutes.
        true => format!(
            "systemctl enable '{unit}'; \
             for try in $(seq 30); do systemctl start '{unit}' && break; sleep 10; done"
        ),
        // Not `enable --now`, which enables a SysV script and does not start it.
        false => format!("systemctl enable '{unit}'; systemctl start '{unit}'"),
    }));
    commands.extend(work.apply().iter().map(|command| command.run.clone()));
    commands
}

/// Puts the block into the image's own file, before a final `exit 0`, and removes an old block.
fn insert(rendered: &RenderedFile) -> String {
    let (file, block) = (&rendered.path, waiting(rendered));
    let old = format!("-e '/^{BLOCK_BEGIN}$/,/^{BLOCK_END}$/d'");
    // The lines before the block in the rendered file are for a host that has no such file.
    let end = if rendered.contents.ends_with("\nexit 0\n") { "echo 'exit 0' >>" } else { ": >>" };
    format!(
        "if [ -s '{file}' ]; then sed -i {old} -e '/^exit 0$/d' '{file}'; \
         sed -n '/^{BLOCK_BEGIN}$/,/^{BLOCK_END}$/p' '{block}' >>'{file}'; {end}'{file}'; \
         else cat '{block}' >'{file}'; fi; chmod {} '{file}'",
        rendered.mode
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

fn network_config<'a>(cluster: &Cluster, host: &'a HostPlan<'_>) -> NetworkConfig<'a> {
    let network = &cluster.network;
    let own = |family: Family| host.addresses().any(|address| address.family() == family);
    let addresses = host.addresses().filter_map(|address| {
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
    NetworkConfig { version: 2, ethernets: BTreeMap::from([(host.nic().name.as_str(), ethernet)]) }
}
