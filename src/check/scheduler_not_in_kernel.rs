//! A scheduler that a director's kernel does not have.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Role;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "scheduler-not-in-kernel", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A director's kernel does not have a service's scheduler.

## Why is this bad?

The kernel loads the scheduler's module when the service is added. Where the system's kernel package does
not have it, the service is refused (`Scheduler or persistence engine not found`), and `ipvsadm-restore` goes
on without it. It may be there in a kernel of your own: then `allow` this.

## Bad

```yaml
target: debian-12
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: twos }]
```

## Good

```yaml
target: debian-13
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: twos }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let directors = cx.survey.hosts.iter().filter(|view| view.host.role == Role::Director);
    for profile in directors.filter_map(|view| view.profile) {
        for service in &cx.cluster.virtual_services {
            let (scheduler, span) = service.scheduler_place();
            if profile.kernel.lacks.contains(&scheduler) {
                let message =
                    format!("the kernel of `{}` has no scheduler `{scheduler}`", profile.name);
                let help = "choose another one, such as `wlc`, or another target for the director";
                report.add(Finding::at(&CHECK.rule, span, message).help(help));
            }
        }
    }
}
