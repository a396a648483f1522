//! A VIP that its mechanism has no place for.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;
use crate::survey::{HostView, NeedView};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "family-not-carried", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A VIP has an address family that its mechanism cannot carry.

## Why is this bad?

An `ifcfg` alias file holds one IPv4 address: an IPv6 VIP would have no file, and nothing would answer
on it. Where no mechanism is asked for, the first that carries the cluster's VIPs is taken.

## Bad

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64] }
directors: [{ name: lvs1, address: [192.168.10.101, 2001:db8::101] }]
real_servers:
  - { name: web1, address: [192.168.10.102, 2001:db8::102] }
  - { name: web2, address: [192.168.10.103, 2001:db8::103] }
virtual_services: [{ name: http, vip: [192.168.10.100, 2001:db8::100], port: 80 }]
mechanisms: { director_vip: ifcfg }
```

## Good

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64] }
directors: [{ name: lvs1, address: [192.168.10.101, 2001:db8::101] }]
real_servers:
  - { name: web1, address: [192.168.10.102, 2001:db8::102] }
  - { name: web2, address: [192.168.10.103, 2001:db8::103] }
virtual_services: [{ name: http, vip: [192.168.10.100, 2001:db8::100], port: 80 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.hosts {
        let vips = [Need::DirectorVip, Need::RealServerVip];
        for need in view.needs.iter().filter(|need| vips.contains(&need.need)) {
            report.extend(gap(view, need));
        }
    }
}

fn gap(view: &HostView<'_>, need: &NeedView<'_>) -> Option<Finding> {
    let mechanism = need.mechanism?;
    let vip = view.vips.iter().find(|vip| !mechanism.carries.contains(&vip.family()))?;
    let (host, family) = (&view.host.name, vip.family());
    let name = &mechanism.mechanism;
    let message = format!("`{name}` carries no {family} VIP, and `{}` has {vip}", host.value);
    let offered = view.profile?.needs.get(&need.need)?.iter();
    let able =
        offered.filter(|one| view.vips.iter().all(|vip| one.carries.contains(&vip.family())));
    let help = match able.map(|one| one.mechanism.as_str()).next() {
        None => format!("no mechanism of the target for `{}` carries it", need.need),
        Some(able) => format!("write `mechanisms: {{ {}: {able} }}`", need.need),
    };
    let span = need.asked.map_or(host.span, |asked| asked.span);
    Some(Finding::at(&CHECK.rule, span, message).help(help))
}
