//! The model file of a command whose command line names no model, and the output directory beside the model.
//!
//! Takes the working directory; gives paths that are relative to it, so that each message shows a path that the user can open.

use std::fs;
use std::path::{Path, PathBuf};

use super::ModelArgs;
use super::print::note;

/// The name of the model file.
pub(super) const DEFAULT: &str = "cluster.yaml";

/// The same file name with the other usual suffix of YAML files.
const OTHER_DEFAULT: &str = "cluster.yml";

/// The name of the output directory.
const OUTPUT: &str = "rendered";

/// The model file in the working directory. If there is none, the model file in the nearest parent folder up to the root of the
/// Git repository; outside of a repository, no parent folder is searched.
pub(super) fn default_model() -> Option<PathBuf> {
    if let Some(path) = model_here() {
        return Some(path);
    }
    let working = std::env::current_dir().ok()?;
    let root = working.ancestors().position(|folder| exists(&folder.join(".git")))?;
    let mut folder = PathBuf::new();
    (0..root).find_map(|_| {
        folder.push("..");
        model_in(&folder)
    })
}

/// The model file in the working directory, if there is one.
pub(super) fn model_here() -> Option<PathBuf> {
    model_in(Path::new(""))
}

/// Reports a model that lies in a parent folder: the user may have expected another model, or none.
pub(super) fn note_parent(model: &Path) {
    if model.starts_with("..") {
        note(&format!("note: the model is {}", model.display()));
    }
}

fn model_in(folder: &Path) -> Option<PathBuf> {
    let paths = [DEFAULT, OTHER_DEFAULT].map(|name| folder.join(name));
    paths.into_iter().find(|path| exists(path))
}

/// Whether there is anything at a path. A broken symbolic link counts, so that lvsgen reports the mistake.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

impl ModelArgs {
    /// The output directory: the directory of the command line, or `rendered`. If the model was found in a parent folder, `rendered`
    /// lies there too.
    pub(super) fn output(&self, written: Option<&Path>) -> PathBuf {
        if let Some(path) = written {
            return path.to_owned();
        }
        let found = self.model.is_none() && self.example.is_none();
        let model = if found { default_model() } else { None };
        let folder = model.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        folder.join(OUTPUT)
    }
}
