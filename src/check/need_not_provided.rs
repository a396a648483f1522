//! A need that the target's profile lacks.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};

pub(super) static CHECK: Check =
    Check { rule: Rule { code: "need-not-provided", severity: Severity::Error, doc: DOC }, run };

const DOC: &str = "\
A host needs something that its target does not provide.

## Why is this bad?

A profile that lacks a need would leave a host without the file that makes it work, and nobody would
see the gap until traffic fails. The example stands for a target of your own that says nothing about
`web_server`; the built-in targets provide every need.

## Bad

```yaml
target: bare
```

## Good

```yaml
target: openeuler
```
";

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    for view in &cx.survey.hosts {
        let Some(profile) = view.profile else {
            continue;
        };
        for need in view.needs.iter().map(|view| view.need) {
            if profile.needs.contains_key(&need) {
                continue;
            }
            let host = &view.host.name;
            let message = format!(
                "the {} `{}` needs `{need}`, which the target `{}` does not provide",
                view.host.role, host.value, profile.name
            );
            let mut finding = Finding::at(&CHECK.rule, host.span, message)
                .help("choose another target, or add the need to the profile");
            if let Some(span) = view.target.span {
                finding = finding.related(span, "the target is chosen here");
            }
            report.add(finding);
        }
    }
}
