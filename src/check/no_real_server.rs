//! A service without anybody behind it.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "no-real-server", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A service has no real server.

## Why is this bad?

The director would take every connection and have nobody to give it to: clients see it refused.
A service whose servers rest for a while keeps them with `weight: 0`.

## Bad

```yaml
real_servers: []
```

## Good

```yaml
real_servers:
  - { name: web1, address: 192.168.10.102 }
  - { name: web2, address: 192.168.10.103 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let span = match &service.real_servers {
            Some(listed) if listed.is_empty() => listed.span,
            None if cx.cluster.real_servers.is_empty() => service.name.span,
            _ => continue,
        };
        let message = format!("the service `{}` has no real server", service.name.value);
        let help = "name at least one, or leave `real_servers` out to have them all";
        report.add(Finding::at(&CHECK.rule, span, message).help(help));
    }
}
