//! A cluster that nobody watches.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::survey::ServiceView;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "no-health-check", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
Nobody takes a dead real server out of the table.

## Why is this bad?

The IPVS table is a list, and the kernel does not look whether a real server lives: one that is down keeps
its share of all new connections, and those clients get nothing. Let something watch the services and set
the weight of what does not answer to 0 (`ipvsadm -e … -w 0`), and say with `allow` that it does.

## Bad

```yaml
allow: [{ check: single-director, reason: a lab that may be down }]
```

## Good

```yaml
allow:
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let shared = |view: &&ServiceView<'_>| view.real_servers.len() > 1;
    if let Some(view) = cx.survey.services.iter().find(shared) {
        let message = "a real server that is down keeps its share of the connections";
        let help = "let something watch the services, then `allow` this with a reason";
        report.add(Finding::at(&CHECK.rule, view.service.name.span, message).help(help));
    }
}
