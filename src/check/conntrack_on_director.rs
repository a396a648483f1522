//! A director that tracks the connections that IPVS forwards.

use super::{Check, CheckCx, KernelRule};
use crate::diagnostic::{Report, Rule, Severity};
use crate::model::Role;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "conntrack-on-director", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A director tracks the connections that IPVS forwards (`net.ipv4.vs.conntrack`).

## Why is this bad?

With direct routing the director sees one half of each connection: the answers do not pass it. Connection
tracking takes that half for invalid, and a firewall that drops what is invalid (firewalld and ufw do) then
drops everything. The switch is for masquerading.

## Bad

```yaml
sysctl_files:
  /etc/sysctl.d/60-site.conf: { net.ipv4.vs.conntrack: 1 }
```

## Good

```yaml
sysctl_files:
  /etc/sysctl.d/60-site.conf: { net.ipv4.vs.conntrack: 0 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let views = cx.survey.hosts.iter().filter(|view| view.host.role == Role::Director);
    let kernel = KernelRule {
        rule: &CHECK.rule,
        bad: |value| value != 0,
        say: |who, when, _| format!("the director {who} tracks what IPVS forwards {when}"),
    };
    kernel.find(views, |_, kernel| kernel.written("net/ipv4/vs/conntrack"), report);
}
