//! The name and the interface of a host. Each time a template reads one of these values, it calls this code. So
//! this code can record whether a template used them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use crate::plan::HostPlan;

/// The name and the interface of a host.
#[derive(Debug)]
pub(super) struct HostValues {
    name: String,
    interface: String,
    asked: AtomicBool,
}

impl HostValues {
    pub(super) fn new(host: &HostPlan<'_>) -> Arc<Self> {
        let (name, interface) = (host.name.to_string(), host.nic().name.to_string());
        Arc::new(Self { name, interface, asked: AtomicBool::new(false) })
    }

    /// Whether a template has read any of the values.
    pub(super) fn were_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Object for HostValues {
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
