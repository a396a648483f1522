//! A VIP whose family no real server speaks.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "family-without-real-server", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
A service has a VIP of an address family that none of its real servers has.

## Why is this bad?

The director forwards a request for an IPv6 VIP to a real server's IPv6 address, and one for an IPv4
VIP to its IPv4 address. Without such an address the service has nobody to answer on that VIP.

## Bad

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64] }
directors: [{ name: lvs1, address: [192.168.10.101, 2001:db8::101] }]
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
    for view in cx.survey.services.iter().filter(|view| !view.real_servers.is_empty()) {
        for vip in view.service.vip.iter() {
            let family = vip.family();
            if view.real_servers.iter().any(|(host, _)| host.address(family).is_some()) {
                continue;
            }
            let name = &view.service.name.value;
            let message = format!("no real server of `{name}` has an {family} address");
            let help = format!("add {family} addresses to its real servers, or drop the VIP");
            report.add(Finding::at(&CHECK.rule, vip.span, message).help(help));
        }
    }
}
