//! What follows from a provision alone: worked out once for all hosts that share it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Bundle, Provision};

/// Something of each provision.
#[derive(Debug)]
pub struct PerProvision<T>(BTreeMap<usize, T>);

/// Hosts that need the same share one provision, which its address names.
fn address(provision: &Arc<Provision>) -> usize {
    Arc::as_ptr(provision).addr()
}

impl<T: Send> PerProvision<T> {
    /// Works it out for every provision of the hosts, with all processors.
    ///
    /// # Errors
    /// The first provision's that has one, in no order that anybody may rely on.
    pub fn new<E: Send>(
        bundles: &[Bundle],
        make: impl Fn(&Provision) -> Result<T, E> + Sync,
    ) -> Result<Self, E> {
        let all = bundles.iter().flat_map(|bundle| &bundle.provisions);
        let distinct: BTreeMap<usize, &Provision> = all.map(|one| (address(one), &**one)).collect();
        let made = distinct.into_par_iter().map(|(at, provision)| Ok((at, make(provision)?)));
        Ok(Self(made.collect::<Result<_, E>>()?))
    }

    /// A host's provisions in their order, each with what was worked out for it.
    pub fn of<'a>(&'a self, bundle: &'a Bundle) -> impl Iterator<Item = (&'a Provision, &'a T)> {
        let each = bundle.provisions.iter();
        each.filter_map(|provision| Some((&**provision, self.0.get(&address(provision))?)))
    }
}
