//! Reads a model as of a revision, through the git command: a library would have to learn anew what
//! the user's git knows (worktrees, partial clones, alternates), and is many times lvsgen's size.

use std::path::Path;
use std::process::{Command, Stdio};

use super::fault::Fault;
use super::input::{DEFAULT, decode};
use crate::source::Source;

/// Reads the model at a path as it was at a revision.
pub(super) fn model(revision: &str, path: Option<&Path>) -> Result<Source, Fault> {
    let path = path.unwrap_or(Path::new(DEFAULT));
    let (Some(name), true) = (path.file_name(), path != Path::new("-")) else {
        return Err(Fault::usage("a model from stdin has no history: name its file"));
    };
    if revision.starts_with('-') {
        return Err(Fault::usage(format!("`{revision}` is no revision")));
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let object = format!("{revision}:./{}", name.to_string_lossy());
    let git = Command::new("git")
        .arg("-C")
        .arg(directory.unwrap_or(Path::new(".")))
        .args(["cat-file", "blob", &object])
        .stdin(Stdio::null())
        .output();
    let shown = format!("{revision}:{}", path.display());
    let git = git.map_err(|error| Fault::usage(format!("cannot run git: {error}")))?;
    if !git.status.success() {
        let why = String::from_utf8_lossy(&git.stderr).trim().escape_debug().to_string();
        let why = why.replace("\\n", "; ").replace("\\'", "'");
        return Err(Fault::usage(format!("git has no `{shown}`: {why}")));
    }
    decode(&shown, git.stdout)
}
