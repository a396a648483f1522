//! UDP whose clients stick to one real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "udp-without-one-packet", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A UDP service does not say whether datagrams are scheduled one by one.

## Why is this bad?

Without `one_packet`, the kernel remembers each client's address and port for five minutes and sends what
comes from there to one real server, also when that one is dead. A client that asks from one port (a
resolver, a phone, another load balancer) is not balanced at all, whatever the scheduler; with `sh` not even
a new port changes its real server. `one_packet: false` says that this is meant, as do persistence and
`timeouts` with a `udp` of its own.

## Bad

```yaml
virtual_services: [{ name: dns, vip: 192.168.10.100, port: 53, protocol: udp, scheduler: sh }]
```

## Good

```yaml
virtual_services:
  - { name: dns, vip: 192.168.10.100, port: 53, protocol: udp, scheduler: sh, one_packet: true }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if cx.cluster.timeouts.is_some_and(|timeouts| timeouts.udp > 0) {
        return;
    }
    for service in &cx.cluster.virtual_services {
        let said = service.one_packet.is_some() || service.persistence.is_some();
        if let Some(protocol) = service.protocol.filter(|one| one.value == Protocol::Udp && !said) {
            let message = format!(
                "a client port of the UDP service `{}` sticks to one real server, dead or alive",
                service.name.value
            );
            let help = "say `one_packet: true`, or `false` if that is meant";
            report.add(Finding::at(&CHECK.rule, protocol.span, message).help(help));
        }
    }
}
