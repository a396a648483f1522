//! A gateway that drops the answers.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "gateway-is-director", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
The real servers' gateway is a director.

## Why is this bad?

In direct routing the answers do not pass the director: they go from the real server straight to the
client, with the VIP as their source. A director that is handed such a packet to route finds its own
VIP as the source, takes it for a forgery (a martian) and drops it, whatever rp_filter says: clients
behind the gateway get no answer.

## Bad

```yaml
network: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.101 }
```

## Good

```yaml
network: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.2 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for gateway in cx.cluster.network.gateways() {
        for director in &cx.cluster.directors {
            let address = director.address.iter().find(|address| address.0 == gateway.0);
            let Some(address) = address else { continue };
            let name = director.name.as_str();
            let message = format!("the gateway {} is the director `{name}`", gateway.value);
            report.add(
                Finding::at(&CHECK.rule, gateway.span, message)
                    .related(address.span, "the director's address")
                    .help("name the router that leads to the clients"),
            );
        }
    }
}
