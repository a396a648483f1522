//! Tuning that instructions name and that does harm, and values that the kernel refuses.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::ipvs::Family;
use crate::kernel::{names, slashed};
use crate::resolve::ServiceView;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "tuning-harms",
        severity: Severity::Warning,
        doc: include_str!("tuning-harms.md"),
    },
    run,
};

/// A parameter, its harmful values, and the harm.
type Harm = (&'static str, fn(i64) -> bool, &'static str);

const HARMS: [Harm; 5] = [
    (
        "net/ipv4/tcp_timestamps",
        |value| value == 0,
        "the kernel then measures round trips less exactly, and accepts old packets of another connection",
    ),
    (
        "net/ipv4/tcp_syncookies",
        |value| value == 0,
        "a full queue of new connections then refuses every client",
    ),
    (
        "net/ipv4/tcp_fin_timeout",
        |value| value < 15,
        "it does not shorten TIME_WAIT, and connections whose last packets are late are aborted",
    ),
    (
        "net/ipv4/tcp_tw_reuse",
        |value| value == 1,
        "it concerns only connections that the host opens itself, which a web server does not do",
    ),
    (
        "net/netfilter/nf_conntrack_max",
        |_| true,
        "the packets of the services pass without conntrack, and at boot the kernel loads conntrack after it reads the file",
    ),
];

/// The parameters that only masquerading needs.
const MASQUERADING: [(&str, &str); 2] = [
    ("net/ipv4/ip_forward", "IPVS forwards by itself, and the host becomes a router for everybody"),
    (
        "net/ipv4/vs/conntrack",
        "conntrack never sees the answers, and takes later packets for invalid",
    ),
];

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let masquerades = |view: &ServiceView<'_>| Family::ALL.iter().any(|one| view.masquerades(*one));
    let masquerades = cx.resolved.services.iter().any(masquerades);
    for setting in cx.cluster.tuned_settings() {
        let key = slashed(setting.key.as_str());
        let Ok(value) = setting.value.value.0.trim().parse::<i64>() else { continue };
        let needless = MASQUERADING.iter().filter(|_| !masquerades && value != 0);
        let needless = needless.map(|(key, why)| (*key, *why));
        let harms =
            HARMS.iter().filter(|(_, harms, _)| harms(value)).map(|(key, _, why)| (*key, *why));
        let (message, help) =
            if let Some((_, why)) = harms.chain(needless).find(|(one, _)| *one == key) {
                let message = format!("the value {value} of `{}` does harm", setting.key);
                (message, format!("remove the line: {why}"))
            } else if let Some(range) = names::range(&key).filter(|range| !range.contains(&value)) {
                let message = format!("the kernel refuses {value} for `{}`", setting.key);
                (message, format!("write a number from {} to {}", range.start(), range.end()))
            } else {
                continue;
            };
        report.add(Finding::at(&CHECK.rule, setting.span, message).help(help));
    }
}
