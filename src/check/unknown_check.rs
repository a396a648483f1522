//! An `allow` for a check that there is not.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, did_you_mean};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "unknown-check", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
`allow` names a check that there is not.

## Why is this bad?

It allows nothing. `lvsgen explain` lists the codes.

## Bad

```yaml
allow:
  - { check: single-directer, reason: a lab that may be down }
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
```

## Good

```yaml
allow:
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let codes = || super::ALL.iter().map(|check| check.rule.code);
    for allow in &cx.cluster.allow {
        let written = allow.check.as_str();
        if codes().all(|code| code != written) {
            let message = format!("there is no check `{written}`");
            let help = did_you_mean(written, codes())
                .unwrap_or_else(|| "`lvsgen explain` lists them".into());
            report.add(Finding::at(&CHECK.rule, allow.check.span, message).help(help));
        }
    }
}
