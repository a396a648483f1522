//! A failover among real servers of one rank.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Scheduler;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "equal-priorities", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A scheduler that goes by rank finds the real servers all of one rank.

## Why is this bad?

`fo` sends everything to the real server of the highest weight, and `ovf` does until that one has as many
connections as its weight says. With equal weights, nobody says which one that is; and with `ovf` and the
weight 1, one connection fills a real server.

## Bad

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: fo }]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    scheduler: fo
    real_servers: [{ name: web1, weight: 2 }, web2]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.survey.services.iter().filter(|view| view.real_servers.len() > 1) {
        let (scheduler, span) = view.service.scheduler_place();
        let mut weights = view.weights();
        let first = weights.next();
        if matches!(scheduler, Scheduler::Fo | Scheduler::Ovf)
            && weights.all(|one| Some(one) == first)
        {
            let message = format!(
                "`{scheduler}` goes by weights, and those of the service `{}` are equal",
                view.service.name.value
            );
            let help = "give the real servers that are to be used first larger weights";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
