//! The observed series, under the model's names.
//!
//! A backup director has the same connections as the active one if they share them. So no rule sums over directors.

use super::NODE_JOB;
use super::entries::KEY;
use super::expected::{DIRECTOR_VIP, WEIGHT};
use super::facts::Facts;
use super::rules::Rule;

/// A host whose exporter answers, and whose script ran in the last three minutes. Without such a host, nothing can be missing on it.
pub(super) const REPORTS: &str = "lvs:host:reports";
/// The weight of each entry that the model knows.
pub(super) const SEEN_WEIGHT: &str = "lvs:director_backend:weight";
/// The connections of each entry, active and inactive: short requests are only ever inactive.
pub(super) const SEEN_CONNECTIONS: &str = "lvs:director_backend:connections";
/// The connections of a director.
pub(super) const DIRECTOR_CONNECTIONS: &str = "lvs:director:connections";
/// 1 while a director has a VIP on a NIC, else 0: a series that does not end, so that `changes()` works.
pub(super) const HELD: &str = "lvs:director_vip:held";
/// The connections of a real server in ten minutes, of the director that knows most of them.
pub(super) const CONNECTIONS: &str = "lvs:backend:connections";
/// The connections of a service.
pub(super) const SERVICE_CONNECTIONS: &str = "lvs:service:connections";
/// The share of a real server in the connections of its service.
pub(super) const SHARE: &str = "lvs:backend:share";
/// The share that follows from the weights in force.
pub(super) const EXPECTED_SHARE: &str = "lvs:backend:share_expected";

/// The rules.
pub(super) fn rules(facts: &Facts<'_>) -> Vec<Rule> {
    let expressions = hosts(facts).into_iter().chain(tables(facts)).chain(shares(facts));
    expressions.map(|(record, expr)| Rule::record(record, expr)).collect()
}

type Recorded = (&'static str, String);

/// The hosts, and the VIPs of the directors.
fn hosts(facts: &Facts<'_>) -> Vec<Recorded> {
    let up = facts.select("up", &format!("job=\"{NODE_JOB}\""));
    let time = facts.select_own("metrics_time_seconds", "");
    let vips = facts.select_own("vip", "role=\"director\", device!=\"lo\"");
    let fresh = format!("{up} == 1\n  and on (cluster, instance) time() - {time} < 180");
    let reports = facts.select(REPORTS, "");
    // The last values of a script that died are still there: they count nothing.
    let held = format!(
        "clamp_max(count by (cluster, instance, address) (\n  {vips}\n  and on (cluster, instance) {reports}\n), 1)"
    );
    let expected = facts.select(DIRECTOR_VIP, "");
    let elsewhere = format!("(0 * {expected} and on (cluster, instance) {reports})");
    vec![
        (REPORTS, format!("max by (cluster, instance, role) (\n  {fresh}\n)")),
        (HELD, format!("{held}\nor on (cluster, instance, address)\n  {elsewhere}")),
    ]
}

/// The tables of the directors.
fn tables(facts: &Facts<'_>) -> Vec<Recorded> {
    let director = |metric: &str| facts.select(metric, "role=\"director\"");
    let active = director("node_ipvs_backend_connections_active");
    let inactive = director("node_ipvs_backend_connections_inactive");
    let named = format!(
        "* on ({KEY}) group_left (service, backend, family)\n  ({} * 0 + 1)",
        facts.select(WEIGHT, "")
    );
    let connections = facts.select(SEEN_CONNECTIONS, "");
    vec![
        (SEEN_WEIGHT, format!("{}\n{named}", director("node_ipvs_backend_weight"))),
        (SEEN_CONNECTIONS, format!("(\n  {active}\n  + {inactive}\n)\n{named}")),
        (DIRECTOR_CONNECTIONS, format!("sum by (cluster, instance) ({connections})")),
    ]
}

/// The shares of the real servers.
fn shares(facts: &Facts<'_>) -> Vec<Recorded> {
    let mine = |series: &str| facts.select(series, "");
    let mean = format!("avg_over_time({}[10m])", mine(SEEN_CONNECTIONS));
    let known = format!("sum by (cluster, service, backend, instance) ({mean})");
    let weight = format!("max by (cluster, service, backend) ({})", mine(SEEN_WEIGHT));
    let part = "/ on (cluster, service) group_left ()";
    vec![
        (
            CONNECTIONS,
            // A drained real server has no share.
            format!(
                "max by (cluster, service, backend) (\n  {known}\n)\nand on (cluster, service, backend) {weight} > 0"
            ),
        ),
        (SERVICE_CONNECTIONS, format!("sum by (cluster, service) ({})", mine(CONNECTIONS))),
        (SHARE, format!("{}\n{part}\n  ({} > 0)", mine(CONNECTIONS), mine(SERVICE_CONNECTIONS))),
        (EXPECTED_SHARE, format!("{weight}\n{part}\n  (sum by (cluster, service) ({weight}) > 0)")),
    ]
}
