//! A real server that answers ARP for its VIP.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "arp-reply-for-vip", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A real server would answer ARP requests for its VIPs.

## Why is this bad?

Director and real servers have the VIP, and only the director may say so. The neighbour that gets a real
server's answer sends its packets past the director, to one real server for good. The kernel takes the
larger of `all` and the NIC's own `arp_ignore`, and the file that sorts last decides on each: a line on `lo`
or `default` has no say. 1 and 2 keep silent; 0 answers; 3 answers unless the VIP has scope `host`, which not
every mechanism gives it; and 8 answers for nothing at all, so that the node itself cannot be reached.

## Bad

```yaml
sysctl_files:
  /etc/sysctl.d/99-zzz-site.conf: { net.ipv4.conf.all.arp_ignore: 0 }
```

## Good

```yaml
sysctl_files:
  /etc/sysctl.d/50-site.conf: { net.ipv4.conf.all.arp_ignore: 0 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| view.provides(Need::ArpSuppression));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| !matches!(value, 1 | 2),
        say: |who, when, value| match value {
            8 => format!("{who} answers no ARP request at all {when}: `arp_ignore` is 8"),
            _ => format!("{who} answers ARP requests for its VIPs {when}: `arp_ignore` is {value}"),
        },
    };
    kernel.find(views, on_nic(Parameter::ArpIgnore), report);
}
