//! The series of a healthy cluster, for the tests of the rules.

use super::alerts::entry_labels;
use super::facts::{Facts, ScrapedHost};
use super::promql::Labels;
use super::targets;
use super::{DIRECT_JOB, VIP_JOB};

/// One series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The metric.
    pub metric: &'static str,
    /// The labels.
    pub labels: Labels,
    /// The values, one for each minute, in the notation of promtool. A final `x` stands for "until the end of the test".
    pub values: String,
}

/// Series, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series(pub Vec<Sample>);

impl Series {
    /// Adds a series.
    pub fn add(&mut self, metric: &'static str, labels: Labels, values: impl Into<String>) {
        self.0.push(Sample { metric, labels, values: values.into() });
    }

    /// The series of a healthy cluster.
    pub fn healthy(facts: &Facts<'_>) -> Self {
        let mut series = Self::default();
        for host in &facts.hosts {
            series.host(facts, host);
        }
        series.tables(facts);
        series.probes(facts);
        series
    }

    fn host(&mut self, facts: &Facts<'_>, host: &ScrapedHost<'_>) {
        let labels = host.labels(facts.cluster);
        let own = || host.own_labels(facts.cluster);
        self.add("up", labels.clone(), "1x");
        self.add("lvsgen_metrics_time_seconds", own(), "0+60x");
        self.add("lvsgen_host_verified", own(), "1x");
        for setting in host.metrics.setting_names() {
            self.add("lvsgen_setting_in_force", own().and("setting", setting), "1x");
        }
        for vip in &host.own_vips {
            self.add("lvsgen_vip", own().and("device", "lo").and("address", vip), "1x");
        }
        if let Some(share) = &host.metrics.share {
            self.add("lvsgen_share_mounted", own().and("directory", &share.directory), "1x");
            self.add("lvsgen_share_answers", own().and("directory", &share.directory), "1x");
        }
        for unit in &host.metrics.units {
            self.add("lvsgen_unit_restarts", own().and("unit", unit), "0x");
        }
        for nic in &host.nics {
            let of_nic = || labels.clone().and("device", nic);
            self.add("node_network_receive_packets_total", of_nic(), "0+60000x");
            self.add("node_network_receive_drop_total", of_nic(), "0x");
        }
        self.add("node_softnet_dropped_total", labels.clone().and("cpu", 0), "0x");
        self.add("node_softnet_times_squeezed_total", labels.clone().and("cpu", 0), "0+6x");
        self.add("node_nf_conntrack_entries", labels.clone(), "100x");
        self.add("node_nf_conntrack_entries_limit", labels, "262144x");
    }

    /// The tables of the directors, and the VIPs on the first director.
    fn tables(&mut self, facts: &Facts<'_>) {
        for (at, host) in facts.directors().enumerate() {
            let labels = || host.labels(facts.cluster);
            let own = || host.own_labels(facts.cluster);
            let ipvs = labels().and("collector", "ipvs");
            self.add("node_scrape_collector_success", ipvs, "1x");
            self.add("lvsgen_ipvs_buckets", own(), "1048576x");
            // The directors that do not have the VIPs count no connections.
            let counted = if at == 0 { "0+60x" } else { "0x" };
            self.add("node_ipvs_connections_total", labels(), counted);
            let answers = if facts.masquerades { counted } else { "0x" };
            self.add("node_ipvs_outgoing_packets_total", labels(), answers);
            if facts.syncs {
                let state = if at == 0 { "master" } else { "backup" };
                let labels = own().and("state", state).and("syncid", 51);
                self.add("lvsgen_ipvs_sync_daemon", labels, "1x");
            }
            if at == 0 {
                for vip in &facts.vips {
                    let labels = own().and("device", host.nics[0]).and("address", vip);
                    self.add("lvsgen_vip", labels, "1x");
                }
            }
        }
        for entry in &facts.entries {
            let Some(labels) = entry_labels(facts, entry) else { continue };
            let weight = u32::from(entry.weight);
            self.add("node_ipvs_backend_weight", labels.clone(), format!("{weight}x"));
            let (active, inactive) = (weight * 10, weight * 100);
            self.add("node_ipvs_backend_connections_active", labels.clone(), format!("{active}x"));
            self.add("node_ipvs_backend_connections_inactive", labels, format!("{inactive}x"));
        }
        for (director, key) in &facts.others {
            let host = facts.hosts.iter().find(|host| host.name == *director);
            let Some(host) = host else { continue };
            self.add("node_ipvs_backend_weight", key.label(host.labels(facts.cluster)), "1x");
        }
    }

    fn probes(&mut self, facts: &Facts<'_>) {
        let through = facts.through_vips.iter().map(|probe| (VIP_JOB, probe));
        for (job, probe) in through.chain(facts.direct.iter().map(|probe| (DIRECT_JOB, probe))) {
            let labels = || {
                let module = probe.module.name();
                targets::labels(facts, probe).and("job", job).and("module", module)
            };
            self.add("probe_success", labels(), "1x");
            if probe.module.has_certificate() {
                self.add("probe_ssl_earliest_cert_expiry", labels(), "34560000x");
            }
        }
    }
}
