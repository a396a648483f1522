//! The hosts whose user-data is too large for some clouds.
//!
//! Takes the files of a render and their differences to the directory; gives notes.

use std::collections::BTreeSet;

use crate::delivery::{Delivery, OutputFile, cloud_init};
use crate::model::HostName;
use crate::output::{Difference, Pending};

/// Gives a note for each host whose user-data changes. A host whose user-data stays was reported before.
pub(super) fn notes(pending: &Pending<'_>, files: &[OutputFile]) -> Vec<String> {
    let of_cloud_init = |one: &&Difference<'_>| one.owner.delivery == Some(Delivery::CloudInit);
    let changed = pending.differences().iter().filter(of_cloud_init);
    let changed: BTreeSet<&HostName> = changed.filter_map(|one| one.owner.host.as_ref()).collect();
    let large = cloud_init::too_large(files).filter(|(host, _)| changed.contains(host));
    let most = cloud_init::MOST;
    let each = large.map(|(host, size)| {
        format!(
            "note: the user-data of `{host}` has {size} bytes, and some clouds accept at most {most}: there, set \
             up this host with `install/push` or Ansible"
        )
    });
    each.collect()
}
