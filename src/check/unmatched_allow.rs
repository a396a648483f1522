//! An `allow` for what is not there.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Allow;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "unmatched-allow", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
`allow` names a check that finds nothing here.

## Why is this bad?

The weakness that it was written for is gone, and the entry would hide the next one.

## Bad

```yaml
allow:
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
  - { check: unused-real-server, reason: web3 waits for its memory }
```

## Good

```yaml
allow:
  - { check: single-director, reason: a lab that may be down }
  - { check: no-health-check, reason: the monitoring does it }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let warns = |code: &str| {
        let mut rules = super::ALL.iter().map(|check| &check.rule);
        rules.any(|rule| rule.code == code && rule.severity == Severity::Warning)
    };
    for (at, Allow { check, reason }) in cx.cluster.allow.iter().enumerate() {
        let before = cx.cluster.allow[..at].iter().find(|one| one.check.value == check.value);
        if let Some(before) = before {
            let message = format!("`{}` is allowed twice", check.value);
            let finding = Finding::at(&CHECK.rule, check.span, message)
                .related(before.check.span, "first allowed here")
                .help("keep one of the two");
            report.add(finding);
            continue;
        }
        let allowed = report.allow(check.as_str(), reason.as_str());
        if allowed == 0 && warns(check.as_str()) {
            let message = format!("`{}` finds nothing that had to be allowed", check.value);
            report.add(Finding::at(&CHECK.rule, check.span, message).help("take the entry out"));
        }
    }
}
