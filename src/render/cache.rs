//! What is the same on many hosts is rendered once.
//!
//! Takes a need of a host; gives the [`Provision`] that was rendered for its like, where there is
//! one. Two needs are alike when the same mechanism of the same profile fills in the same values,
//! and, where any of its texts speaks of the host, for the same host.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Environment, Template};

use super::RenderError;
use crate::artifact::Provision;
use crate::model::TargetName;
use crate::plan::{Facts, HostPlan, NeedPlan, Plan};
use crate::profile::Mechanism;

/// What was rendered, and what tells needs apart.
pub(super) struct Cache<'a> {
    rendered: Mutex<BTreeMap<Key<'a>, Arc<Provision>>>,
    /// The mechanisms whose texts speak of the host, by address: a plan borrows its mechanisms.
    of_host: BTreeMap<usize, bool>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    mechanism: usize,
    /// The banner names it.
    profile: &'a TargetName,
    /// The host's name and NIC, where they count.
    host: Option<(&'a str, &'a str)>,
    values: &'a Facts<'a>,
}

impl<'a> Cache<'a> {
    pub(super) fn new(plan: &Plan<'_>, environment: &Environment<'_>) -> Self {
        let mut of_host = BTreeMap::new();
        for need in plan.hosts.iter().flat_map(|host| &host.needs) {
            let asks = || speaks_of_host(need.provision, environment);
            of_host.entry(address(need.provision)).or_insert_with(asks);
        }
        Self { rendered: Mutex::default(), of_host }
    }

    /// Gives what was rendered for the like of a need, or renders it.
    pub(super) fn get(
        &self,
        host: &'a HostPlan<'_>,
        need: &'a NeedPlan<'_>,
        render: impl FnOnce() -> Result<Provision, RenderError>,
    ) -> Result<Arc<Provision>, RenderError> {
        if need.values.name_their_host() {
            return render().map(Arc::new);
        }
        let mechanism = address(need.provision);
        let counts = self.of_host.get(&mechanism).copied().unwrap_or(true);
        let host_facts = counts.then(|| (host.name.as_str(), host.interface.as_str()));
        let key = Key { mechanism, profile: host.profile, host: host_facts, values: &need.values };
        if let Some(known) = self.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let provision = Arc::new(render()?);
        // Two threads may have rendered the same: the first one's is everybody's.
        Ok(Arc::clone(self.lock().entry(key).or_insert(provision)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key<'a>, Arc<Provision>>> {
        // A panic elsewhere leaves whole entries behind.
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(mechanism: &Mechanism) -> usize {
    std::ptr::from_ref(mechanism).addr()
}

/// Whether any text of a mechanism uses what is the host's own.
fn speaks_of_host(mechanism: &Mechanism, environment: &Environment<'_>) -> bool {
    let of_host = |template: &Template<'_, '_>| {
        let used = template.undeclared_variables(true);
        used.iter().any(|name| name == "host" || name.starts_with("host."))
            // What another template uses is not seen here.
            || ["include", "import", "extends"].iter().any(|word| template.source().contains(word))
    };
    let text = |text: &String| environment.template_from_str(text).map(|one| of_host(&one));
    let file = |name: &str| environment.get_template(name).map(|one| of_host(&one));
    let files = mechanism.files.iter().filter_map(|file| file.template.as_deref());
    // One that cannot be read is told when it is rendered.
    mechanism.texts().map(text).chain(files.map(file)).any(|asks| asks.unwrap_or(true))
}
