//! What is the same on many hosts is rendered once.
//!
//! Takes a need of a host; gives the [`Provision`] that was rendered for its like, where there is
//! one. Two needs are alike when the same mechanism of the same profile fills in the same values,
//! and nothing asked for what is the host's own while it was filled in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use super::RenderError;
use crate::artifact::Provision;
use crate::model::TargetName;
use crate::plan::{Facts, HostPlan, NeedPlan};

/// A host's own facts, which know whether anybody asked for them: by whatever way a template comes
/// to them, they are asked in the end.
#[derive(Debug)]
pub(super) struct HostFacts {
    name: String,
    interface: String,
    asked: AtomicBool,
}

impl HostFacts {
    pub(super) fn new(host: &HostPlan<'_>) -> Arc<Self> {
        let (name, interface) = (host.name.to_string(), host.interface.to_string());
        Arc::new(Self { name, interface, asked: AtomicBool::new(false) })
    }
}

impl Object for HostFacts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.asked.store(true, Ordering::Relaxed);
        match key.as_str()? {
            "name" => Some(Value::from(self.name.as_str())),
            "interface" => Some(Value::from(self.interface.as_str())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.asked.store(true, Ordering::Relaxed);
        Enumerator::Str(&["name", "interface"])
    }
}

/// What was rendered for more than one host.
#[derive(Default)]
pub(super) struct Cache<'a>(Mutex<BTreeMap<Key<'a>, Arc<Provision>>>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    /// The mechanism, by its address: a plan borrows its mechanisms.
    mechanism: usize,
    /// The banner names it.
    profile: &'a TargetName,
    values: &'a Facts<'a>,
}

impl<'a> Cache<'a> {
    /// Gives what was rendered for the like of a need, or renders it with the host's facts.
    pub(super) fn get(
        &self,
        host: &'a HostPlan<'_>,
        need: &'a NeedPlan<'_>,
        render: impl FnOnce(&Arc<HostFacts>) -> Result<Provision, RenderError>,
    ) -> Result<Arc<Provision>, RenderError> {
        if need.values.name_their_host() {
            return render(&HostFacts::new(host)).map(Arc::new);
        }
        let mechanism = std::ptr::from_ref(need.provision).addr();
        let key = Key { mechanism, profile: host.profile, values: &need.values };
        if let Some(known) = self.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let facts = HostFacts::new(host);
        let provision = Arc::new(render(&facts)?);
        if facts.asked.load(Ordering::Relaxed) {
            return Ok(provision);
        }
        // Two threads may have rendered the same: the first one's is everybody's.
        Ok(Arc::clone(self.lock().entry(key).or_insert(provision)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key<'a>, Arc<Provision>>> {
        // A panic elsewhere leaves whole entries behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
