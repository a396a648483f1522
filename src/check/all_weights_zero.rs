//! A service whose real servers all rest.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "all-weights-zero", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
Every real server of a service has the weight 0.

## Why is this bad?

A real server of weight 0 gets no new connections, so that the service refuses all of them. That is right
while it is being shut down, and seldom otherwise.

## Bad

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [{ name: web1, weight: 0 }, { name: web2, weight: 0 }]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [{ name: web1, weight: 0 }, web2]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.survey.services.iter().filter(|view| !view.real_servers.is_empty()) {
        if view.weights().all(|weight| weight == 0) {
            let name = &view.service.name;
            let message = format!("every real server of `{}` has the weight 0", name.value);
            let help = "give at least one of them a weight, or take the service out";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
