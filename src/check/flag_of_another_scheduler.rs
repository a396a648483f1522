//! A scheduler flag that ipvsadm refuses.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "flag-of-another-scheduler", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
A scheduler flag is given to a scheduler that does not know it.

## Why is this bad?

`sh-port` and `sh-fallback` belong to `sh`, `mh-port` and `mh-fallback` to `mh`. ipvsadm refuses the
line with any other scheduler, and `ipvsadm-restore` stops there: the rest of the table is missing.

## Bad

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    scheduler: rr
    scheduler_flags: [sh-port]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    scheduler: sh
    scheduler_flags: [sh-port]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let scheduler = service.scheduler();
        for flag in service.scheduler_flags.iter().filter(|flag| flag.scheduler() != scheduler) {
            let message = format!("the scheduler `{scheduler}` has no flag `{}`", flag.value);
            let help = format!("remove the flag, or choose the scheduler `{}`", flag.scheduler());
            let mut finding = Finding::at(&CHECK.rule, flag.span, message).help(help);
            if let Some(written) = service.scheduler {
                finding = finding.related(written.span, "the scheduler is chosen here");
            }
            report.add(finding);
        }
    }
}
