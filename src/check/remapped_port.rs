//! A real server that is to answer on another port than the service's.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Endpoint;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "remapped-port", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A real server has another port than its service.

## Why is this bad?

A director that routes directly changes the frame's MAC address and nothing else: the packet arrives at
the real server with the VIP and the port that the client chose. ipvsadm takes another port without a
word, writes the service's own into the table, and exits with 0; keepalived warns and resets it. To
change the port, a proxy has to end the connection, or another forwarding method has to carry it.

## Bad

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [web1, { name: web2, port: 8080 }]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [web1, { name: web2, port: 80 }]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        let ports = match &service.endpoint {
            Endpoint::Port(port) => std::slice::from_ref(port),
            Endpoint::Fwmark { ports, .. } => ports,
        };
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(port) = one.port else { continue };
            // A mark without ports stands for all of them.
            if ports.is_empty() || ports.iter().any(|own| own.value == port.value) {
                continue;
            }
            let message = format!(
                "`{}` is to answer on port {}, which is not the port of the service `{}`",
                one.name.value, port.value, service.name.value
            );
            let mut finding = Finding::at(&CHECK.rule, port.span, message)
                .help("direct routing keeps the port: let the real server listen on the service's");
            for own in ports {
                finding = finding.related(own.span, "the service's port");
            }
            report.add(finding);
        }
    }
}
