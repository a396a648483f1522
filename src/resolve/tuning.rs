//! The kernel parameters of a host's tuning.
//!
//! Takes the tuning and the roles of a host; gives its parameters. The values of the profiles are those of the kernel's own
//! documentation (`networking/scaling`, `ip-sysctl`) and of measurements that docs/design.md names.

use super::Roles;
use super::settings::{KernelSetting, SettingValue};
use crate::kernel::slashed;
use crate::model::{HostTuning, Role, TuningProfile};

/// A parameter of a profile: the roles whose hosts need it, the key, the value, the kernel's own value, and the reason.
type OfProfile = (&'static [Role], &'static str, i64, i64, &'static [&'static str]);

const SERVERS: &[Role] = &[Role::RealServer];
const ALL: &[Role] = &[Role::Director, Role::RealServer];

/// The queues of connections. A full queue loses connections.
const BACKLOG: [OfProfile; 2] = [
    (
        SERVERS,
        "net.core.somaxconn",
        4096,
        4096,
        &[
            "The longest queue of connections that a program has not accepted yet. The program asks for a length",
            "too, so the web server of lvsgen asks for the same. Before Linux 5.4, the kernel's own value is 128.",
        ],
    ),
    (
        SERVERS,
        "net.ipv4.tcp_max_syn_backlog",
        4096,
        128,
        &["The queue of connections that are not open yet. A full queue costs a client a second."],
    ),
];

/// The turns in which a processor takes packets from its NICs.
const BUDGET: [OfProfile; 2] = [
    (
        ALL,
        "net.core.netdev_budget",
        600,
        300,
        &[
            "The packets that a processor takes from its NICs in one turn. If packets are left over, the third",
            "column of /proc/net/softnet_stat grows.",
        ],
    ),
    (
        ALL,
        "net.core.netdev_budget_usecs",
        8000,
        8000,
        &["The longest such turn, in microseconds. The kernel's own value depends on its clock."],
    ),
];

const LATENCY: [OfProfile; 1] = [(
    SERVERS,
    "net.ipv4.tcp_slow_start_after_idle",
    0,
    1,
    &["Send the next answer of an idle connection as fast as the last answer."],
)];

/// The queue of a processor for the packets that another processor hands over.
const HANDED: [OfProfile; 1] = [(
    ALL,
    "net.core.netdev_max_backlog",
    4096,
    1000,
    &["The queue of a processor for the packets that another processor hands over (RPS)."],
)];

/// Gives the parameters of a host's tuning. `own`: the parameters that its roles need. The tuning never changes these: a check
/// refuses that.
pub(super) fn settings(
    tuning: &HostTuning<'_>,
    roles: &Roles,
    own: &[KernelSetting],
) -> Vec<KernelSetting> {
    let profile: &[&[OfProfile]] = match tuning.profile {
        TuningProfile::None => &[],
        TuningProfile::Throughput => &[&BACKLOG, &BUDGET],
        TuningProfile::Latency => &[&BACKLOG, &LATENCY],
    };
    let steered = tuning.queues.is_some_and(|queues| queues.rps != Some(false));
    let handed: &[OfProfile] = if steered { &HANDED } else { &[] };
    let mut settings: Vec<KernelSetting> = Vec::new();
    let mut add = |setting: KernelSetting| {
        let same = |one: &KernelSetting| slashed(&one.key) == slashed(&setting.key);
        if own.iter().any(same) {
            return;
        }
        match settings.iter_mut().find(|one| same(one)) {
            Some(known) => (known.value, known.written) = (setting.value, setting.written),
            None => settings.push(setting),
        }
    };
    for (of, key, value, initial, reason) in profile.iter().copied().flatten().chain(handed) {
        if of.iter().any(|role| roles.contains(role)) {
            add(KernelSetting {
                initial: SettingValue::Number(*initial),
                tunes: true,
                ..KernelSetting::of_host(key, SettingValue::Number(*value), reason)
            });
        }
    }
    for setting in tuning.set.iter().filter(|setting| has_effect(setting.key.as_str(), roles)) {
        let value = SettingValue::of_text(&setting.value.value.0);
        add(KernelSetting {
            tunes: true,
            written: Some(setting.span),
            ..KernelSetting::of_host(setting.key.as_str(), value, &["From `tuning` of the model."])
        });
    }
    settings
}

/// Whether a parameter has an effect on a host with these roles. A director forwards the packets of its services below TCP, and only
/// a director has a table of IPVS.
pub fn has_effect(key: &str, roles: &Roles) -> bool {
    let key = slashed(key);
    let of_sockets = key.starts_with("net/ipv4/tcp_") || key == "net/core/somaxconn";
    if key.starts_with("net/ipv4/vs/") {
        roles.contains(&Role::Director)
    } else {
        !of_sockets || roles.contains(&Role::RealServer)
    }
}
