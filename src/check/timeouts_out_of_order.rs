//! Closed connections that are remembered longer than open ones.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "timeouts-out-of-order", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
Connections are remembered longer after their end than while they are open.

## Why is this bad?

`tcp_fin` is for connections of which a FIN was seen, `tcp` for open ones that say nothing. With `tcp_fin` the
larger one, the table fills with what is over, and forgets what is not: an idle client's next packet then
meets another real server, which resets it.

## Bad

```yaml
timeouts: { tcp: 60, tcp_fin: 120 }
```

## Good

```yaml
timeouts: { tcp: 900, tcp_fin: 60 }
```
";

/// What the kernel has where nobody says anything, in seconds.
const KERNEL_TCP: u32 = 900;

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(timeouts) = &cx.cluster.timeouts else { return };
    let tcp = if timeouts.tcp == 0 { KERNEL_TCP } else { timeouts.tcp };
    if timeouts.tcp_fin > tcp {
        let message = format!(
            "a connection is remembered for {tcp} s while it is open, and for {} s after its end",
            timeouts.tcp_fin
        );
        let help = "make `tcp_fin` smaller than `tcp`";
        report.add(Finding::at(&CHECK.rule, timeouts.span, message).help(help));
    }
}
