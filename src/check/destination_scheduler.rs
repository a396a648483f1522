//! A scheduler that goes by what all clients have in common.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Scheduler;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "destination-scheduler", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A service's scheduler chooses by the destination of a packet, which is the same for all.

## Why is this bad?

`dh`, `lblc` and `lblcr` are for caches that stand in the way to many destinations: they keep one destination
on one real server. All clients of a service have one destination, the VIP, so that `dh` gives everything to
one real server for good, and the others do until that one has more connections than its weight.

## Bad

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: dh }]
```

## Good

```yaml
virtual_services: [{ name: http, vip: 192.168.10.100, port: 80, scheduler: sh }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.survey.services.iter().filter(|view| view.real_servers.len() > 1) {
        let (scheduler, span) = view.service.scheduler_place();
        if matches!(scheduler, Scheduler::Dh | Scheduler::Lblc | Scheduler::Lblcr) {
            let message =
                format!("`{scheduler}` chooses by the destination, and that is always the VIP");
            let help = "`sh` chooses by the client, `wlc` by the connections";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
