//! Persistence that takes half the world for one client.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Family;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "coarse-persistence", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A service's persistence takes a large network for one client.

## Why is this bad?

All clients whose addresses share the prefix go to one real server. A /24 joins the addresses of one
company's proxies; a /16 joins cities, and a few large ones decide over the balance. For IPv6 a site has a
/48 or less.

## Bad

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, persistence: { timeout: 300, netmask: 8 } }
```

## Good

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, persistence: { timeout: 300, netmask: 24 } }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(persistence) = &service.persistence else { continue };
        let coarse = |family| match family {
            Family::Ipv4 => (persistence.netmask <= 16).then_some(persistence.netmask),
            Family::Ipv6 => (persistence.netmask6 < 48).then_some(persistence.netmask6),
        };
        if let Some(length) = service.vip.iter().find_map(|vip| coarse(vip.family())) {
            let name = &service.name.value;
            let message = format!("the service `{name}` takes every /{length} for one client");
            let help = "a `netmask` of 24 and a `netmask6` of 64 join the addresses of one site";
            report.add(Finding::at(&CHECK.rule, persistence.span, message).help(help));
        }
    }
}
