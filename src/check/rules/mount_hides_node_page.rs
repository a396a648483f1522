//! An NFS mount that hides the page on the disk of each node.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "mount-hides-node-page",
        severity: Severity::Error,
        doc: include_str!("mount-hides-node-page.md"),
    },
    run,
};

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    let mount = nfs.mount.as_str();
    let hides = |directory: &String| {
        directory.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for view in &cx.resolved.hosts {
        let web = view.needs.iter().find(|need| need.need == Need::WebServer);
        let mechanism = web.and_then(|need| need.mechanism);
        let directory = mechanism.and_then(|one| one.values.get("node_directory"));
        // The profiles append the cluster: a host may have a page for each of its clusters.
        let directory = directory.map(|one| format!("{one}-{}", cx.cluster.name.value));
        if let Some(directory) = directory.filter(hides) {
            let message = format!("a share on `{mount}` hides each node's page in `{directory}`");
            report.add(
                Finding::at(&CHECK.rule, nfs.mount.span, message)
                    .related(view.host.name.span, "a host with such a page")
                    .help("mount the share on another directory, such as /var/www/html"),
            );
            return;
        }
    }
}
