//! Parts of a delivery that are the same wherever their provision is: made once, and by all
//! processors.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::artifact::{Bundle, Provision};

/// What was made of each provision.
pub(super) struct Fragments<T>(BTreeMap<usize, T>);

/// Hosts that need the same share one provision, which its address names.
fn address(provision: &Arc<Provision>) -> usize {
    Arc::as_ptr(provision).addr()
}

impl<T: Send> Fragments<T> {
    /// Makes something of every provision of the hosts.
    pub(super) fn new(
        bundles: &[Bundle],
        make: impl Fn(&Provision) -> Result<T, String> + Sync,
    ) -> Result<Self, String> {
        let all = bundles.iter().flat_map(|bundle| &bundle.provisions);
        let distinct: BTreeMap<usize, &Arc<Provision>> =
            all.map(|one| (address(one), one)).collect();
        let made = distinct.into_par_iter().map(|(at, provision)| Ok((at, make(provision)?)));
        Ok(Self(made.collect::<Result<_, String>>()?))
    }

    /// What was made of a host's provisions, in their order.
    pub(super) fn of<'a>(&'a self, bundle: &'a Bundle) -> impl Iterator<Item = &'a T> {
        bundle.provisions.iter().filter_map(|provision| self.0.get(&address(provision)))
    }
}
