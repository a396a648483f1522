//! A service with nobody to share the work.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "one-real-server", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A service has one real server.

## Why is this bad?

There is nothing to balance, and while that one is down, so is the service. A second one costs a line.

## Bad

```yaml
real_servers: [{ name: web1, address: 192.168.10.102 }]
```

## Good

```yaml
real_servers:
  - { name: web1, address: 192.168.10.102 }
  - { name: web2, address: 192.168.10.103 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.services {
        if let [(only, _)] = view.real_servers.as_slice() {
            let name = &view.service.name;
            let message = format!("the service `{}` has `{}` alone", name.value, only.name.value);
            let help = "give it another real server";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
