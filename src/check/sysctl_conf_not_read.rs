//! An `/etc/sysctl.conf` that the system does not read at boot.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::SysctlFiles;

pub(super) static CHECK: Check = Check {
    rule: Rule { code: "sysctl-conf-not-read", severity: Severity::Warning, doc: DOC },
    run,
};

const DOC: &str = "\
A system does not read `/etc/sysctl.conf` at boot.

## Why is this bad?

systemd-sysctl reads `/etc/sysctl.d`, and `/etc/sysctl.conf` only by a link in there, which some systems
(Debian 13) do not have: what stands in the file is in force after `sysctl --system`, and gone after the
next boot.

## Bad

```yaml
target: debian-13
sysctl_files:
  /etc/sysctl.conf: { net.core.somaxconn: 4096 }
```

## Good

```yaml
target: debian-13
sysctl_files:
  /etc/sysctl.d/60-site.conf: { net.core.somaxconn: 4096 }
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let mut told = None;
    for view in &cx.survey.hosts {
        let Some(profile) = view.profile.filter(|one| one.kernel.ignores_sysctl_conf) else {
            continue;
        };
        let written = |files: &SysctlFiles| {
            files
                .0
                .iter()
                .find(|file| file.path.as_str() == "/etc/sysctl.conf")
                .map(|file| file.path.span)
        };
        let places = [
            written(&cx.cluster.sysctl_files).filter(|span| told != Some(*span)),
            written(&view.host.sysctl_files),
        ];
        for span in places.into_iter().flatten() {
            told = told.or(Some(span));
            let message = format!(
                "`{}` ({}) does not read `/etc/sysctl.conf` at boot",
                view.host.name.value, profile.name
            );
            let help = "move the settings to a file in `/etc/sysctl.d`";
            report.add(Finding::at(&CHECK.rule, span, message).help(help));
        }
    }
}
