//! Alerts about the directors as a pair, and about their capacity.

use super::table::CONNECTIONS;
use super::{Alert, Severity, all_directors_report, always};
use crate::monitoring::observed::DIRECTOR_CONNECTIONS;
use crate::monitoring::trials::Fault;

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSIpvsNotLoaded",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }} shows no IPVS table.",
        description: "The module ip_vs is not loaded, or the exporter runs in a network namespace of its own. Run on {{ $labels.instance }}: lsmod | grep ip_vs",
        explanation: "`converge.sh HOST` loads the module and the table. An exporter in a container needs the network of its host.",
        scope: "",
        exists: always,
        wait: |_| 120,
        expr: |facts| {
            let collector = "role=\"director\", collector=\"ipvs\"";
            format!("{} == 0", facts.select("node_scrape_collector_success", collector))
        },
        fault: |facts| {
            let director = facts.directors().next()?.name.as_str();
            let mut fault = Fault::at(5, "LVSIpvsNotLoaded");
            fault.change("node_scrape_collector_success", &[("instance", director)], "0x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSNotDirectRouting",
        severity: Severity::Warning,
        summary: "Answers to clients pass through {{ $labels.instance }}.",
        description: "With direct routing and tunnels, the counters of outgoing packets stay 0. Run on {{ $labels.instance }}: ipvsadm -Ln --stats",
        explanation: "An entry of the table masquerades, which the model does not say. `converge.sh --dry-run HOST` on the director shows it.",
        scope: "without `forwarding: masquerade`",
        exists: |facts| !facts.masquerades,
        wait: |_| 300,
        expr: |facts| {
            let outgoing = facts.select("node_ipvs_outgoing_packets_total", "role=\"director\"");
            format!("rate({outgoing}[5m]) > 0")
        },
        fault: |facts| {
            let director = facts.directors().next()?.name.as_str();
            let mut fault = Fault::at(20, "LVSNotDirectRouting");
            let labels = [("instance", director)];
            fault.change("node_ipvs_outgoing_packets_total", &labels, "0+600x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSSyncDaemonDiffers",
        severity: Severity::Warning,
        summary: "The sync daemons of the directors of {{ $labels.cluster }} do not fit each other.",
        description: "There is not exactly one master, or the syncids differ, or a director has no daemon: the next move of the VIPs breaks open connections. Run on the directors: ipvsadm -L --daemon",
        explanation: "keepalived starts the daemon as master on the active director and as backup on the others. A daemon that was started by \
            hand stays: stop it with `ipvsadm --stop-daemon`, and reload keepalived.",
        scope: "with `sync: true`",
        exists: |facts| facts.syncs,
        wait: |_| 300,
        expr: |facts| {
            let daemon = |more| facts.select_own("ipvs_sync_daemon", more);
            let reports = all_directors_report(facts);
            let hosts =
                format!("count by (cluster) (count by (cluster, instance) ({}))", daemon(""));
            format!(
                "(\n  count by (cluster) (count by (cluster, syncid) ({})) > 1\n  or count by (cluster) ({}) != 1\n  or {hosts} < {}\n  or ({reports} unless on (cluster) {})\n)\nand on (cluster) {reports}",
                daemon(""),
                daemon("state=\"master\""),
                facts.directors().count(),
                daemon("state=\"master\""),
            )
        },
        fault: |facts| {
            let other = facts.directors().nth(1)?;
            let mut fault = Fault::at(10, "LVSSyncDaemonDiffers");
            fault.remove("lvsgen_ipvs_sync_daemon", &[("instance", other.name.as_str())]);
            let labels = other.own_labels(facts.cluster);
            let labels = labels.and("state", "master").and("syncid", 51);
            fault.add("lvsgen_ipvs_sync_daemon", labels, "1x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSSyncLags",
        severity: Severity::Info,
        summary: "One director of {{ $labels.cluster }} knows fewer than half of the connections of another one.",
        description: "The next move of the VIPs breaks connections that it does not know. Run on the directors: ipvsadm -Ln --stats, and tcpdump -n udp port 8848",
        explanation: "The messages of the sync daemon (multicast 224.0.0.81, UDP port 8848) do not arrive: a firewall, or a switch with IGMP \
            snooping and without a querier. Short connections are never shared: this alert is no fault if the services have only those.",
        scope: "with `sync: true`",
        exists: |facts| facts.syncs,
        wait: |_| 900,
        expr: |facts| {
            let known = format!("avg_over_time({}[10m])", facts.select(DIRECTOR_CONNECTIONS, ""));
            format!(
                "min by (cluster) ({known})\n< 0.5 * max by (cluster) ({known})\nand on (cluster) max by (cluster) ({known}) > 200\nand on (cluster) {}",
                all_directors_report(facts)
            )
        },
        fault: |facts| {
            let first = facts.directors().next()?;
            let mut fault = Fault::at(40, "LVSSyncLags");
            for entry in &facts.entries {
                let many = entry.director == first.name;
                fault.set(CONNECTIONS[0], facts, entry, |_| "0x".to_owned());
                fault.set(CONNECTIONS[1], facts, entry, |weight| match many {
                    true => format!("{}x", u32::from(weight) * 1000),
                    false => "0x".to_owned(),
                });
            }
            Some(fault)
        },
    },
    Alert {
        name: "LVSConnTabFull",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} has {{ $value | humanize }} connections for each bucket of its table.",
        description: "The table has no limit, but each packet walks through a chain of this length. Run on {{ $labels.instance }}: ipvsadm -Lnc | wc -l",
        explanation: "Raise `tuning: { conn_tab_bits }`: the next load of the module takes the new size. `thresholds: \
            { connections_per_bucket }` sets the length.",
        scope: "",
        exists: always,
        wait: |_| 900,
        expr: |facts| {
            format!(
                "{}\n/ on (cluster, instance) {} > {}",
                facts.select(DIRECTOR_CONNECTIONS, ""),
                facts.select_own("ipvs_buckets", ""),
                facts.thresholds().connections_per_bucket
            )
        },
        fault: |facts| {
            let director = facts.entries.iter().find(|entry| entry.weight > 0)?.director;
            let mut fault = Fault::at(30, "LVSConnTabFull");
            fault.change("lvsgen_ipvs_buckets", &[("instance", director.as_str())], "0.01x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSKeepalivedRestarts",
        severity: Severity::Warning,
        summary: "systemd restarted {{ $labels.unit }} of {{ $labels.instance }} {{ $value | humanize }} times in 30 minutes.",
        description: "The program crashes, or its watchdog ends it. Run on {{ $labels.instance }}: journalctl -u {{ $labels.unit }}",
        explanation: "Each restart moves the VIPs, and empties the table of the director until the checks of the real servers succeeded.",
        scope: "with keepalived",
        exists: |facts| facts.has_keepalived(),
        wait: |_| 0,
        expr: |facts| format!("increase({}[30m]) > 2", facts.select_own("unit_restarts", "")),
        fault: |facts| {
            let host = facts.hosts.iter().find(|host| !host.metrics.units.is_empty())?;
            let mut fault = Fault::at(30, "LVSKeepalivedRestarts");
            fault.change("lvsgen_unit_restarts", &[("instance", host.name.as_str())], "0x19 1+1x");
            Some(fault)
        },
    },
];
