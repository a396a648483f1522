//! A real server that answers ARP for others.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "proxy-arp", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A real server with VIPs answers ARP for others.

## Why is this bad?

With `proxy_arp` the node answers for every address that it has a way to by another interface. `arp_ignore`
keeps it silent about its VIPs as long as nothing changes their routes; a real server has no use for the
risk. The kernel does it where `all` or the NIC says so.

## Bad

```yaml
sysctl_files:
  /etc/sysctl.d/60-site.conf: { net.ipv4.conf.all.proxy_arp: 1 }
```

## Good

```yaml
sysctl_files:
  /etc/sysctl.d/60-site.conf: { net.ipv4.conf.all.proxy_arp: 0 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| view.provides(Need::ArpSuppression));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| value != 0,
        say: |who, when, _| format!("the real server {who} answers ARP for others {when}"),
    };
    kernel.find(views, on_nic(Parameter::ProxyArp), report);
}
