//! The series that the model expects: constants. An alert compares them with the observed series.

use super::facts::Facts;
use super::promql::Labels;
use super::rules::Rule;

/// The weight of each entry of each director's table.
pub(super) const WEIGHT: &str = "lvs:director_backend:expected_weight";
/// The entries that a table may have besides.
pub(super) const OTHER: &str = "lvs:director_backend:other";
/// The services whose shares follow from the weights.
pub(super) const BY_WEIGHT: &str = "lvs:service:share_is_weight";
/// The VIPs on `lo`.
pub(super) const ON_LO: &str = "lvs:real_server_vip:expected";
/// The VIPs of each director, whether it has them at the moment or not.
pub(super) const DIRECTOR_VIP: &str = "lvs:director_vip:expected";

/// The hosts.
pub(super) const HOST: &str = "lvs:host:expected";

/// The rules.
pub(super) fn rules(facts: &Facts<'_>) -> Vec<Rule> {
    let cluster = || Labels::of_cluster(facts.cluster);
    let hosts = facts.hosts.iter();
    let mut rules: Vec<Rule> = hosts
        .map(|host| {
            let labels = cluster().and("role", host.role).and("instance", host.name);
            Rule::constant(HOST, 1, labels)
        })
        .collect();
    for entry in &facts.entries {
        let labels = cluster().and("instance", entry.director).and("service", entry.service);
        let labels =
            labels.and("backend", entry.backend).and("family", entry.key.family().keyword());
        let labels = labels.and("checked", if entry.checked { "yes" } else { "no" });
        rules.push(Rule::constant(WEIGHT, entry.weight.into(), entry.key.label(labels)));
    }
    for (director, key) in &facts.others {
        rules.push(Rule::constant(OTHER, 1, key.label(cluster().and("instance", director))));
    }
    for service in &facts.by_weight {
        rules.push(Rule::constant(BY_WEIGHT, 1, cluster().and("service", service)));
    }
    for host in facts.directors() {
        for vip in &facts.vips {
            let labels = cluster().and("instance", host.name).and("address", vip);
            rules.push(Rule::constant(DIRECTOR_VIP, 1, labels));
        }
    }
    for host in &facts.hosts {
        for vip in &host.own_vips {
            let labels = cluster().and("instance", host.name).and("address", vip);
            rules.push(Rule::constant(ON_LO, 1, labels));
        }
    }
    rules
}
