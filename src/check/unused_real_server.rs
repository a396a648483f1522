//! A real server that serves nothing.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "unused-real-server", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A real server answers for no service.

## Why is this bad?

It gets no VIP and no connections. Behind it is a name that a service does not list, or a host that was to
be taken out.

## Bad

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, real_servers: [web1] }
  - { name: blog, vip: 192.168.10.100, port: 81, real_servers: [web1] }
allow: [{ check: one-real-server, reason: a lab that may be down }]
```

## Good

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, real_servers: [web1, web2] }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.services.iter();
    let used: BTreeSet<_> =
        views.flat_map(|view| &view.real_servers).map(|(host, _)| &host.name.value).collect();
    for host in cx.cluster.real_servers.iter().filter(|host| !used.contains(&host.name.value)) {
        let message = format!("the real server `{}` answers for no service", host.name.value);
        let help = "list it under a service's `real_servers`, or take it out";
        report.add(Finding::at(&CHECK.rule, host.name.span, message).help(help));
    }
}
