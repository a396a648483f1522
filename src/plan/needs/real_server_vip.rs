//! `real_server_vip`: the VIPs of a real server, on `lo`. The need's values are [`Vips`].

use crate::plan::{Probe, Vips};

pub(super) fn probes(vips: &Vips) -> Vec<Probe> {
    vips.probes()
}
