//! Monitoring made from the model: scrape targets, recording rules, alerts, their tests, and a dashboard.
//!
//! Takes the checked cluster and its plan; gives [`Facts`], and from them typed rules, trials and panels. `delivery` writes
//! them to files. An alert can know what is missing, since the model says which real servers are in which table.

pub mod alerts;
pub mod dashboard;
mod entries;
mod expected;
mod facts;
pub mod files;
mod observed;
pub mod probes;
mod promql;
pub mod rules;
mod series;
pub mod targets;
pub mod trials;

pub use entries::{Entry, Key};
pub use facts::{Facts, ScrapedHost};
pub use promql::Labels;

/// The job of node_exporter. Not `node`: a Prometheus may have a job of this name already, and refuses a second one.
pub const NODE_JOB: &str = "lvs-node";

/// The job of the probes through the VIPs.
pub const VIP_JOB: &str = "lvs-vip";

/// The job of the probes of real servers at their own addresses.
pub const DIRECT_JOB: &str = "lvs-direct";
