//! The files of hosts: which host a file belongs to, its path on the host, and its format.
//!
//! Takes paths and texts; the command line reads them. A path decides the format as it does on a host; for a file elsewhere, its name and
//! its first keywords decide.

mod placed;
mod secrets;

pub use placed::{Placed, Sources};
pub use secrets::passwords;

use crate::formats::{Format, WrittenFile, cloud_config, ipvs_list, keepalived};

/// The files of one host.
#[derive(Debug)]
pub struct GivenHost {
    /// The name on the command line, or else the name of the folder or file.
    pub name: GivenName,
    /// The files.
    pub files: Vec<GivenFile>,
}

/// The origin of a host's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenName {
    /// The user wrote the name.
    Written(String),
    /// The name of a folder or a file, if the files of the host name no other.
    Folder(String),
}

impl GivenName {
    /// The name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Written(name) | Self::Folder(name) => name,
        }
    }
}

impl GivenHost {
    /// Adds the files that the files write: a script by a here-document, cloud-init by `write_files`. A file of the tree comes before a
    /// written file of the same path.
    pub fn with_written_files(mut self) -> Self {
        let mut from = 0;
        // The second round reads the files that the commands of cloud-init write.
        for _ in 0..2 {
            let more: Vec<GivenFile> =
                self.files[from..].iter().flat_map(GivenFile::written).collect();
            from = self.files.len();
            for file in more {
                if self.files.iter().all(|known| known.path != file.path) {
                    self.files.push(file);
                }
            }
        }
        self
    }

    /// Whether the host has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.as_str() == name
    }
}

/// One file.
#[derive(Debug)]
pub struct GivenFile {
    /// The name for messages.
    pub shown: String,
    /// The path on the host.
    pub path: String,
    /// The format; `None` for the few files that lvsgen reads for the name of the host and its system.
    pub format: Option<Format>,
    /// The text.
    pub text: String,
    /// The files that keepalived includes.
    pub included: Vec<Included>,
    /// The folder on the host in which lvsgen looked for included files, with a slash at its end.
    pub searched: &'static str,
}

impl GivenFile {
    /// The files that this file writes on the host.
    fn written(&self) -> Vec<Self> {
        let written = self.format.map(|format| format.written(&self.text)).unwrap_or_default();
        let given = written.into_iter().map(|WrittenFile { path, format, text }| Self {
            shown: format!("{}: {path}", self.shown),
            path,
            format: Some(format),
            text,
            included: Vec::new(),
            searched: "/",
        });
        given.collect()
    }

    /// The setting by which the system does not use the file at boot.
    pub fn inactive(&self) -> Option<&'static str> {
        let has = |wanted: &[&str]| {
            let mut lines = self.text.lines().map(|line| line.trim().to_ascii_lowercase());
            lines.any(|line| wanted.contains(&line.as_str()))
        };
        match self.format? {
            Format::Ifcfg if has(&["onboot=no", "onboot=\"no\"", "onboot='no'"]) => {
                Some("ONBOOT=no")
            }
            Format::Keyfile if has(&["autoconnect=false"]) => Some("autoconnect=false"),
            _ => None,
        }
    }
}

/// A file that another file includes.
#[derive(Debug)]
pub struct Included {
    /// The name for messages.
    pub shown: String,
    /// The path on the host.
    pub path: String,
    /// The text.
    pub text: String,
}

/// The folder of a file that is no part of a host's tree, on the host.
pub const KEEPALIVED_FOLDER: &str = "/etc/keepalived/";

