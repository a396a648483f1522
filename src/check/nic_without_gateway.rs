//! A director whose NIC would lose its default route.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Family, HasFamily as _, Need};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "nic-without-gateway", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A director's NIC is written whole, and has no gateway.

## Why is this bad?

Some mechanisms (`nm-keyfile`, `networkd`) cannot add an address to a profile of somebody else: they write the
NIC's profile whole, and take its place. Without `network.gateway` that profile has no default route, and the
director is cut off from everything beyond its segment once it is applied.

## Bad

```yaml
target: rocky
network: { interface: ens33, subnet: 192.168.10.0/24 }
```

## Good

```yaml
target: rocky
network: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.2 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.hosts {
        let vip = view.needs.iter().find(|one| one.need == Need::DirectorVip);
        let Some(mechanism) = vip.and_then(|vip| vip.mechanism).filter(|one| one.whole_nic) else {
            continue;
        };
        for family in Family::ALL.into_iter().filter(|one| view.host.address(*one).is_some()) {
            if cx.cluster.network.gateways().any(|gateway| gateway.family() == family) {
                continue;
            }
            let name = &view.host.name;
            let message = format!(
                "`{}` writes the NIC of `{}` whole, without an {family} gateway",
                mechanism.mechanism, name.value
            );
            let help = "add `gateway` to `network`";
            report.add(Finding::at(&CHECK.rule, name.span, message).help(help));
        }
    }
}
