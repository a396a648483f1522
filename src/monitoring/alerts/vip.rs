//! Alerts about the places of the VIPs, and about the kernel parameters that keep them silent.

use super::{Alert, Severity, all_directors_report, always, fresh};
use crate::monitoring::expected::ON_LO;
use crate::monitoring::facts::{Facts, ScrapedHost};
use crate::monitoring::observed::{HELD, REPORTS};
use crate::monitoring::promql::Labels;
use crate::monitoring::trials::{BEGIN, Fault};

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "LVSVipNowhere",
        severity: Severity::Critical,
        summary: "No director of {{ $labels.cluster }} has the VIP {{ $labels.address }}.",
        description: "All directors report, and none has {{ $labels.address }} on a NIC. Run on a director: ip address show, and journalctl -u keepalived",
        explanation: "With `failover`: keepalived does not run, or all directors are in the state FAULT because a tracked interface is down or \
            a tracked script fails. Without: the configuration of the NIC lost the VIP. `converge.sh --verify HOST` on the director names the \
            missing part.",
        scope: "",
        exists: always,
        wait: |_| 60,
        expr: |facts| {
            let held = facts.select(HELD, "");
            format!(
                "sum by (cluster, address) ({held}) == 0\nand on (cluster) {}",
                all_directors_report(facts)
            )
        },
        fault: |facts| {
            let (director, vip) = first_vip(facts)?;
            let mut fault = Fault::at(BEGIN + 4, "LVSVipNowhere");
            let labels = [("instance", director.name.as_str()), ("device", director.nics[0])];
            let address = vip.as_str();
            fault.change("lvsgen_vip", &[labels[0], labels[1], ("address", address)], "1x29 stale");
            Some(fault)
        },
    },
    Alert {
        name: "LVSVipTwice",
        severity: Severity::Critical,
        summary: "{{ $value }} directors of {{ $labels.cluster }} have the VIP {{ $labels.address }}.",
        description: "Each of them believes that it is alone, and clients reach one or the other. Run on both: journalctl -u keepalived, and tcpdump -n ip proto 112",
        explanation: "The VRRP advertisements do not pass between the directors: a firewall drops protocol 112, or the directors have \
            different passwords or virtual router IDs, or the segment is cut in two.",
        scope: "with `failover`",
        exists: |facts| facts.has_failover,
        wait: |_| 60,
        expr: |facts| format!("sum by (cluster, address) ({}) > 1", facts.select(HELD, "")),
        fault: |facts| {
            let (_, vip) = first_vip(facts)?;
            let other = facts.directors().nth(1)?;
            let mut fault = Fault::at(BEGIN + 4, "LVSVipTwice");
            fault.add("lvsgen_vip", on_nic(facts, other, &vip), "_x29 1x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSFlapping",
        severity: Severity::Warning,
        summary: "The VIP {{ $labels.address }} moved between the directors {{ $value }} times in 30 minutes.",
        description: "Open connections break at each move, unless the directors share them. Run on the directors: journalctl -u keepalived",
        explanation: "Advertisements get lost, a tracked script succeeds and fails in turn, or `preempt` and a director that fails fight. \
            `thresholds: { moves }` sets the number.",
        scope: "with `failover`",
        exists: |facts| facts.has_failover,
        wait: |_| 0,
        expr: |facts| {
            let changes = format!("changes({}[30m])", facts.select(HELD, ""));
            // A move is a change on two directors.
            format!("sum by (cluster, address) ({changes}) / 2 > {}", facts.thresholds().moves)
        },
        fault: |facts| {
            let (director, vip) = first_vip(facts)?;
            let other = facts.directors().nth(1)?;
            let mut fault = Fault::at(28, "LVSFlapping");
            let name = director.name.as_str();
            let wanted =
                [("instance", name), ("device", director.nics[0]), ("address", vip.as_str())];
            fault.change("lvsgen_vip", &wanted, "1 stale ".repeat(15).trim_end());
            fault.add("lvsgen_vip", on_nic(facts, other, &vip), "stale 1 ".repeat(15).trim_end());
            (facts.thresholds().moves < 12).then_some(fault)
        },
    },
    Alert {
        name: "LVSVipMissingOnRealServer",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }} has no {{ $labels.address }} on lo.",
        description: "Each connection that a director gives to {{ $labels.instance }} times out. Run there: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify {{ $labels.instance }}",
        explanation: "The kernel of a real server drops the packets to an address that it does not have. `converge.sh HOST` on the real \
            server brings the VIP back.",
        scope: "with direct routing or tunnels",
        exists: |facts| facts.hosts.iter().any(|host| !host.own_vips.is_empty()),
        wait: |_| 60,
        expr: |facts| {
            format!(
                "{}\nunless on (cluster, instance, address) {}\nand on (cluster, instance) {}",
                facts.select(ON_LO, ""),
                facts.select_own("vip", "device=\"lo\""),
                facts.select(REPORTS, "")
            )
        },
        fault: |facts| {
            let host = facts.hosts.iter().find(|host| !host.own_vips.is_empty())?;
            let address = host.own_vips[0].to_string();
            let mut fault = Fault::at(BEGIN + 4, "LVSVipMissingOnRealServer");
            let labels =
                [("instance", host.name.as_str()), ("device", "lo"), ("address", address.as_str())];
            fault.change("lvsgen_vip", &labels, "1x29 stale");
            Some(fault)
        },
    },
    Alert {
        name: "LVSVipOnRealServerNic",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }} has the VIP {{ $labels.address }} on {{ $labels.device }}.",
        description: "The real server answers ARP for the VIP beside the director, whatever arp_ignore is. Run there: ip address show {{ $labels.device }}",
        explanation: "Clients that learn this real server's MAC address bypass the director. Delete the address from the NIC: on a real \
            server, the VIP belongs on `lo` alone.",
        scope: "",
        exists: |facts| facts.hosts.iter().any(|host| host.role == "real_server"),
        wait: |_| 30,
        expr: |facts| {
            fresh(facts, &facts.select_own("vip", "role=\"real_server\", device!=\"lo\""))
        },
        fault: |facts| {
            let host = facts.hosts.iter().find(|host| host.role == "real_server")?;
            let address = facts.vips.first()?.to_string();
            let mut fault = Fault::at(5, "LVSVipOnRealServerNic");
            fault.add("lvsgen_vip", on_nic(facts, host, &address), "1x");
            Some(fault)
        },
    },
    Alert {
        name: "LVSArpNotSuppressed",
        severity: Severity::Critical,
        summary: "{{ $labels.instance }} may answer ARP for a VIP: it lost {{ $labels.setting }}.",
        description: "Clients may learn the MAC address of {{ $labels.instance }} for the VIP, and bypass the director. Run there: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify {{ $labels.instance }}",
        explanation: PARAMETER_CHANGED,
        scope: "with direct routing or tunnels",
        exists: |facts| settings(facts).any(|(_, setting)| is_arp(&setting)),
        wait: |_| 60,
        expr: |facts| setting_lost(facts, "=~"),
        fault: |facts| lost_setting(facts, "LVSArpNotSuppressed", true),
    },
    Alert {
        name: "LVSSettingChanged",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }} lost the kernel parameter {{ $labels.setting }}.",
        description: "The value in force is not that of the model. Run on {{ $labels.instance }}: sh /var/lib/lvsgen/{{ $labels.cluster }}/current/converge.sh --verify {{ $labels.instance }}",
        explanation: PARAMETER_CHANGED,
        scope: "",
        exists: |facts| settings(facts).any(|(_, setting)| !is_arp(&setting)),
        wait: |_| 300,
        expr: |facts| setting_lost(facts, "!~"),
        fault: |facts| lost_setting(facts, "LVSSettingChanged", false),
    },
];

