//! A VIP whose family the director does not speak.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "director-without-family", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
A service has a VIP of an address family that the director does not have.

## Why is this bad?

The director finds a real server's MAC address by the route to the real server's address. Without an
address of its own in that family it has no route to the segment, and every request for the VIP is lost.

## Bad

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64] }
real_servers:
  - { name: web1, address: [192.168.10.102, 2001:db8::102] }
  - { name: web2, address: [192.168.10.103, 2001:db8::103] }
virtual_services: [{ name: http, vip: [192.168.10.100, 2001:db8::100], port: 80 }]
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
    for service in &cx.cluster.virtual_services {
        for vip in service.vip.iter() {
            let family = vip.family();
            let director = cx.cluster.directors.iter().find(|host| host.address(family).is_none());
            let Some(director) = director else { continue };
            let name = &director.name;
            let message = format!("the director `{}` has no {family} address", name.value);
            report.add(
                Finding::at(&CHECK.rule, vip.span, message)
                    .related(name.span, "the director")
                    .help(format!("give it an {family} address on the segment, or drop the VIP")),
            );
        }
    }
}
