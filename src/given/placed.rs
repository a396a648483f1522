//! The texts of all files, with their positions in one source.

use super::GivenFile;
use super::secrets::{secret_macros, without_secrets};
use crate::facts::Reading;
use crate::formats::Format;
use crate::formats::keepalived::{self, File, Files};
use crate::source::Source;

/// The texts of all files in one source.
#[derive(Default)]
pub struct Sources {
    /// The source; `None` before the first text.
    pub source: Option<Source>,
    /// The number of texts.
    pub count: usize,
}

/// A file, with its position in the source and those of its included files.
pub struct Placed {
    /// The file, without its passwords.
    pub file: GivenFile,
    /// The position of its first byte in the source.
    pub start: usize,
    included: Vec<usize>,
}

impl Sources {
    /// Adds a file and the files that it includes.
    pub fn add(&mut self, mut file: GivenFile) -> Placed {
        let texts = std::iter::once(&file.text).chain(file.included.iter().map(|one| &one.text));
        let macros = secret_macros(texts.map(String::as_str));
        file.text = without_secrets(&file.text, &macros);
        let start = self.text(&file.shown, &file.text);
        let mut included = Vec::new();
        for one in &mut file.included {
            one.text = without_secrets(&one.text, &macros);
            included.push(self.text(&one.shown, &one.text));
        }
        Placed { file, start, included }
    }

    fn text(&mut self, shown: &str, text: &str) -> usize {
        let key = self.count.to_string();
        self.count += 1;
        let named = (shown.to_owned(), text.to_owned());
        match &mut self.source {
            None => {
                self.source = Some(Source::new(named.0, named.1));
                0
            }
            Some(source) => {
                source.include(&key, Ok(named));
                source.included(&key).expect("the file was included").start()
            }
        }
    }
}

impl Placed {
    /// Reads the file of a host, with the files that it includes. The bytes of the reading are those of the source.
    pub fn read(&self, format: Format, host: &str) -> Reading {
        if format == Format::Keepalived {
            let files = self.of_keepalived();
            // The configuration id is the name up to its first dot, unless a condition names the whole name.
            let exact = keepalived::names(&files).contains(host);
            let id = if exact { Some(host) } else { host.split('.').next() };
            return keepalived::read_files(&files, id);
        }
        let mut reading = format.read(&self.file.path, &self.file.text);
        reading.move_by(self.start);
        reading
    }

    /// The files of keepalived's configuration.
    pub fn of_keepalived(&self) -> Files<'_> {
        let GivenFile { path, text, included, searched, .. } = &self.file;
        let main = File { path, text, start: self.start };
        let others = included.iter().zip(&self.included);
        let others =
            others.map(|(one, start)| File { path: &one.path, text: &one.text, start: *start });
        Files { main, others: others.collect(), root: Some(searched) }
    }
}
