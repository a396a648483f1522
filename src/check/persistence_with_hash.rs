//! Two ways of keeping a client on its real server.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Scheduler;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "persistence-with-hash", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A service has persistence, and a scheduler that keeps clients on their real servers by itself.

## Why is this bad?

`sh` and `mh` find the same real server for the same client by its address, without any memory. With
persistence the director remembers every client besides, and follows the memory even after the hash has
changed with the list of real servers: one of the two has no effect.

## Bad

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, scheduler: sh, persistence: 300 }
```

## Good

```yaml
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, scheduler: sh }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Some(persistence) = &service.persistence else { continue };
        let (scheduler, span) = service.scheduler_place();
        if matches!(scheduler, Scheduler::Sh | Scheduler::Mh) {
            let message = format!(
                "the service `{}` keeps clients by persistence and by `{scheduler}`",
                service.name.value
            );
            let finding = Finding::at(&CHECK.rule, persistence.span, message)
                .related(span, "this one keeps them by their addresses")
                .help("take the persistence out, or choose a scheduler that balances (`wlc`)");
            report.add(finding);
        }
    }
}
