//! A real server that names its VIP as the sender of ARP requests.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "arp-announces-vip", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A real server would name its VIP as the sender of ARP requests.

## Why is this bad?

The answer to a client leaves with the VIP as its source, and with `arp_announce` below 2 the node may ask
for the gateway's MAC address in the VIP's name: the gateway then notes the real server's MAC address for
the VIP, however silent the node is about it otherwise. 1 is not enough: the VIP lies in the subnet of the
NIC. The kernel takes the larger of `all` and the NIC's own value.

## Bad

```yaml
sysctl_files:
  /etc/sysctl.d/99-zzz-site.conf: { net.ipv4.conf.all.arp_announce: 1 }
```

## Good

```yaml
sysctl_files:
  /etc/sysctl.d/50-site.conf: { net.ipv4.conf.all.arp_announce: 1 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| view.provides(Need::ArpSuppression));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| value < 2,
        say: |who, when, value| {
            format!("{who} asks in its VIPs' name {when}: `arp_announce` is {value}")
        },
    };
    kernel.find(views, on_nic(Parameter::ArpAnnounce), report);
}
