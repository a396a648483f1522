//! The documentation of the alerts, from the list of the alerts.

use std::fmt::Write as _;

use super::{Alert, Severity, all, duration};
use crate::model::Thresholds;

impl Alert {
    /// The documentation of the alert, as Markdown.
    pub fn documentation(&self) -> String {
        let wait = match (self.wait)(&Thresholds::default()) {
            0 => "at once".to_owned(),
            seconds => format!("after {}", duration(seconds)),
        };
        let mut text = format!(
            "### {}\n\n> {}\n\n{}, {wait}. {}\n\n{}\n",
            self.name,
            readable(self.summary),
            capital(self.severity),
            readable(self.description),
            self.explanation
        );
        if !self.scope.is_empty() {
            let _ = write!(text, "\nThis alert exists {}.\n", self.scope);
        }
        text
    }
}

/// The severity at the begin of a sentence.
fn capital(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Warning => "Warning",
        Severity::Info => "Info",
    }
}

/// A template of Prometheus as a person reads it: the label `$labels.instance` becomes `INSTANCE`.
fn readable(template: &str) -> String {
    let mut text = String::new();
    for (at, part) in template.split("{{ $").enumerate() {
        let Some((field, rest)) = part.split_once(" }}").filter(|_| at > 0) else {
            text.push_str(part);
            continue;
        };
        let name = field.split(' ').next().unwrap_or(field);
        text.push_str(&name.trim_start_matches("labels.").to_uppercase());
        text.push_str(rest);
    }
    text
}

/// The document `docs/alerts.md`.
pub fn documentation() -> String {
    let mut text = String::from(
        "# Alerts\n\n\
         With `monitoring`, lvsgen writes rules for Prometheus that know the model. Each alert waits until its condition has held for a\n\
         time, so a single failed scrape fires none. An alert about something that is missing fires only while the host reports:\n\
         `LVSExporterDown` and `LVSMetricsStale` fire for a host that does not.\n\n\
         On each host, `converge.sh` is the program of the last run, in `/var/lib/lvsgen/CLUSTER/current`. `install/push` of the rendered\n\
         tree runs it from your machine: `rendered/install/push HOST -- --verify`. The times are those of the default thresholds.\n",
    );
    for severity in Severity::ALL {
        let title = match severity {
            Severity::Critical => {
                "Critical: clients are affected, or will be with the next failure"
            }
            Severity::Warning => "Warning: somebody must act today",
            Severity::Info => "Info: for a person who looks for a cause",
        };
        let _ = write!(text, "\n## {title}\n");
        for alert in all().filter(|alert| alert.severity == *severity) {
            let _ = write!(text, "\n{}", alert.documentation());
        }
    }
    text
}
