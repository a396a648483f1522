//! Connection thresholds that the kernel refuses or ignores.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "thresholds-out-of-order", severity: Severity::Error, doc: DOC },
    run,
};

const DOC: &str = "\
A lower threshold stands without an upper one, or above it.

## Why is this bad?

A real server that has reached `upper_threshold` connections gets no more until it is below
`lower_threshold`. The kernel refuses a lower threshold above the upper one, `ipvsadm-restore` goes on
without that server, and a lower one alone has no effect.

## Bad

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [{ name: web1, upper_threshold: 5, lower_threshold: 10 }, web2]
```

## Good

```yaml
virtual_services:
  - name: http
    vip: 192.168.10.100
    port: 80
    real_servers: [{ name: web1, upper_threshold: 10, lower_threshold: 5 }, web2]
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for service in &cx.cluster.virtual_services {
        for one in service.real_servers.iter().flat_map(|listed| listed.iter()) {
            let Some(lower) = one.lower_threshold else { continue };
            let message = match one.upper_threshold {
                None => "a lower threshold has no effect without an upper one".to_owned(),
                Some(upper) if upper.value < lower.value => {
                    format!("the lower threshold {} is above the upper one", lower.value)
                }
                Some(_) => continue,
            };
            let help = "write an `upper_threshold` that is larger";
            report.add(Finding::at(&CHECK.rule, lower.span, message).help(help));
        }
    }
}
