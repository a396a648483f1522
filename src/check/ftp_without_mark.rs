//! FTP whose data connections go elsewhere.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::{Endpoint, Protocol};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "ftp-without-mark", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A service takes FTP's control connections alone.

## Why is this bad?

FTP opens a second connection for the data: from port 20, or to a port that the real server names. A service
on port 21 knows nothing of it, and with direct routing the director sees no answers from which it could
learn the port. A firewall mark on the ports 20, 21 and the passive range, with persistence, keeps a
client's connections together.

## Bad

```yaml
virtual_services: [{ name: ftp, vip: 192.168.10.100, port: 21 }]
```

## Good

```yaml
virtual_services:
  - { name: ftp, vip: 192.168.10.100, port: [20, 21], fwmark: 7, persistence: 300 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let Endpoint::Port(port) = &service.endpoint else { continue };
        if port.value == 21 && service.protocol() == Protocol::Tcp {
            let message = format!(
                "FTP's data connections do not follow the service `{}`",
                service.name.value
            );
            let help = "give it a `fwmark`, the ports of the data, and `persistence`";
            report.add(Finding::at(&CHECK.rule, port.span, message).help(help));
        }
    }
}
