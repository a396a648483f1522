//! An NFS share that exports a system directory, or that is mounted on a system directory.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::AbsolutePath;
use crate::source::Located;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "system-directory",
        severity: Severity::Error,
        doc: include_str!("system-directory.md"),
    },
    run,
};

/// These directories, and all directories below them, belong to the system.
const TREES: [&str; 11] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];

/// The share cannot use these directories. It can use a directory below them, except some directories of `/var`.
const PARENTS: [&str; 8] = ["/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var"];

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let Some(nfs) = &cx.cluster.nfs else { return };
    report.extend(system("export", &nfs.export));
    report.extend(system("mount", &nfs.mount));
}

fn system(key: &str, path: &Located<AbsolutePath>) -> Option<Finding> {
    let text = path.as_str();
    let below = |tree: &str| text.strip_prefix(tree).is_some_and(|rest| rest.starts_with('/'));
    let state = ["/var/lib", "/var/log", "/var/cache", "/var/spool", "/var/run", "/var/tmp"];
    let taken = TREES.contains(&text)
        || TREES.iter().any(|tree| below(tree))
        || PARENTS.contains(&text)
        || state.contains(&text);
    let message = format!("`{text}` belongs to the system");
    taken.then(|| {
        Finding::at(&CHECK.rule, path.span, message)
            .help(format!("choose a separate directory for `{key}`, such as /srv/pages"))
    })
}
