//! A mechanism for what no host needs.

use std::collections::BTreeSet;

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Mechanisms, Need};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "mechanism-without-need", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A mechanism is chosen for a need that the host does not have.

## Why is this bad?

The choice does nothing. A director has no `real_server_vip` and a cluster without firewall marks has no
`firewall_marks`: the line is meant for another host, or for another need.

## Bad

```yaml
directors:
  - name: lvs1
    address: 192.168.10.101
    mechanisms: { real_server_vip: systemd-unit }
```

## Good

```yaml
directors:
  - name: lvs1
    address: 192.168.10.101
    mechanisms: { director_vip: systemd-unit }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter();
    let every: BTreeSet<Need> =
        views.clone().flat_map(|view| &view.needs).map(|one| one.need).collect();
    useless(&cx.cluster.mechanisms, &every, "no host", report);
    for view in views.filter(|view| !view.host.mechanisms.0.is_empty()) {
        let own = view.needs.iter().map(|one| one.need).collect();
        let who = format!("the {} `{}` does not", view.host.role, view.host.name.value);
        useless(&view.host.mechanisms, &own, &who, report);
    }
}

fn useless(chosen: &Mechanisms, needs: &BTreeSet<Need>, who: &str, report: &mut Report) {
    for (need, name) in chosen.0.iter().filter(|(need, _)| !needs.contains(need)) {
        let verb = if who == "no host" { "needs" } else { "need" };
        let message = format!("{who} {verb} `{need}`");
        report.add(Finding::at(&CHECK.rule, name.span, message).help("take the line out"));
    }
}
