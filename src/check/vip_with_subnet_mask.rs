//! A VIP that brings its subnet along.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "vip-with-subnet-mask", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A VIP has a prefix length that is not that of a single address.

## Why is this bad?

A VIP is one address: /32, or /128. On `lo` of a real server a /24 makes the kernel take the whole subnet
for local (`local 192.168.10.0/24 dev lo`): the node cannot reach its gateway, its director or any peer. On
the director it adds a second connected route, which goes when the VIP moves.

## Bad

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100/24, port: 80 }]
```

## Good

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100/32, port: 80 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        for prefix in &service.short_prefixes {
            let message = format!(
                "the VIP of `{}` has the prefix length {}",
                service.name.value, prefix.value
            );
            let help = "leave the prefix length out: a VIP is a single address";
            report.add(Finding::at(&CHECK.rule, prefix.span, message).help(help));
        }
    }
}
