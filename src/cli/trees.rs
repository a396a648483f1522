//! Reads the copies of hosts' files from the disk: whole trees, and files alone.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::fault::Fault;
use super::input::bytes;
use super::print::note;
use crate::formats::{Format, keepalived};
use crate::given::{
    GivenFile, GivenHost, GivenName, Included, KEEPALIVED_FOLDER, format_in_tree, included,
};

/// The largest number of files of a host's tree. A whole `/etc` has some thousands.
const MOST_FILES: usize = 200_000;

/// The files that a file of keepalived includes, from its folder and the folders inside. Links are not followed.
pub(super) fn beside(main: &Path, on_host: &str, text: &str, unread: &mut usize) -> Vec<Included> {
    let folder = main.parent().unwrap_or(Path::new(""));
    let real = if folder == Path::new("") { Path::new(".") } else { folder };
    if keepalived::includes(on_host, text).is_empty() {
        return Vec::new();
    }
    let entries = WalkDir::new(real).into_iter().filter_map(Result::ok).take(MOST_FILES);
    let files = entries.filter(|entry| is_inside(entry, real));
    let inside = files.filter_map(|entry| {
        let inside = entry.path().strip_prefix(real).ok()?;
        Some(format!("{KEEPALIVED_FOLDER}{}", inside.display()))
    });
    let paths: Vec<String> = inside.collect();
    let place = |path: &str| folder.join(path.strip_prefix(KEEPALIVED_FOLDER).unwrap_or(path));
    all_included(on_host, text, &paths, unread, place)
}

/// Whether an entry is a file, or a link to a file of the same folder.
fn is_inside(entry: &DirEntry, folder: &Path) -> bool {
    let target = || Some((entry.path().canonicalize().ok()?, folder.canonicalize().ok()?));
    entry.file_type().is_file()
        || entry.path_is_symlink()
            && target().is_some_and(|(file, folder)| file.is_file() && file.starts_with(folder))
}

/// The files that a file of keepalived includes. `place` gives the place of a path of the host.
fn all_included(
    on_host: &str,
    text: &str,
    paths: &[String],
    unread: &mut usize,
    place: impl Fn(&str) -> PathBuf,
) -> Vec<Included> {
    let read = |path: &str| match self::text(&place(path)) {
        Ok(text) => Some(text),
        Err(fault) => {
            note(&format!("warning: {}", fault.why()));
            *unread += 1;
            None
        }
    };
    let found = included(on_host, text, paths, read).into_iter();
    let named = found.map(|(path, text)| {
        let shown = place(&path).display().to_string();
        Included { shown, path, text }
    });
    named.collect()
}

/// The part of a host's tree that lvsgen reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreePart {
    /// The files of the administrator.
    Own,
    /// These files, and the sysctl files of the system.
    WithSystem,
}

/// The files of a host's tree that lvsgen reads. Links are not followed: they may lead out of the tree. A file that cannot be read is
/// counted and named.
pub(super) fn tree(
    name: Option<String>,
    root: &Path,
    part: TreePart,
    unread: &mut usize,
) -> GivenHost {
    let (mut files, mut paths) = (Vec::new(), Vec::new());
    let mut skip = |why: String| {
        *unread += 1;
        note(&format!("warning: {why}"));
    };
    let entries = walk(root, part);
    for entry in entries.take(MOST_FILES) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                skip(format!("cannot read a part of `{}`: {error}", root.display()));
                continue;
            }
        };
        let inside = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let path = format!("/{}", inside.display());
        let inside = is_inside(&entry, root);
        if inside {
            paths.push(path.clone());
        }
        let Some(format) = format_in_tree(&path).filter(|_| inside) else {
            continue;
        };
        match text(entry.path()) {
            Ok(text) => {
                let shown = entry.path().display().to_string();
                let (included, searched) = (Vec::new(), "/");
                files.push(GivenFile { shown, path, format, text, included, searched });
            }
            Err(fault) => skip(fault.why()),
        }
    }
    let mut unreadable = 0;
    for file in files.iter_mut().filter(|file| file.format == Some(Format::Keepalived)) {
        let place = |path: &str| root.join(path.trim_start_matches('/'));
        file.included = all_included(&file.path, &file.text, &paths, &mut unreadable, place);
    }
    *unread += unreadable;
    let folder = root.canonicalize().ok();
    let folder = folder.and_then(|root| Some(root.file_name()?.to_string_lossy().into_owned()));
    let name = name.map_or(GivenName::Folder(folder.unwrap_or_default()), GivenName::Written);
    GivenHost { name, files }
}

/// The entries of a tree that lvsgen looks at.
fn walk(root: &Path, part: TreePart) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let begin = root.to_owned();
    WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(move |entry| {
        let inside = entry.path().strip_prefix(&begin).unwrap_or(entry.path());
        // Of `usr`, only the name of the system is read.
        let system = ["", "usr", "usr/lib", "usr/lib/os-release"];
        let defaults = || {
            let folders = ["usr", "usr/lib", "usr/local", "usr/local/lib", "lib", "run"];
            let whole = [
                "usr/lib/sysctl.d",
                "usr/local/lib/sysctl.d",
                "lib/sysctl.d",
                "run/sysctl.d",
                "live",
            ];
            let inner = whole.iter().any(|folder| inside.starts_with(folder));
            inner || folders.iter().any(|one| inside == Path::new(one))
        };
        inside.starts_with("etc")
            || system.iter().any(|one| inside == Path::new(one))
            || part == TreePart::WithSystem && defaults()
    })
}

/// The text of a file. Bytes that are not UTF-8 may stand in comments, so they are replaced; control characters are refused.
pub(super) fn text(path: &Path) -> Result<String, Fault> {
    let shown = path.display();
    let file = fs::File::open(path)
        .map_err(|error| Fault::usage(format!("cannot read `{shown}`: {error}")))?;
    let bytes = bytes(&shown.to_string(), file)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\u{c}');
    match text.lines().position(|line| line.contains(control)) {
        Some(at) => Err(Fault::helped(
            format!("`{shown}`, line {}: a control character", at + 1),
            "the program of this file would not read it: remove the character",
        )),
        None => Ok(text),
    }
}
