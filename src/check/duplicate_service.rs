//! Two services that the kernel cannot tell apart.

use std::collections::BTreeMap;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Endpoint;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "duplicate-service", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
Two services take the same packets.

## Why is this bad?

The kernel tells services apart by protocol, address and port, or by firewall mark. It refuses the
second of two that are alike (`Service already exists`), and `ipvsadm-restore` goes on without it: its
real servers would silently join the first one.

## Bad

```yaml
name: web
network: { interface: ens33, subnet: 192.168.10.0/24 }
directors: [{ name: lvs1, address: 192.168.10.101 }]
real_servers: [{ name: web1, address: 192.168.10.102 }]
virtual_services: 
  - { name: http, vip: 192.168.10.100, port: 80 }
  - { name: blog, vip: 192.168.10.100, port: 80 }
```

## Good

```yaml
name: web
network: { interface: ens33, subnet: 192.168.10.0/24 }
directors: [{ name: lvs1, address: 192.168.10.101 }]
real_servers: [{ name: web1, address: 192.168.10.102 }]
virtual_services: 
  - { name: http, vip: 192.168.10.100, port: 80 }
  - { name: blog, vip: 192.168.10.100, port: 8080 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut first = BTreeMap::new();
    for service in &cx.cluster.virtual_services {
        for vip in service.vip.iter() {
            let (key, span) = match &service.endpoint {
                Endpoint::Port(port) => {
                    let key = format!("{} {} port {}", vip.value, service.protocol(), port.value);
                    (key, port.span)
                }
                Endpoint::Fwmark { mark, .. } => {
                    (format!("{} firewall mark {}", vip.family(), mark.value), mark.span)
                }
            };
            let Some((other, before)) = first.insert(key.clone(), (&service.name, span)) else {
                continue;
            };
            let (one, two) = (&other.value, &service.name.value);
            let message = format!("the services `{one}` and `{two}` both take {key}");
            report.add(
                Finding::at(&CHECK.rule, span, message)
                    .label("taken again here")
                    .related(before, "first taken here")
                    .help("join the two, or give one another VIP or port"),
            );
        }
    }
}
