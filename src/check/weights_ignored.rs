//! Weights that the scheduler does not look at.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Scheduler, ServiceServer};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "weights-ignored", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A service has different weights, and a scheduler that does not look at them.

## Why is this bad?

`rr`, `lc` and `dh` ask only whether a weight is 0: a real server of weight 3 gets as much as one of weight
1. `wrr` and `wlc` are their likes that count weights.

## Bad

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    scheduler: rr
    real_servers: [web1, { name: web2, weight: 3 }]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    scheduler: wrr
    real_servers: [web1, { name: web2, weight: 3 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.services {
        let instead = match view.service.scheduler() {
            Scheduler::Rr => "wrr",
            Scheduler::Lc => "wlc",
            Scheduler::Dh => "wlc",
            _ => continue,
        };
        let mut weights = view.weights().filter(|weight| *weight > 0);
        let first = weights.next();
        if weights.all(|weight| Some(weight) == first) {
            continue;
        }
        let (scheduler, span) = view.service.scheduler_place();
        let message = format!(
            "`{scheduler}` does not look at the weights of the service `{}`",
            view.service.name.value
        );
        let mut finding = Finding::at(&CHECK.rule, span, message).help(format!("`{instead}` does"));
        let weight = |told: &ServiceServer| told.weight.filter(|weight| weight.0 > 1);
        if let Some(weight) = view.real_servers.iter().find_map(|(_, told)| weight((*told)?)) {
            finding = finding.related(weight.span, "a weight without effect");
        }
        report.add(finding);
    }
}
