//! Reads a model as it was at a Git revision. It runs the user's git command, because this command supports
//! worktrees, partial clones and alternates. A Git library would need extra code for these features, and the
//! library is many times as large as lvsgen.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::fault::Fault;
use super::input::{decode, with_lists};
use super::model_file::{DEFAULT, default_model};
use crate::diff::visible;
use crate::source::Source;

/// Reads the model at a path, and the files that it includes, as they were at a revision.
pub(super) fn model(revision: &str, path: Option<&Path>) -> Result<Source, Fault> {
    let path = path_of(path);
    if *path == *Path::new("-") {
        return Err(Fault::usage("a model from stdin has no Git history: name a file"));
    }
    // With an empty revision, git would read the file from its index.
    if revision.is_empty() || revision.starts_with(['-', ':']) {
        return Err(Fault::usage(format!("`{revision}` is no revision")));
    }
    let read = |path: &Path| file(revision, path);
    with_lists(&path, read, read)
}

/// The model that the command line names, or the model that lvsgen finds without a name.
fn path_of(path: Option<&Path>) -> Cow<'_, Path> {
    match path {
        Some(path) => Cow::Borrowed(path),
        None => default_model().map_or(Cow::Borrowed(Path::new(DEFAULT)), Cow::Owned),
    }
}

/// Whether a revision exists and has no model: the model is younger.
pub(super) fn is_before_model(revision: &str, path: Option<&Path>) -> Result<bool, Fault> {
    let path = path_of(path);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let exists = |object: &str| {
        let mut git = git(directory);
        git.args(["cat-file", "-e", object]).stdin(Stdio::null()).stdout(Stdio::null());
        let status = git.stderr(Stdio::null()).status();
        let status = status.map_err(|error| Fault::usage(format!("cannot run git: {error}")))?;
        Ok::<bool, Fault>(status.success())
    };
    let Some(name) = path.file_name().filter(|_| !revision.starts_with(['-', ':'])) else {
        return Ok(false);
    };
    let written = format!("{revision}:./{}", name.to_string_lossy());
    Ok(!revision.is_empty() && exists(&format!("{revision}^{{commit}}"))? && !exists(&written)?)
}

/// Reads one file as it was at a revision.
fn file(revision: &str, path: &Path) -> Result<Source, Fault> {
    let name = path
        .file_name()
        .ok_or_else(|| Fault::usage(format!("`{}` names no file", path.display())))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let written = format!("{revision}:./{}", name.to_string_lossy());
    let shown = format!("{revision}:{}", path.display());
    let object = match link_target(directory, &written)? {
        Target::Object(object) => object,
        // git itself says what is missing.
        Target::Missing => written,
        Target::Outside => {
            let why = format!("`{shown}` is a symbolic link whose target is not in the revision");
            return Err(Fault::usage(why));
        }
    };
    let git = git(directory).args(["cat-file", "blob", &object]).stdin(Stdio::null()).output();
    let git = git.map_err(|error| Fault::usage(format!("cannot run git: {error}")))?;
    if !git.status.success() {
        let said = String::from_utf8_lossy(&git.stderr).into_owned();
        let lines: Vec<String> = said.trim().lines().map(visible).collect();
        let why = lines.join("\n  ");
        return Err(Fault::usage(format!("git has no `{shown}`: {why}")));
    }
    decode(&shown, git.stdout)
}

/// The git command in a directory.
fn git(directory: &Path) -> Command {
    let mut git = Command::new("git");
    // Git sets these variables when it runs a hook. The paths in the variables are relative to the directory
    // in which git runs the hook, but `-C` selects another directory.
    git.arg("-C").arg(directory);
    git.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    git
}

/// The object that a path of a revision stands for.
enum Target {
    Object(String),
    Missing,
    /// A link to a file that the revision does not have.
    Outside,
}

/// Follows symbolic links inside of a revision, as the system follows them on disk.
fn link_target(directory: &Path, object: &str) -> Result<Target, Fault> {
    let fault = |error: io::Error| Fault::usage(format!("cannot run git: {error}"));
    let mut child = git(directory)
        .args(["cat-file", "--batch-check=%(objectname)", "--follow-symlinks"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(fault)?;
    let mut input = child.stdin.take().expect("the standard input is a pipe");
    // Without a repository, git ends before it reads.
    let _ = writeln!(input, "{}", object.replace('\n', " "));
    drop(input);
    let said = child.wait_with_output().map_err(fault)?.stdout;
    let said = String::from_utf8_lossy(&said);
    Ok(match said.split_whitespace().next() {
        Some("symlink" | "dangling" | "loop" | "notdir") => Target::Outside,
        Some(object) if said.trim() == object => Target::Object(object.to_owned()),
        _ => Target::Missing,
    })
}
