//! HTTP and HTTPS of one VIP that keep their clients apart.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Endpoint, Protocol, Vip};
use crate::source::Span;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "persistence-not-shared", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
HTTP and HTTPS of one VIP keep their clients each by itself.

## Why is this bad?

Persistence belongs to a service. A client that fills its basket over port 80 and pays over port 443 may
meet another real server there, which does not know the basket. A firewall mark joins the two ports to one
service, whose persistence holds for both.

## Bad

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, persistence: 300 }
  - { name: https, vip: 192.168.10.100, port: 443, persistence: 300 }
```

## Good

```yaml
virtual_services:
  - { name: web, vip: 192.168.10.100, port: [80, 443], fwmark: 1, persistence: 300 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut kept: BTreeMap<(Vip, u16), Span> = BTreeMap::new();
    for service in &cx.cluster.virtual_services {
        let Endpoint::Port(port) = &service.endpoint else { continue };
        let other = match port.value {
            80 => 443,
            443 => 80,
            _ => continue,
        };
        let (Some(persistence), Protocol::Tcp) = (&service.persistence, service.protocol()) else {
            continue;
        };
        let before = service.vip.iter().find_map(|vip| kept.get(&(vip.value, other)));
        if let Some(before) = before {
            let message = format!(
                "the ports 80 and 443 of `{}` keep their clients each by itself",
                service.name.value
            );
            let finding = Finding::at(&CHECK.rule, persistence.span, message)
                .related(*before, "the other port's")
                .help("join the two to one service with a `fwmark`, if sessions span both");
            report.add(finding);
        }
        kept.extend(service.vip.iter().map(|vip| ((vip.value, port.value), persistence.span)));
    }
}
