//! A real server that serves half of the clients.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "real-server-without-family", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A real server lacks the address family of one of its service's VIPs.

## Why is this bad?

It gets the connections of one family alone: the others carry the rest, and the weights that were written
do not hold.

## Bad

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64], gateway: [192.168.10.2, 2001:db8::2] }
directors: [{ name: lvs1, address: [192.168.10.101, 2001:db8::101] }]
real_servers:
  - { name: web1, address: [192.168.10.102, 2001:db8::102] }
  - { name: web2, address: 192.168.10.103 }
virtual_services: [{ name: http, vip: [192.168.10.100, 2001:db8::100], port: 80 }]
```

## Good

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64], gateway: [192.168.10.2, 2001:db8::2] }
directors: [{ name: lvs1, address: [192.168.10.101, 2001:db8::101] }]
real_servers:
  - { name: web1, address: [192.168.10.102, 2001:db8::102] }
  - { name: web2, address: [192.168.10.103, 2001:db8::103] }
virtual_services: [{ name: http, vip: [192.168.10.100, 2001:db8::100], port: 80 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.services {
        for vip in view.service.vip.iter() {
            let (with, without): (Vec<_>, Vec<_>) = view
                .real_servers
                .iter()
                .partition(|(host, _)| host.address(vip.family()).is_some());
            // That nobody has the family is a finding of its own.
            let Some((host, _)) = without.first().filter(|_| !with.is_empty()) else { continue };
            let (family, service) = (vip.family(), &view.service.name.value);
            let more = match without.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let message = format!(
                "`{}`{more} has no {family} address for the service `{service}`",
                host.name.value
            );
            let finding = Finding::at(&CHECK.rule, vip.span, message)
                .related(host.name.span, "this one")
                .help(format!("give it an {family} address"));
            report.add(finding);
        }
    }
}
