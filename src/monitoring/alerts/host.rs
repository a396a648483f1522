//! Alerts about single hosts: their record, their exporter, their share.

use super::{Alert, Severity, always, fresh};
use crate::monitoring::NODE_JOB;
use crate::monitoring::expected::HOST;
use crate::monitoring::trials::{BEGIN, Fault};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSNfsMountMissing",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }} has no NFS mount on {{ $labels.directory }}.",
        description: "The web server shows the directory below the mount point. Run on {{ $labels.instance }}: systemctl status {{ $labels.directory }}",
        explanation: "The NFS server does not answer, or refuses this client, or somebody unmounted the share. `converge.sh HOST` mounts it.",
        scope: "with `nfs`",
        exists: |facts| facts.mounting().next().is_some(),
        wait: |_| 120,
        expr: |facts| fresh(facts, &format!("{} == 0", facts.select_own("share_mounted", ""))),
        fault: |facts| {
            let host = facts.mounting().next()?.name.as_str();
            let mut fault = Fault::at(10, "LVSNfsMountMissing");
            fault.change("lvsgen_share_mounted", &[("instance", host)], "0x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSNfsMountHangs",
        severity: Severity::Critical,
        summary: "{{ $labels.directory }} of {{ $labels.instance }} does not answer.",
        description: "Requests for shared pages fail or wait. Run on the NFS server: systemctl status nfs-server, and exportfs -s",
        explanation: "The NFS server is down, or the network path to it is cut. An access to a read-only share fails after some seconds; an access to a \
            writable one waits for the server, and fills the workers of the web server.",
        scope: "with `nfs`",
        exists: |facts| facts.mounting().next().is_some(),
        wait: |_| 60,
        expr: |facts| fresh(facts, &format!("{} == 0", facts.select_own("share_answers", ""))),
        fault: |facts| {
            let host = facts.mounting().next()?.name.as_str();
            let mut fault = Fault::at(10, "LVSNfsMountHangs");
            fault.change("lvsgen_share_answers", &[("instance", host)], "0x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSHostDiffers",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} differs from the state that the last run of converge.sh set.",
        description: "A probe of the host fails. Run there: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify {{ $labels.instance }}",
        explanation: "Somebody changed the host by hand, a unit failed, or a run did not end. The output of `--verify` names the probe; \
            `converge.sh HOST` fixes the host.",
        scope: "",
        exists: always,
        wait: |_| 900,
        expr: |facts| fresh(facts, &format!("{} == 0", facts.select_own("host_verified", ""))),
        fault: |facts| {
            let host = facts.hosts.first()?.name.as_str();
            let mut fault = Fault::at(30, "LVSHostDiffers");
            fault.change("lvsgen_host_verified", &[("instance", host)], "0x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSExporterDown",
        severity: Severity::Warning,
        summary: "The exporter of {{ $labels.instance }} does not answer.",
        description: "While it is down, no alert about {{ $labels.instance }} can fire. Run there: systemctl status '*node*exporter*'",
        explanation: "The host is down, the exporter is down, or a firewall drops the question of the monitoring server to TCP port 9100. lvsgen \
            opens the firewall for the addresses of `monitoring: { from }`.",
        scope: "",
        exists: always,
        wait: |_| 300,
        expr: |facts| format!("{} == 0", facts.select("up", &job())),
        fault: |facts| {
            let host = facts.directors().next()?.name.as_str();
            let mut fault = Fault::at(45, "LVSExporterDown");
            fault.silence(host);
            Some(fault)
        },
    },
    Alert {
        name: "LVSTargetMissing",
        severity: Severity::Warning,
        summary: "Prometheus does not scrape {{ $labels.instance }}.",
        description: "The file of targets on the monitoring server is older than the rules, or Prometheus does not read it. Run there: promtool check config /etc/prometheus/prometheus.yml",
        explanation: "Copy `monitoring/file_sd/` of the rendered tree to the monitoring server again: Prometheus reads the files by itself.",
        scope: "",
        exists: always,
        wait: |_| 600,
        expr: |facts| {
            format!(
                "{}\nunless on (cluster, instance) {}",
                facts.select(HOST, ""),
                facts.select("up", &job())
            )
        },
        fault: |facts| {
            let host = facts.hosts.last()?.name.as_str();
            let mut fault = Fault::at(15, "LVSTargetMissing");
            fault.silence(host);
            fault.remove("up", &[("instance", host)]);
            Some(fault)
        },
    },
    Alert {
        name: "LVSMetricsStale",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} does not give its state to the exporter.",
        description: "While it does not, the alerts about VIPs, kernel parameters and shares of {{ $labels.instance }} cannot fire. Run there: systemctl status 'lvsgen-*-metrics.timer'",
        explanation: "The timer does not run, its script hangs, or the exporter reads another folder than the script writes to.",
        scope: "",
        exists: always,
        wait: |_| 300,
        expr: |facts| {
            let time = facts.select_own("metrics_time_seconds", "");
            let up = facts.select("up", &job());
            format!(
                "max by (cluster, instance) (time() - {time}) > 300\nor on (cluster, instance)\n  (max by (cluster, instance) ({up}) == 1 unless on (cluster, instance) {time})"
            )
        },
        fault: |facts| {
            let host = facts.directors().next()?.name.as_str();
            let mut fault = Fault::at(BEGIN + 5, "LVSMetricsStale");
            let labels = [("instance", host)];
            fault.change("lvsgen_metrics_time_seconds", &labels, "0+60x9 600x");
            // The VIPs move, and the last values of the dead script do not count.
            if let Some(other) = facts.directors().nth(1).filter(|_| facts.has_failover) {
                for vip in &facts.vips {
                    let labels = other.own_labels(facts.cluster);
                    let labels = labels.and("device", other.nics[0]).and("address", vip);
                    fault.add("lvsgen_vip", labels, "_x19 1x");
                }
            }
            Some(fault)
        },
    },
];

fn job() -> String {
    format!("job=\"{NODE_JOB}\"")
}
