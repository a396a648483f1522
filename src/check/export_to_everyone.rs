//! An NFS export that anybody may mount.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::NfsClients;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "export-to-everyone", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
The NFS export is open to everyone.

## Why is this bad?

NFS without Kerberos believes what a client says of its users: whoever reaches the server reads everything
in the export, and writes to it where it is writable. The real servers all are in the cluster's subnet.

## Bad

```yaml
nfs:
  server: { name: nfs1, address: 192.168.10.104 }
  export: /opt/wwwroot
  mount: /var/www/html
  clients: everyone
```

## Good

```yaml
nfs:
  server: { name: nfs1, address: 192.168.10.104 }
  export: /opt/wwwroot
  mount: /var/www/html
  clients: real_servers
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    if let Some(clients) = nfs.clients.filter(|one| one.value == NfsClients::Everyone) {
        let message =
            format!("whoever reaches `{}` may mount `{}`", nfs.server.name.value, nfs.export.value);
        let help = "leave `clients` out for the subnet, or write `real_servers`";
        report.add(Finding::at(&CHECK.rule, clients.span, message).help(help));
    }
}