/// The causes of a lost kernel parameter.
const PARAMETER_CHANGED: &str = "Another file below /etc/sysctl.d, a tool for tuning, or a person changed the parameter. \
    `sysctl --system` prints the files in their order; `converge.sh HOST` brings the value back.";

/// The parameters that keep a real server silent.
const ARP: &str = "arp_(ignore|announce) on .*";

/// The parameters that lost their values, and that match (`=~`) or do not match (`!~`) those of ARP.
fn setting_lost(facts: &Facts<'_>, matches: &str) -> String {
    let settings = facts.select_own("setting_in_force", &format!("setting{matches}\"{ARP}\""));
    fresh(facts, &format!("{settings} == 0"))
}

fn is_arp(setting: &str) -> bool {
    setting.starts_with("arp_ignore on ") || setting.starts_with("arp_announce on ")
}

fn settings<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f ScrapedHost<'f>, String)> {
    let hosts = facts.hosts.iter();
    hosts.flat_map(|host| host.metrics.setting_names().map(move |setting| (host, setting)))
}

/// The fault that a parameter has another value.
fn lost_setting(facts: &Facts<'_>, alert: &'static str, arp: bool) -> Option<Fault> {
    let (host, setting) = settings(facts).find(|(_, setting)| is_arp(setting) == arp)?;
    let mut fault = Fault::at(10, alert);
    let labels = [("instance", host.name.as_str()), ("setting", setting.as_str())];
    fault.change("lvsgen_setting_in_force", &labels, "0x");
    Some(fault)
}

/// The first VIP, and the director that has it in the healthy cluster.
fn first_vip<'f, 'a>(facts: &'f Facts<'a>) -> Option<(&'f ScrapedHost<'a>, String)> {
    Some((facts.directors().next()?, facts.vips.first()?.to_string()))
}

/// The labels of a VIP on the first NIC of a host.
fn on_nic(facts: &Facts<'_>, host: &ScrapedHost<'_>, address: &str) -> Labels {
    let labels = host.own_labels(facts.cluster);
    labels.and("device", host.nics[0]).and("address", address)
}
