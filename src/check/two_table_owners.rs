//! A director on which two services write the IPVS table.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity, quoted};
use crate::model::Role;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "two-table-owners", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
Two services of a director own the IPVS table.

## Why is this bad?

There is one IPVS table in a kernel, and its managers do not know of each other: `ipvsadm-restore` begins
by emptying it, keepalived takes out what it did not write. Whichever starts last wins, until the other
one reloads.

## Bad

```yaml
# profiles/site.yaml
description: openEuler with keepalived
extends: openeuler-24.03
needs:
  director_vip:
    - { mechanism: keepalived, packages: [keepalived], services: [keepalived.service] }
```

```yaml
target: site
```

## Good

```yaml
target: openeuler
```
";

/// The units that write the table.
const OWNERS: [&str; 4] =
    ["ipvsadm.service", "keepalived.service", "ldirectord.service", "lvsgen-ipvs.service"];

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.survey.hosts.iter().filter(|view| view.host.role == Role::Director) {
        let mechanisms = view.needs.iter().filter_map(|need| need.mechanism);
        let services = mechanisms.flat_map(|mechanism| &mechanism.services);
        let mut owners: Vec<&str> =
            services.map(String::as_str).filter(|unit| OWNERS.contains(unit)).collect();
        owners.sort_unstable();
        owners.dedup();
        if owners.len() > 1 {
            let name = &view.host.name;
            let message =
                format!("{} would both own the IPVS table of `{}`", quoted(owners), name.value);
            let help = "choose mechanisms of which one alone writes the table";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
