//! From the files of hosts to the files of a delivery: pure functions, one file of this folder for
//! each form of delivery.
//!
//! Takes [`Bundle`](crate::artifact::Bundle)s; gives [`OutputFile`]s for `output` to write, or an archive.

pub mod ansible;
pub mod archive;
pub mod cloud_init;
pub mod hosts;
pub mod outline;
pub mod verify;

use std::sync::Arc;

use crate::artifact::Mode;
use crate::model::HostName;

/// One file of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path below the output directory, with `/` between the parts.
    pub path: String,
    /// Its permissions.
    pub mode: Mode,
    /// Its contents.
    pub contents: Arc<str>,
}

/// What belongs to one host alone, as paths or beginnings of paths: a render of that host touches
/// nothing else.
pub fn own_paths(host: &HostName) -> Vec<String> {
    OWN.iter().map(|(before, after)| format!("{before}{host}{after}")).collect()
}

/// What stands before and after a host's name in the paths that are its own.
const OWN: [(&str, &str); 5] = [
    ("ansible/host_vars/", ".yml"),
    ("cloud-init/", "/"),
    ("hosts/", "/"),
    ("tar/", ".tar"),
    ("verify/", ".sh"),
];

/// The host that a path belongs to, and the path with `*` for its name.
pub fn host_of(path: &str) -> Option<(&str, String)> {
    OWN.iter().find_map(|(before, after)| {
        let rest = path.strip_prefix(before)?;
        let (host, rest) = rest.split_once(after)?;
        // No host's name has a `_`: `verify/from_client.sh` is nobody's.
        let own = after.ends_with('/') || rest.is_empty() && HostName::new(host).is_ok();
        own.then(|| (host, format!("{before}*{after}{rest}")))
    })
}
