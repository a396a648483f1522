//! A page title for a host without a page.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "title-unused", severity: Severity::Warning, doc: DOC }, run };

const DOC: &str = "\
A real server has a title, and no page to show it on.

## Why is this bad?

The title is that of the node's own page, which the web server shows. Where `web` is false, or where the real
server answers on another port than TCP 80, lvsgen sets up no web server and writes no page.

## Bad

```yaml
web: false
real_servers:
  - { name: web1, address: 192.168.10.102, title: Hello }
  - { name: web2, address: 192.168.10.103 }
```

## Good

```yaml
real_servers:
  - { name: web1, address: 192.168.10.102, title: Hello }
  - { name: web2, address: 192.168.10.103 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in cx.survey.hosts.iter().filter(|view| !view.provides(Need::WebServer)) {
        if let Some(title) = &view.host.title {
            let message = format!("`{}` has no page that shows its title", view.host.name.value);
            let help = "lvsgen sets up a web server for services on TCP port 80 alone";
            report.add(Finding::at(&CHECK.rule, title.span, message).help(help));
        }
    }
}
