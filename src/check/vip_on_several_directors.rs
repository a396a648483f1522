//! One VIP on the NICs of two directors.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "vip-on-several-directors", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
Several directors would hold one VIP at the same time.

## Why is this bad?

Every director would answer ARP for the VIP, and each client's connections would flip between them.
Two directors need something that decides which of them holds the VIP, such as keepalived's VRRP,
which this version does not render yet.

## Bad

```yaml
directors:
  - { name: lvs1, address: 192.168.10.101 }
  - { name: lvs2, address: 192.168.10.105 }
```

## Good

```yaml
directors: [{ name: lvs1, address: 192.168.10.101 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let [first, others @ ..] = cx.cluster.directors.as_slice() else {
        return;
    };
    for other in others {
        let (one, two) = (first.name.as_str(), other.name.as_str());
        let message = format!("the directors `{one}` and `{two}` would both hold every VIP");
        report.add(
            Finding::at(&CHECK.rule, other.name.span, message)
                .related(first.name.span, "the first director")
                .help("keep one director"),
        );
    }
}