/// The paths of the files that a file includes, and those include. `paths` are the files that exist, and `read` gives the text of one.
pub fn included(
    main: &str,
    text: &str,
    paths: &[String],
    mut read: impl FnMut(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut wanted = keepalived::includes(main, text);
    while let Some(one) = wanted.pop() {
        for path in paths.iter().filter(|other| *other != main && one.holds(other)) {
            if found.iter().all(|(known, _)| known != path)
                && let Some(text) = read(path)
            {
                wanted.extend(keepalived::includes(path, &text));
                found.push((path.clone(), text));
            }
        }
    }
    found.sort();
    found
}

/// The copy of the user-data that cloud-init keeps on a host.
const USER_DATA: &str = "/var/lib/cloud/instance/user-data.txt";

/// Files of a host that lvsgen reads, and that say nothing about the cluster.
const ABOUT_HOST: [&str; 3] = ["/etc/hostname", "/etc/os-release", "/usr/lib/os-release"];

/// Files beside `etc` with the state of the host while it runs: outputs of programs.
pub const LIVE: [(&str, Format); 5] = [
    ("/live/sysctl", Format::Sysctl),
    ("/live/ip-address.json", Format::IpAddress),
    ("/live/ip-route.json", Format::IpRoute),
    ("/live/ip-rule.json", Format::IpRule),
    ("/live/ipvs", Format::IpvsList),
];

/// The format of a file of a host's tree. `None`: lvsgen does not read the file. `Some(None)`: lvsgen reads its name or system.
pub fn format_in_tree(path: &str) -> Option<Option<Format>> {
    if ABOUT_HOST.contains(&path) {
        return Some(None);
    }
    if let Some((_, format)) = LIVE.iter().find(|(live, _)| *live == path) {
        return Some(Some(*format));
    }
    Format::of_own_file(path).map(Some)
}

/// The path on the host and the format of a file that stands alone.
pub fn format_alone(path: &str, text: &str) -> Option<(String, Format)> {
    if let Some(at) = path.find("/etc/") {
        let on_host = &path[at..];
        if let Some(Some(format)) = format_in_tree(on_host) {
            return Some((on_host.to_owned(), format));
        }
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let known = |path: &str, format| Some((path.to_owned(), format));
    match name {
        "ipvsadm" | "ipvsadm.rules" | "ipvs.rules" => {
            return known("/etc/ipvsadm.rules", Format::Ipvsadm);
        }
        "rc.local" => return known("/etc/rc.local", Format::Shell),
        "sysctl.conf" => return known("/etc/sysctl.conf", Format::Sysctl),
        "fstab" => return known("/etc/fstab", Format::Fstab),
        "lvs.cf" => return known("/etc/sysconfig/ha/lvs.cf", Format::Piranha),
        "ldirectord.cf" => return known("/etc/ha.d/ldirectord.cf", Format::Ldirectord),
        "exports" => return known("/etc/exports", Format::Exports),
        _ if name.ends_with(".sh") => return known("/etc/rc.local", Format::Shell),
        _ if name.starts_with("ifcfg-") => {
            return known(&format!("/etc/sysconfig/network-scripts/{name}"), Format::Ifcfg);
        }
        _ => {}
    }
    let mut words = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let starts = |line: &str, words: &[&str]| words.iter().any(|word| line.starts_with(word));
    const KEEPALIVED: [&str; 6] = [
        "global_defs",
        "vrrp_",
        "virtual_server",
        "! Configuration File for keepalived",
        "static_",
        "include ",
    ];
    const TABLE: [&str; 5] = ["-A ", "-a ", "--add-service ", "--set ", "--add-server "];
    let format = words.find_map(|line| match line {
        _ if starts(line, &KEEPALIVED) => Some(Format::Keepalived),
        _ if starts(line, &TABLE) => Some(Format::Ipvsadm),
        _ if starts(line, &["virtual=", "virtual6=", "checktimeout=", "checkinterval="]) => {
            Some(Format::Ldirectord)
        }
        _ if line.starts_with("#!") => Some(Format::Shell),
        _ if line.starts_with(cloud_config::HEAD) => Some(Format::CloudConfig),
        _ if line.starts_with(ipvs_list::HEAD) => Some(Format::IpvsList),
        _ => None,
    })?;
    Some((path_of(format, name), format))
}

/// A path at which the system reads a file of a format. For a format with many paths, the name stays.
pub fn path_of(format: Format, name: &str) -> String {
    match format {
        // The file may include itself by its name.
        Format::Keepalived if name.ends_with(".conf") => format!("{KEEPALIVED_FOLDER}{name}"),
        Format::Keepalived => format!("{KEEPALIVED_FOLDER}keepalived.conf"),
        Format::Ipvsadm => "/etc/ipvsadm.rules".to_owned(),
        Format::Shell => "/etc/rc.local".to_owned(),
        Format::CloudConfig => USER_DATA.to_owned(),
        Format::Wicked => format!("/etc/sysconfig/network/{name}"),
        _ => format!("/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_shows_its_format() {
        let of = |path: &str, text: &str| format_alone(path, text).map(|(_, format)| format);
        assert_eq!(of("lb-a.conf", "! x\nglobal_defs {\n}\n"), Some(Format::Keepalived));
        assert_eq!(of("a.rules", "# saved\n-A -t 10.0.0.1:80 -s rr\n"), Some(Format::Ipvsadm));
        assert_eq!(of("start", "#!/bin/sh\nip link set lo up\n"), Some(Format::Shell));
        assert_eq!(of("backup/etc/exports", "/srv *(ro)\n"), Some(Format::Exports));
        assert_eq!(of("notes.txt", "hello\n"), None);
    }
}
