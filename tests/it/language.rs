//! Plain English: comments, documents, help and messages use no word that docs/architecture.md retired, and
//! begin no sentence with a "What" clause.

use std::fs;

use lvsgen::output::files_below;

use super::support::repository;

/// Words with another word in their place: module, explanation, resolve, summary, readback, hosts, transaction,
/// the same, keywords, report.
const RETIRED: [&str; 22] = [
    "house", "houses", "room", "rooms", "story", "stories", "survey", "outline", "outlines",
    "proof", "proofs", "fleet", "fleets", "stage", "staged", "staging", "desk", "alike", "words",
    "told", "tell", "tells",
];

/// Uses that stay: a file, a word, and the reason.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    ("docs/architecture.md", "", "the list of retired words itself stands there"),
    ("src/trace/text.rs", "tell", "tcpdump(8) prints ARP requests so"),
    ("docs/trace.md", "tell", "tcpdump(8) prints ARP requests so"),
];

/// The prose of a file: the line numbers from 1, and the text of each comment, document line or message.
fn prose(path: &str, text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let ending = path.rsplit('.').next().unwrap();
    let parts = |line: &str| -> Vec<String> {
        let bare = line.trim_start();
        match ending {
            "md" => vec![line.to_owned()],
            "rs" if bare.starts_with("//") => vec![bare.trim_start_matches(['/', '!']).to_owned()],
            // Every second part between quotes is inside a literal.
            "rs" => line.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
            _ => line.find('#').map(|at| line[at + 1..].to_owned()).into_iter().collect(),
        }
    };
    lines.flat_map(|(at, line)| parts(line).into_iter().map(move |part| (at, part))).collect()
}

/// Every file with prose for people, by its path in the repository.
fn files() -> Vec<(String, String)> {
    let root = repository();
    let mut paths: Vec<String> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned).into();
    for folder in ["src", "profiles", "templates", "playbooks", "install", "verify", "docs"] {
        let below = files_below(&root.join(folder)).unwrap();
        paths.extend(below.into_iter().map(|path| format!("{folder}/{path}")));
    }
    paths
        .into_iter()
        .map(|path| (fs::read_to_string(root.join(&path)).unwrap(), path))
        .map(|(text, path)| (path, text))
        .collect()
}

fn faults(path: &str, text: &str) -> Vec<String> {
    let excepted = |word: &str| {
        EXCEPTIONS.iter().any(|(file, one, _)| *file == path && (one.is_empty() || *one == word))
    };
    let mut faults = Vec::new();
    for (at, line) in prose(path, text) {
        let mut words = line.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        if let Some(word) = words.find(|word| RETIRED.contains(&word.as_str()) && !excepted(word)) {
            faults.push(format!("{path}:{at}: `{word}`: {}", line.trim()));
        }
        let sentence = line.trim_start();
        let clause = sentence.starts_with("What ") || line.contains(". What ");
        if clause && !line.contains('?') {
            faults.push(format!("{path}:{at}: a sentence begins with a clause: {}", line.trim()));
        }
    }
    faults
}

#[test]
fn no_text_for_people_uses_a_retired_word() {
    let files = files();
    assert!(files.len() > 250, "{}", files.len());
    let faults: Vec<String> = files.iter().flat_map(|(path, text)| faults(path, text)).collect();
    assert!(faults.is_empty(), "{}\n{} faults", faults.join("\n"), faults.len());
}

#[test]
fn a_retired_word_is_found_where_people_read_it() {
    for (path, text) in [
        ("src/a.rs", "    /// The room that writes.\n"),
        ("src/a.rs", "let x = \"both are alike\";\n"),
        ("src/a.rs", "//! What it does.\n"),
        ("docs/a.md", "A fleet.\n"),
        ("profiles/a.yaml", "key: value # as told\n"),
    ] {
        assert_eq!(faults(path, text).len(), 1, "{text}");
    }
    for (path, text) in [
        ("src/a.rs", "let told = room(\"text\");\n"),
        ("src/a.rs", "// What if the kernel has no IPVS? Nothing happens.\n"),
        ("profiles/a.yaml", "fleet: x\n"),
    ] {
        assert_eq!(faults(path, text), [""; 0], "{text}");
    }
}
