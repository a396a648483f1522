//! The files of one configuration of keepalived: the main file, and the files that `include` names.
//!
//! The rules come from keepalived.conf(5): a relative path begins in the folder of the file that has the `include`, and a path may have
//! wildcards and braces, as glob(3) reads them.

use glob::{MatchOptions, Pattern};

use super::macros::first_use;
use super::pieces::comment;

/// A file, with its place among the files.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The absolute path on the host.
    pub path: &'a str,
    /// The text.
    pub text: &'a str,
    /// The position of its first byte in the reading.
    pub start: usize,
}

/// The files of a configuration.
#[derive(Clone, Debug)]
pub struct Files<'a> {
    /// The main file.
    pub main: File<'a>,
    /// The files that it may include.
    pub others: Vec<File<'a>>,
    /// The folder that holds all files that were given, with a slash at its end. `None`: nobody looked for included files.
    pub root: Option<&'a str>,
}

impl<'a> Files<'a> {
    /// A file alone.
    pub(super) fn alone(text: &'a str) -> Self {
        let main = File { path: "/etc/keepalived/keepalived.conf", text, start: 0 };
        Self { main, others: Vec::new(), root: None }
    }

    /// The files that a path of an `include` names, in the order of glob(3).
    pub(super) fn included(&self, by: File<'_>, written: &str) -> Vec<File<'a>> {
        let mut found: Vec<File<'a>> = Vec::new();
        for wanted in patterns(by.path, written) {
            let all = self.others.iter().chain([&self.main]);
            let mut some: Vec<File<'a>> =
                all.filter(|one| wanted.holds(one.path)).copied().collect();
            some.sort_by_key(|file| file.path);
            found.extend(some);
        }
        found
    }

    /// Whether a path of an `include` leads out of the given folder.
    pub(super) fn leads_out(&self, by: File<'_>, written: &str) -> bool {
        let Some(root) = self.root else { return false };
        patterns(by.path, written).iter().any(|wanted| !wanted.path.starts_with(root))
    }
}

/// An absolute path that may have wildcards.
#[derive(Debug)]
pub struct Wanted {
    path: String,
    pattern: Option<Pattern>,
}

impl Wanted {
    /// Whether the path names a file.
    pub fn holds(&self, path: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let pattern = self.pattern.as_ref();
        pattern.is_some_and(|pattern| pattern.matches_with(path, options))
    }
}

/// The paths that all `include` statements of a file may name: a macro in a path stands for every text.
pub fn includes(path: &str, text: &str) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for line in text.lines().filter(|line| line.contains("include")) {
        let line = comment(line).map_or(line, |at| &line[..at]).trim();
        let line = match line.strip_prefix('@') {
            Some(rest) => rest.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim()),
            None => line,
        };
        let Some((_, written)) = include(line) else { continue };
        let mut any = written.to_owned();
        while let Some(found) = first_use(&any, 0) {
            any.replace_range(found.range, "*");
        }
        wanted.extend(patterns(path, &any));
    }
    wanted
}

/// The keyword and the path of an `include` statement.
pub(super) fn include(line: &str) -> Option<(&str, &str)> {
    let (keyword, path) = line.split_once(char::is_whitespace)?;
    let keywords = ["include", "includea", "includeb", "includem", "includer", "includew"];
    keywords.contains(&keyword).then(|| (keyword, path.trim()))
}

/// The absolute paths of a written path: one for each alternative of its braces.
fn patterns(by: &str, written: &str) -> Vec<Wanted> {
    let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
    let absolute = |path: String| match path.starts_with('/') {
        true => normal(&path),
        false => normal(&format!("{folder}/{path}")),
    };
    let all = alternatives(written).into_iter().map(absolute);
    // glob(3) knows no `**`.
    let plain = |path: String| path.replace("***", "*").replace("**", "*");
    all.map(plain).map(|path| Wanted { pattern: Pattern::new(&path).ok(), path }).collect()
}

/// The largest number of alternatives of a path.
const MOST_ALTERNATIVES: usize = 1_000;

/// Writes out braces: `{a,b}.conf` stands for `a.conf` and `b.conf`. A path with too many alternatives keeps its last braces.
fn alternatives(written: &str) -> Vec<String> {
    let mut all = vec![written.to_owned()];
    while let Some((at, first)) = all.iter().enumerate().find(|(_, one)| braces(one).is_some()) {
        let Some((before, inside, after)) = braces(first) else { break };
        if all.len() + inside.len() > MOST_ALTERNATIVES {
            break;
        }
        let each: Vec<String> = inside.iter().map(|one| format!("{before}{one}{after}")).collect();
        all.splice(at..=at, each);
    }
    all
}

/// The first pair of braces: the text before, the alternatives, and the text after.
fn braces(written: &str) -> Option<(&str, Vec<&str>, &str)> {
    let open = written.find('{')?;
    let (mut depth, mut parts, mut from) = (0_usize, Vec::new(), open + 1);
    for (at, c) in written.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                parts.push(&written[from..at]);
                return Some((&written[..open], parts, &written[at + 1..]));
            }
            '}' => depth -= 1,
            ',' if depth == 1 => {
                parts.push(&written[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// Removes `.` and `..` from an absolute path.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_wildcards_and_braces() {
        let holds = |written: &str, path: &str| {
            patterns("/etc/keepalived/keepalived.conf", written).iter().any(|one| one.holds(path))
        };
        assert!(holds("services.d/*.conf", "/etc/keepalived/services.d/dns.conf"));
        assert!(!holds("*.conf", "/etc/keepalived/services.d/dns.conf"));
        assert!(!holds("services.d/*", "/etc/keepalived/services.d/.hidden"));
        assert!(holds("/etc/{a,b{c,d}}/x", "/etc/bd/x"));
        assert!(holds("../other/./x", "/etc/other/x"));
        assert!(!holds("{open", "/etc/keepalived/open"));
    }
}
