//! A real server with several NICs that drops what the director sends.

use super::{Check, CheckCx, KernelRule, on_nic};
use crate::diagnostic::{Report, Rule, Severity};
use crate::kernel::Parameter;
use crate::model::Need;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "strict-source-check", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A real server with several NICs checks the sources of packets strictly.

## Why is this bad?

A client's packet comes in by the cluster's NIC. Where the way back to the client leads through another
one, `rp_filter` 1 drops the packet without a word; 2 asks only that there is some way back. The kernel
takes the larger of `all` and the NIC's own value, so that 0 on the NIC does not help where `all` is 1,
and many systems set 1 on each NIC by themselves.

## Bad

```yaml
real_servers:
  - { name: web1, address: 192.168.10.102, other_interfaces: ens34 }
  - { name: web2, address: 192.168.10.103 }
```

## Good

```yaml
real_servers:
  - name: web1
    address: 192.168.10.102
    other_interfaces: ens34
    sysctl_files:
      /etc/sysctl.d/99-zz-site.conf: { net.ipv4.conf.ens33.rp_filter: 2 }
  - { name: web2, address: 192.168.10.103 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| {
        view.provides(Need::RealServerVip) && !view.host.other_interfaces.is_empty()
    });
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| value == 1,
        say: |who, when, _| {
            format!(
                "{who} drops what would go back by another NIC than it came {when}: `rp_filter` is 1"
            )
        },
    };
    kernel.find(views, on_nic(Parameter::RpFilter), report);
}
