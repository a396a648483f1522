//! Strict readers of the formats that lvsgen writes, from their manual pages: a line that is not
//! of the format is a failure, not a line to skip.

use std::collections::BTreeMap;

/// The lines that say something: comments stand at column 0, nowhere else.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `KEY=VALUE` lines, as ifcfg files have them.
pub fn assignments(text: &str) -> BTreeMap<&str, &str> {
    let mut read = BTreeMap::new();
    for line in lines(text) {
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{line}");
        assert!(!value.contains(['"', '\'', ' ', '$', '`', '#']), "{line}");
        assert!(read.insert(key, value).is_none(), "{line} stands twice");
    }
    read
}

/// sysctl.d(5), with the separators as the kernel's tree has them.
pub fn sysctls(text: &str) -> BTreeMap<String, i64> {
    let mut read = BTreeMap::new();
    for line in lines(text) {
        let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
        let slashes = key.find('/').is_some_and(|at| key.find('.').is_none_or(|dot| at < dot));
        let key = if slashes { key.to_owned() } else { key.replace('.', "/") };
        assert!(read.insert(key, value.parse().unwrap()).is_none(), "{line} stands twice");
    }
    read
}

/// A unit file: sections, and in each the settings in order.
pub fn unit(text: &str) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut read: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut section = "";
    for line in lines(text) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            assert!(read.insert(name, Vec::new()).is_none(), "{line} stands twice");
        } else {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{line}");
            assert!(!value.contains('%'), "a specifier: {line}");
            read.get_mut(section).unwrap_or_else(|| panic!("{line}")).push((key, value));
        }
    }
    read
}

/// The value of a setting that stands once.
pub fn setting<'a>(
    unit: &BTreeMap<&str, Vec<(&str, &'a str)>>,
    section: &str,
    key: &str,
) -> &'a str {
    let found: Vec<_> = unit[section].iter().filter(|(name, _)| *name == key).collect();
    assert_eq!(found.len(), 1, "{key}");
    found[0].1
}

/// exports(5): a path and its clients with their options.
pub fn exports(text: &str) -> Vec<(&str, &str, Vec<&str>)> {
    let read = lines(text).map(|line| {
        let [path, client] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (client, options) = client.split_once('(').unwrap_or_else(|| panic!("{line}"));
        let options = options.strip_suffix(')').unwrap_or_else(|| panic!("{line}"));
        (path, client, options.split(',').collect())
    });
    read.collect()
}

/// One command of an IPVS table.
#[derive(Debug, PartialEq, Eq)]
pub enum Rule {
    /// `--set`.
    Set(Vec<u32>),
    /// `-A`: selector, options by flag.
    Service(String, BTreeMap<String, String>),
    /// `-a`: selector, destination, options by flag.
    Server(String, String, BTreeMap<String, String>),
}

/// What `ipvsadm-restore` reads (ipvsadm(8)).
pub fn rules(text: &str) -> Vec<Rule> {
    lines(text).map(rule).collect()
}

fn rule(line: &str) -> Rule {
    let mut words = line.split(' ').peekable();
    let command = words.next().unwrap();
    if command == "--set" {
        return Rule::Set(words.map(|word| word.parse().unwrap()).collect());
    }
    let flag = words.next().unwrap();
    assert!(["-t", "-u", "--sctp-service", "-f"].contains(&flag), "{line}");
    let mut selector = format!("{flag} {}", words.next().unwrap());
    // ipvsadm takes `-6` only right after the mark.
    if words.next_if_eq(&"-6").is_some() {
        assert_eq!(flag, "-f", "{line}");
        selector += " -6";
    }
    let mut options = BTreeMap::new();
    while let Some(word) = words.next() {
        let bare = ["-g", "-o"].contains(&word);
        let value = if bare { "" } else { words.next().unwrap_or_else(|| panic!("{line}")) };
        let known = ["-s", "-p", "-M", "-b", "-r", "-w", "-x", "-y"].contains(&word) || bare;
        assert!(known, "{line}: {word}");
        assert!(
            options.insert(word.to_owned(), value.to_owned()).is_none(),
            "{line}: {word} twice"
        );
    }
    match command {
        "-A" => Rule::Service(selector, options),
        "-a" => {
            let destination = options.remove("-r").unwrap_or_else(|| panic!("{line}"));
            Rule::Server(selector, destination, options)
        }
        _ => panic!("{line}"),
    }
}

/// The commands of lvsgen's block in a shared script, as words.
pub fn block(text: &str) -> Vec<Vec<&str>> {
    let inside = text.split_once("# BEGIN lvsgen ").unwrap().1.split_once('\n').unwrap().1;
    let inside = inside.split("# END lvsgen ").next().unwrap();
    lines(inside).map(|line| line.split(' ').collect()).collect()
}
