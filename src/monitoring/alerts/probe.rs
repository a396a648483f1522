//! Alerts of the prober: what a client sees.

use super::{Alert, Severity, all_directors_report};
use crate::monitoring::facts::Facts;
use crate::monitoring::probes::Probed;
use crate::monitoring::trials::{BEGIN, Fault};
use crate::monitoring::{DIRECT_JOB, VIP_JOB};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSVipProbeFails",
        severity: Severity::Critical,
        summary: "{{ $labels.service }} does not answer on {{ $labels.instance }}.",
        description: "The probe from the monitoring server through the VIP fails. Copy verify/from_client.sh of the rendered tree to a client, and run it there.",
        explanation: "Look at the other alerts of the cluster first: they name the cause, if a host shows it. If there are none, the way to \
            the VIP is cut: the router, the neighbour table of the monitoring server, or a firewall on the way.",
        scope: "with `probe`",
        exists: |facts| !facts.through_vips.is_empty(),
        wait: |_| 60,
        expr: |facts| format!("{} == 0", facts.select("probe_success", &job(VIP_JOB))),
        fault: |facts| {
            Some(failing(
                BEGIN + 4,
                "LVSVipProbeFails",
                VIP_JOB,
                facts.through_vips.first()?,
                "1x29 0x",
            ))
        },
    },
    Alert {
        name: "LVSVipProbeFlaky",
        severity: Severity::Critical,
        summary: "Only {{ $value | humanizePercentage }} of the probes of {{ $labels.service }} through {{ $labels.instance }} pass.",
        description: "Some probes pass and some fail. Most often, one real server does not answer, and the directors still send to it. Run on each real server: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify NAME",
        explanation: "With N real servers, a dead one fails every Nth probe. Usual causes: no VIP on `lo`, no program on the port, a firewall \
            on the real server. `converge.sh --verify` on each real server names the host. `thresholds: { probe_percent }` sets the part.",
        scope: "with `probe`",
        exists: |facts| !facts.through_vips.is_empty(),
        wait: |_| 120,
        expr: |facts| {
            let success = facts.select("probe_success", &job(VIP_JOB));
            let part = f64::from(facts.thresholds().probe_percent) / 100.0;
            // Not after a short outage: probes fail in the last five minutes and in those before.
            format!(
                "avg_over_time({success}[10m]) < {part} > 0\nand min_over_time({success}[5m]) == 0\nand min_over_time({success}[5m] offset 5m) == 0"
            )
        },
        fault: |facts| {
            let values = "1 0 ".repeat(30);
            Some(failing(
                40,
                "LVSVipProbeFlaky",
                VIP_JOB,
                facts.through_vips.first()?,
                values.trim_end(),
            ))
        },
    },
    Alert {
        name: "LVSRealServerProbeFails",
        severity: Severity::Warning,
        summary: "{{ $labels.service }} of {{ $labels.instance }} does not answer at its own address.",
        description: "The prober asks the real server directly, so no director is in the way. Run on {{ $labels.instance }}: systemctl --failed, and ss -ltn",
        explanation: "The program of the service does not run, or a firewall drops the question. Without a health check, the directors go on \
            sending to this real server: drain it with `converge.sh --drain NAME`.",
        scope: "with `probe`, where the real servers answer at their own addresses",
        exists: |facts| !facts.direct.is_empty(),
        wait: |_| 60,
        expr: |facts| format!("{} == 0", facts.select("probe_success", &job(DIRECT_JOB))),
        fault: |facts| {
            Some(failing(
                BEGIN + 4,
                "LVSRealServerProbeFails",
                DIRECT_JOB,
                facts.direct.first()?,
                "1x29 0x",
            ))
        },
    },
    Alert {
        name: "LVSDirectorBypassed",
        severity: Severity::Critical,
        summary: "The VIPs of {{ $labels.cluster }} answer, but no director counts a connection.",
        description: "A real server answers ARP for a VIP and takes all its traffic. Run on the router of the prober, or on the prober: ip neighbour show",
        explanation: "The neighbour table of the prober's router has the MAC address of a real server for the VIP. Look for `LVSArpNotSuppressed` \
            and `LVSVipOnRealServerNic`, fix them, and delete the entry of the neighbour table.",
        scope: "with `probe`",
        exists: |facts| !facts.through_vips.is_empty(),
        wait: |_| 300,
        expr: |facts| {
            let total = facts.select("node_ipvs_connections_total", "role=\"director\"");
            let success = facts.select("probe_success", &job(VIP_JOB));
            format!(
                "sum by (cluster) (increase({total}[10m])) == 0\nand on (cluster) min by (cluster) (min_over_time({success}[10m])) == 1\nand on (cluster) {}",
                all_directors_report(facts)
            )
        },
        fault: |_| {
            let mut fault = Fault::at(30, "LVSDirectorBypassed");
            fault.change("node_ipvs_connections_total", &[], "500x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSCertificateEndsSoon",
        severity: Severity::Warning,
        summary: "The certificate of {{ $labels.service }} ends in {{ $value | humanizeDuration }}.",
        description: "The prober saw it at {{ $labels.instance }}. Run on a real server: openssl x509 -noout -enddate -in FILE",
        explanation: "A probe through a VIP sees one real server at a time, and the direct probes see each of them. `thresholds: \
            { certificate_days }` sets the time.",
        scope: "with `probe`, for services with TLS",
        exists: |facts| with_certificate(facts).next().is_some(),
        wait: |_| 3600,
        expr: |facts| {
            let end = facts.select("probe_ssl_earliest_cert_expiry", "");
            format!("{end} - time() < {} * 86400", facts.thresholds().certificate_days)
        },
        fault: |facts| {
            let (job, probe) = with_certificate(facts).next()?;
            let mut fault = failing(75, "LVSCertificateEndsSoon", job, probe, "1x");
            let instance = instance(probe);
            let labels = [("job", job), ("instance", instance.as_str())];
            fault.change("probe_ssl_earliest_cert_expiry", &labels, "80000x");
            Some(fault)
        },
    },
];

fn job(job: &str) -> String {
    format!("job=\"{job}\"")
}

fn instance(probe: &Probed<'_>) -> String {
    probe.host.map_or_else(|| probe.socket.to_string(), ToString::to_string)
}

/// The questions that show a certificate, each with its job.
fn with_certificate<'f, 'a>(
    facts: &'f Facts<'a>,
) -> impl Iterator<Item = (&'static str, &'f Probed<'a>)> {
    let through = facts.through_vips.iter().map(|probe| (VIP_JOB, probe));
    let all = through.chain(facts.direct.iter().map(|probe| (DIRECT_JOB, probe)));
    all.filter(|(_, probe)| probe.module.has_certificate())
}

/// The fault that a question fails.
fn failing(
    minutes: u32,
    alert: &'static str,
    job: &'static str,
    probe: &Probed<'_>,
    values: &str,
) -> Fault {
    let mut fault = Fault::at(minutes, alert);
    let instance = instance(probe);
    let labels =
        [("job", job), ("instance", instance.as_str()), ("service", probe.service.as_str())];
    fault.change("probe_success", &labels, values);
    fault
}
