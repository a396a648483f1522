//! A mount that the real server cannot reach.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::HasFamily as _;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "nfs-family-gap", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A real server has no address family in common with the NFS server.

## Why is this bad?

The mount names one address of the server. A real server that has only IPv6 cannot reach an IPv4
address, and its pages stay empty.

## Bad

```yaml
network: { interface: ens33, subnet: [192.168.10.0/24, 2001:db8::/64] }
nfs:
  server: { name: nfs1, address: 2001:db8::104 }
  export: /opt/wwwroot
  mount: /var/www/html
```

## Good

```yaml
nfs:
  server: { name: nfs1, address: 192.168.10.104 }
  export: /opt/wwwroot
  mount: /var/www/html
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    for host in &cx.cluster.real_servers {
        if nfs.server.address.iter().any(|one| host.address(one.family()).is_some()) {
            continue;
        }
        let (one, two) = (&host.name, &nfs.server.name);
        let message = format!("`{}` cannot reach `{}`: no family in common", one.value, two.value);
        report.add(
            Finding::at(&CHECK.rule, one.span, message)
                .related(two.span, "the NFS server")
                .help("give both an address of one family"),
        );
    }
}
