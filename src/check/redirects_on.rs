//! A director that may send ICMP redirects.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "redirects-on", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A director may send ICMP redirects.

## Why is this bad?

What IPVS forwards makes no redirects, but whatever else the director forwards on one NIC does, and a
client that follows one goes past the director. The kernel sends them where `all` or the NIC says so: both
have to be 0.

## Bad

```yaml
sysctl_files:
  /etc/sysctl.d/99-zzz-site.conf: { net.ipv4.conf.all.send_redirects: 1 }
```

## Good

```yaml
sysctl_files:
  /etc/sysctl.d/50-site.conf: { net.ipv4.conf.all.send_redirects: 1 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| view.provides(Need::RedirectsOff));
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| value != 0,
        say: |who, when, _| format!("the director {who} sends ICMP redirects {when}"),
    };
    kernel.find(views, on_nic(Parameter::SendRedirects), report);
}
