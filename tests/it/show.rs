//! `lvsgen show`: each folder of tests/show has a `command`, and perhaps a model; the output is beside them.

use std::fs;

use super::support::{assert_golden, folders, repository, session};

#[test]
fn every_case_gives_its_picture() {
    let cases = folders(&repository().join("tests/show"));
    assert!(cases.len() > 4);
    for case in cases {
        let command = fs::read_to_string(case.join("command")).unwrap();
        let words: Vec<&str> = command.split_ascii_whitespace().skip(1).collect();
        let seen = session(&case, &words);
        assert_golden(&case.join("session"), &seen);
        if words.ends_with(&["--format", "svg"]) {
            let (drawing, _) = seen.rsplit_once("[exit").unwrap();
            roxmltree::Document::parse(drawing).unwrap();
        }
    }
}

/// A cluster of sixty hosts fits on a screen.
#[test]
fn many_hosts_are_few_lines() {
    let seen = fs::read_to_string(repository().join("tests/show/sixty-hosts/session")).unwrap();
    assert!(seen.lines().count() < 40 && seen.lines().all(|line| line.chars().count() < 100));
}

/// The first page shows the cluster that `lvsgen init` writes.
#[test]
fn the_picture_of_the_first_page_is_fresh() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), &["init"]);
    let seen = session(folder.path(), &["show", "--format", "svg"]);
    let (drawing, status) = seen.rsplit_once("[exit").unwrap();
    assert_eq!(status, " 0]\n");
    assert_golden(&repository().join("docs/images/tutorial.svg"), drawing);
}
