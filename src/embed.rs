//! The files that lvsgen carries in itself, with a user's own directory laid over them.
//!
//! Takes the text of user's files from `cli`; gives [`Files`] by name, sorted.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");
static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The tutorial's cluster: the built-in example, and what `lvsgen init` writes.
pub const EXAMPLE: &str = include_str!("../golden/tutorial/cluster.yaml");

/// The beginning of every script of `verify/`.
pub const VERIFY: &str = include_str!("../verify/common.sh");

/// Texts by their path within a directory (`ipvs/rules.j2`), whichever system made the path.
pub type Files = BTreeMap<String, String>;

/// The profiles (`openeuler-24.03.yaml`), with the user's own before them.
pub fn profiles(own: Files) -> Files {
    over(&PROFILES, own)
}

/// The templates (`ipvs/rules.j2`), with the user's own before them.
pub fn templates(own: Files) -> Files {
    over(&TEMPLATES, own)
}

/// The playbooks (`site.yml`, `tasks/need.yml`), which are the same for every cluster.
pub fn playbooks() -> Files {
    over(&PLAYBOOKS, Files::new())
}

fn over(dir: &Dir<'_>, own: Files) -> Files {
    let mut files = Files::new();
    collect(dir, &mut files);
    files.extend(own);
    files
}

fn collect(dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(path.replace('\\', "/"), text.to_owned());
        }
    }
    for inner in dir.dirs() {
        collect(inner, files);
    }
}
