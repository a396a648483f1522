//! Files that another file writes on a host: a script by a here-document, cloud-init by `write_files`.

use super::Format;

/// A file that another file writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// The path on the host.
    pub path: String,
    /// The format.
    pub format: Format,
    /// The text.
    pub text: String,
}

/// The reason in a reading for a text that is read as a file of its own.
pub(super) const READ_APART: &str = "the text of a file, which is read as that file";

/// Writes a file, or appends to a file that was written before. `false`: lvsgen does not read a file at this path.
pub(super) fn write(files: &mut Vec<WrittenFile>, path: &str, text: &str, append: bool) -> bool {
    let Some(format) = Format::of_own_file(path) else { return false };
    let known = files.iter_mut().find(|one| one.path == path);
    match known {
        Some(known) if append => known.text += text,
        Some(known) => text.clone_into(&mut known.text),
        None => files.push(WrittenFile { path: path.to_owned(), format, text: text.to_owned() }),
    }
    true
}
