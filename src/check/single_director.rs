//! A cluster whose only director is its weakest part.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "single-director", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
The cluster has one director.

## Why is this bad?

While it is down, or boots after an update, nobody reaches any service, however many real servers there
are. lvsgen sets up one director; a second one that takes over has to be arranged from outside, with a
tool that moves the VIPs and loads the rules there. Say with `allow` that you know.

## Bad

```yaml
allow: [{ check: no-health-check, reason: the monitoring does it }]
```

## Good

```yaml
allow:
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    if let [only] = cx.cluster.directors.as_slice() {
        let message = format!("while `{}` is down, so is every service", only.name.value);
        let help = "`allow` it with a reason if that is known: `lvsgen explain single-director`";
        report.add(Finding::at(&CHECK.rule, only.name.span, message).help(help));
    }
}
