//! File formats. This folder has one file for each format. The file holds the reader of the format. If
//! lvsgen writes the format from data, the file also holds the writer.
//!
//! A reader takes a file's text and gives a [`Reading`]: every token belongs to a fact, a comment or the
//! rest. A reader follows the syntax of the real program, and does not depend on lvsgen's templates.

pub mod cloud_config;
pub mod dispatcher;
pub mod exports;
pub mod firewalld;
pub mod fstab;
pub mod html;
pub mod httpd;
pub mod ifcfg;
mod ini;
pub mod interfaces;
pub mod ip_command;
pub mod ip_json;
pub mod iptables;
pub mod ipvs_list;
pub mod ipvsadm;
pub mod keepalived;
pub mod keyfile;
pub mod ldirectord;
mod lines;
pub mod modprobe;
pub mod modules_load;
pub mod netplan;
pub mod networkd;
pub mod nft;
pub mod nginx;
pub mod piranha;
pub mod rich_rule;
pub mod shell;
pub mod shell_variables;
pub mod sysctl;
pub mod systemd;
pub mod wicked;
mod written;

pub use written::WrittenFile;

use crate::facts::Reading;
use crate::kernel;
use crate::keyword::keywords;

/// The header of a web server's answers that holds the name of the node.
const NODE_HEADER: &str = "X-LVS-Node";

keywords! {
    /// A file format that lvsgen reads.
    Format, "a file format",
    /// The user-data of cloud-init.
    CloudConfig = "cloud-config",
    /// A script that NetworkManager-dispatcher(8) runs.
    Dispatcher = "dispatcher",
    /// exports(5).
    Exports = "exports",
    /// firewalld.policy(5).
    Firewalld = "firewalld",
    /// fstab(5).
    Fstab = "fstab",
    /// A page of HTML.
    Html = "html",
    /// The configuration of Apache httpd.
    Httpd = "httpd",
    /// An ifcfg file of the Red Hat family, as NetworkManager's ifcfg-rh plugin reads it.
    Ifcfg = "ifcfg",
    /// interfaces(5) of ifupdown.
    Interfaces = "interfaces",
    /// The input of iptables-restore(8).
    Iptables = "iptables",
    /// The output of `ip -json address`.
    IpAddress = "ip-address",
    /// The output of `ip -json route show table all`.
    IpRoute = "ip-route",
    /// The output of `ip -json rule`.
    IpRule = "ip-rule",
    /// The output of `ipvsadm -Ln`, or /proc/net/ip_vs.
    IpvsList = "ipvs-list",
    /// The input of ipvsadm-restore(8).
    Ipvsadm = "ipvsadm",
    /// keepalived.conf(5).
    Keepalived = "keepalived",
    /// nm-settings-keyfile(5).
    Keyfile = "keyfile",
    /// ldirectord.cf of ldirectord(8).
    Ldirectord = "ldirectord",
    /// modprobe.d(5).
    Modprobe = "modprobe",
    /// modules-load.d(5).
    ModulesLoad = "modules-load",
    /// netplan's YAML.
    Netplan = "netplan",
    /// systemd.network(5): a drop-in.
    NetworkDropIn = "network-drop-in",
    /// systemd.network(5).
    Networkd = "networkd",
    /// The input of nft(8).
    Nft = "nft",
    /// The configuration of nginx.
    Nginx = "nginx",
    /// lvs.cf of Piranha.
    Piranha = "piranha",
    /// Rich rules of firewalld, one on a line.
    RichRules = "rich-rules",
    /// A shell script of plain commands.
    Shell = "shell",
    /// Assignments of variables, which a shell or systemd reads.
    ShellVariables = "shell-variables",
    /// sysctl.d(5).
    Sysctl = "sysctl",
    /// systemd.unit(5): a unit or a drop-in.
    Systemd = "systemd",
    /// ifcfg(5) of wicked.
    Wicked = "wicked",
}

impl Format {
    /// The format of a file that describes the part of its host in a cluster. Pages and the settings of web servers belong to the site. No program
    /// reads a copy of an editor or a package manager, and keepalived reads other files only if `keepalived.conf` includes them.
    pub fn of_own_file(path: &str) -> Option<Self> {
        let format = Self::of_path(path)?;
        let is_own = match format {
            Self::Html | Self::Httpd | Self::Nginx => false,
            Self::Keepalived => path == "/etc/keepalived/keepalived.conf",
            _ => true,
        };
        (is_own && !COPIES.iter().any(|copy| path.ends_with(copy))).then_some(format)
    }

