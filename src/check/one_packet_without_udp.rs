//! One-packet scheduling of what has connections.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Protocol;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "one-packet-without-udp", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
One-packet scheduling is asked for a service that is not UDP.

## Why is this bad?

`one_packet` (`-o`) forgets a flow after each datagram. TCP and SCTP have connections that must reach
one server from their first packet to the last; ipvsadm refuses the option for them.

## Bad

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, one_packet: true }]
```

## Good

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100, port: 53, protocol: udp, one_packet: true }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let protocol = service.protocol();
        let Some(asked) = service.one_packet.filter(|asked| asked.value) else {
            continue;
        };
        if protocol != Protocol::Udp {
            let message =
                format!("`one_packet` is for UDP, and `{}` is {protocol}", service.name.value);
            let help = "remove it, or say `protocol: udp`";
            report.add(Finding::at(&CHECK.rule, asked.span, message).help(help));
        }
    }
}
