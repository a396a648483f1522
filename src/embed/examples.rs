//! The built-in examples: models for common purposes, with the lists that they include.
//!
//! Takes the folders of `examples/`; gives an [`Example`] by its name.

use include_dir::{Dir, include_dir};

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples");

/// The file of an example that holds the model.
const MODEL: &str = "cluster.yaml";

/// A built-in example.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name: the name of its folder.
    pub name: &'static str,
    /// Its model.
    pub model: &'static str,
    folder: &'static Dir<'static>,
}

impl Example {
    /// The examples, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        let mut folders: Vec<_> = EXAMPLES.dirs().collect();
        folders.sort_by_key(|folder| folder.path());
        folders.into_iter().filter_map(|folder| {
            let name = folder.path().to_str()?;
            let model = folder.get_file(folder.path().join(MODEL))?.contents_utf8()?;
            Some(Self { name, model, folder })
        })
    }

    /// The example with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|example| example.name == name)
    }

    /// Its purpose: the first comment of the model.
    pub fn purpose(&self) -> &'static str {
        self.model.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }

    /// The lists that the model includes: their paths from the model's folder, and their texts.
    pub fn lists(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.folder.files().filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            Some((name, file.contents_utf8()?)).filter(|(name, _)| *name != MODEL)
        })
    }
}