    /// The format of the file at a path, if the path determines the format.
    pub fn of_path(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/')?;
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        Some(match (folder, ending) {
            _ if kernel::in_order(path) => Self::Sysctl,
            ("/etc/modprobe.d", "conf") => Self::Modprobe,
            ("/etc/modules-load.d", "conf") => Self::ModulesLoad,
            ("/etc/firewalld/policies", "xml") => Self::Firewalld,
            ("/etc/ufw", "rules") => Self::Iptables,
            (_, "rich-rules") => Self::RichRules,
            ("/etc/exports.d", "exports") => Self::Exports,
            ("/etc", _) if name == "exports" => Self::Exports,
            ("/etc", _) if name == "fstab" => Self::Fstab,
            ("/etc/httpd/conf.d" | "/etc/apache2/conf.d", "conf") => Self::Httpd,
            ("/etc/apache2/conf-available", "conf") => Self::Httpd,
            ("/etc/nginx/conf.d", "conf") => Self::Nginx,
            ("/etc/sysconfig/network-scripts", _) if name.starts_with("ifcfg-") => Self::Ifcfg,
            ("/etc/sysconfig/network", _) if name.starts_with("ifcfg-") => Self::Wicked,
            ("/etc/sysconfig", _) if name == "ipvsadm" => Self::Ipvsadm,
            ("/etc/sysconfig/ha", "cf") if name == "lvs.cf" => Self::Piranha,
            ("/etc/systemd/network", "network") => Self::Networkd,
            (_, "conf") if is_network_drop_in(folder) => Self::NetworkDropIn,
            ("/etc/NetworkManager/dispatcher.d", _) => Self::Dispatcher,
            ("/etc/systemd/system", "service" | "mount" | "automount" | "timer") => Self::Systemd,
            (_, "conf") if folder.starts_with("/etc/systemd/system/") => Self::Systemd,
            ("/etc/keepalived", "conf") => Self::Keepalived,
            ("/etc/ha.d" | "/etc/ha.d/conf" | "/etc", "cf") if name == "ldirectord.cf" => {
                Self::Ldirectord
            }
            ("/etc/NetworkManager/system-connections", _) => Self::Keyfile,
            ("/etc/network/interfaces.d", _) => Self::Interfaces,
            ("/etc/network", _) if name == "interfaces" => Self::Interfaces,
            ("/etc/netplan", "yaml") => Self::Netplan,
            ("/etc/default", _) if name == "ipvsadm" => Self::ShellVariables,
            ("/etc" | "/etc/rc.d", _) if name == "rc.local" => Self::Shell,
            (_, "rules") if name == "ipvsadm.rules" || name == "ipvs.rules" => Self::Ipvsadm,
            (_, "nft") => Self::Nft,
            (_, "html") => Self::Html,
            _ => return None,
        })
    }

    /// Reads a file. Some formats take the interface from the file's name.
    pub fn read(self, path: &str, text: &str) -> Reading {
        match self {
            Self::Dispatcher => dispatcher::read(text),
            Self::Exports => exports::read(text),
            Self::Firewalld => firewalld::read(text),
            Self::Fstab => fstab::read(text),
            Self::Html => html::read(text),
            Self::Httpd => httpd::read(text),
            Self::Ifcfg => ifcfg::read(text),
            Self::Interfaces => interfaces::read(text),
            Self::Iptables => iptables::read(text),
            Self::IpAddress => ip_json::read_addresses(text),
            Self::IpRoute => ip_json::read_routes(text),
            Self::IpRule => ip_json::read_rules(text),
            Self::CloudConfig => cloud_config::read(text),
            Self::IpvsList => ipvs_list::read(text),
            Self::Ipvsadm => ipvsadm::read(text),
            Self::Keepalived => keepalived::read(text),
            Self::Keyfile => keyfile::read(text),
            Self::Ldirectord => ldirectord::read(text),
            Self::Modprobe => modprobe::read(text),
            Self::ModulesLoad => modules_load::read(text),
            Self::Netplan => netplan::read(text),
            Self::NetworkDropIn => networkd::read_drop_in(path, text),
            Self::Networkd => networkd::read(text),
            Self::Nft => nft::read(text),
            Self::Nginx => nginx::read(text),
            Self::Piranha => piranha::read(text),
            Self::RichRules => rich_rule::read(text),
            Self::Shell => shell::read(text),
            Self::ShellVariables => shell_variables::read(text),
            Self::Sysctl => sysctl::read(text),
            Self::Systemd => systemd::read(text),
            Self::Wicked => wicked::read(path, text),
        }
    }

    /// The files that a file of this format writes on its host.
    pub fn written(self, text: &str) -> Vec<WrittenFile> {
        match self {
            Self::CloudConfig => cloud_config::written(text),
            Self::Shell => shell::written(text),
            _ => Vec::new(),
        }
    }
}

/// The endings of copies that editors and package managers make.
const COPIES: [&str; 9] =
    [".bak", ".old", ".orig", ".rpmnew", ".rpmorig", ".rpmsave", ".dpkg-old", ".dpkg-dist", "~"];

/// Whether a folder has the drop-ins of one file of systemd-networkd.
fn is_network_drop_in(folder: &str) -> bool {
    folder.starts_with("/etc/systemd/network/") && folder.ends_with(".network.d")
}
