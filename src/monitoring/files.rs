//! The files that Prometheus and its prober read.
//!
//! Takes the facts; gives typed contents and their texts. The delivery `monitoring` has the files for a Prometheus of the site, and the
//! tree of a monitoring server has the same files for its own.

use serde::Serialize;
use serde_json::{Value, json};

use super::facts::Facts;
use super::probes::Modules;
use super::rules::RuleFile;
use super::targets::{self, Targets};
use super::{DIRECT_JOB, NODE_JOB, VIP_JOB};
use crate::model::{DomainName, Monitoring};
use crate::yaml;

/// The contents of the files.
#[derive(Debug)]
pub struct Files {
    /// The whole configuration of a Prometheus that has no other.
    pub configuration: Value,
    /// The rules and alerts.
    pub rules: RuleFile,
    /// The exporters.
    pub nodes: Vec<Targets>,
    /// The questions through the VIPs.
    pub vips: Vec<Targets>,
    /// The questions to the real servers' own addresses.
    pub direct: Vec<Targets>,
    /// The modules of the prober.
    pub modules: Modules,
}

impl Files {
    /// The files of a cluster.
    pub fn new(facts: &Facts<'_>) -> Self {
        Self {
            configuration: prometheus(facts.model),
            rules: RuleFile::new(facts),
            nodes: targets::nodes(facts),
            vips: targets::probes(facts, &facts.through_vips),
            direct: targets::probes(facts, &facts.direct),
            modules: Modules::of(facts.through_vips.iter().chain(&facts.direct)),
        }
    }
}

/// The text of a YAML file.
pub fn text(value: &impl Serialize) -> String {
    yaml::to_string(value).expect("YAML has texts, numbers, lists and mappings")
}

/// The text of a JSON file.
pub fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("JSON has texts, lists and mappings");
    text + "\n"
}

/// The jobs. A Prometheus has them once for all clusters.
pub fn scrapes(model: &Monitoring) -> serde_json::Value {
    let prober = json!([
        { "source_labels": ["__address__"], "target_label": "__param_target" },
        { "source_labels": ["__param_module"], "target_label": "module" },
        { "target_label": "__address__", "replacement": model.prober.as_str() },
    ]);
    let job = |name: &str, kind: &str| {
        let files = format!("/etc/prometheus/lvsgen/file_sd/lvsgen-*-{kind}.json");
        json!({
            "job_name": name,
            "scrape_interval": seconds(model.interval),
            "scrape_timeout": seconds(timeout(model)),
            "file_sd_configs": [{ "files": [files] }],
        })
    };
    let mut jobs = vec![job(NODE_JOB, "node")];
    for (name, kind) in [(VIP_JOB, "vip"), (DIRECT_JOB, "direct")] {
        if model.probe {
            let mut job = job(name, kind);
            job["metrics_path"] = "/probe".into();
            job["relabel_configs"] = prober.clone();
            jobs.push(job);
        }
    }
    jobs.into()
}

/// A time as Prometheus writes it.
pub fn seconds(time: u32) -> String {
    format!("{time}s")
}

/// The time for a scrape: it must end before the next one begins.
fn timeout(model: &Monitoring) -> u32 {
    model.interval.min(10)
}

/// A whole configuration for a Prometheus that has no other.
fn prometheus(model: &Monitoring) -> serde_json::Value {
    let interval = seconds(model.interval);
    let mut whole = json!({
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": seconds(timeout(model)),
            "evaluation_interval": interval,
        },
        "rule_files": ["/etc/prometheus/lvsgen/rules/*.yml"],
        "scrape_configs": scrapes(model),
    });
    let alertmanagers: Vec<&str> = match (&model.server, model.alertmanager.as_slice()) {
        (None, []) => vec!["127.0.0.1:9093"],
        (_, written) => written.iter().map(DomainName::as_str).collect(),
    };
    if !alertmanagers.is_empty() {
        let targets = json!([{ "static_configs": [{ "targets": alertmanagers }] }]);
        whole["alerting"] = json!({ "alertmanagers": targets });
    }
    whole
}
