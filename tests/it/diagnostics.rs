//! What `lvsgen check` prints, to the letter: each `tests/diagnostics/NAME.yaml` beside its text.

use std::fs;

use super::support::{assert_golden, repository, session};

#[test]
fn findings_read_as_committed() {
    let folder = repository().join("tests/diagnostics");
    let mut tried = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let name = path.file_name().unwrap().to_str().unwrap();
            let seen = session(&folder, &["check", name]);
            assert_golden(&path.with_extension("txt"), &seen);
            tried += 1;
        }
    }
    assert!(tried >= 4, "the cases are gone");
}
