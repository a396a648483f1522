//! Bad input of every kind: one clear error, and nothing written.

use std::fs;
use std::path::Path;

use super::support::session;

#[track_caller]
fn refused(name: &str, bytes: &[u8], exit: u8, told: &str) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(name), bytes).unwrap();
    refused_in(directory.path(), name, exit, told);
}

#[track_caller]
fn refused_in(directory: &Path, name: &str, exit: u8, told: &str) {
    let seen = session(directory, &["render", name]);
    assert!(seen.contains(told), "{told}\nis not in\n{seen}");
    assert!(seen.ends_with(&format!("[exit {exit}]\n")), "{seen}");
    assert!(
        seen.matches("error[").count() + seen.matches("error:").count() <= 3,
        "more than one error:\n{seen}"
    );
    assert!(seen.len() < 4000, "a message that nobody reads: {} bytes", seen.len());
    assert!(!directory.join("rendered").exists(), "something is written");
}

#[test]
fn not_utf8() {
    refused("m", b"name: web\ntarget: \xff\n", 2, "m:2:9: this is not UTF-8");
}

#[test]
fn a_nul_byte() {
    refused("m", b"name: w\0b\n", 1, "m:1:8");
}

#[test]
fn nothing() {
    refused("m", b"", 1, "error[yaml-syntax]: the model is empty");
    refused("m", b"# only a comment\n", 1, "error[yaml-syntax]: the model is empty");
    refused("m", b"null\n", 1, "error[wrong-type]");
    refused("m", b"[]\n", 1, "error[wrong-type]");
}

#[test]
fn brackets_without_end() {
    refused("m", "[".repeat(100_000).as_bytes(), 1, "error[yaml-syntax]");
    refused("m", "{a: ".repeat(50_000).as_bytes(), 1, "error[yaml-syntax]");
    refused("m", "- ".repeat(50_000).as_bytes(), 1, "error[yaml-syntax]");
}

#[test]
fn alias_bombs() {
    let mut bomb = String::from("a0: &a0 lol\n");
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    refused("m", bomb.as_bytes(), 1, "the aliases make the text too large");
    let long = "x".repeat(100_000);
    let wide = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 50_000].join(","));
    refused("m", wide.as_bytes(), 1, "the aliases make the text too large");
    let nested = format!("{}x{}\n", "[&a ".repeat(200), "]".repeat(200));
    refused("m", nested.as_bytes(), 1, "error[wrong-type]");
}

#[test]
fn a_tab() {
    refused("m", b"name: web\nnetwork:\n\tinterface: ens33\n", 1, "error[yaml-syntax]");
}

#[test]
fn a_hundred_megabytes() {
    refused("m", "x: y\n".repeat(20_000_000).as_bytes(), 2, "larger than the limit of 64 MiB");
    refused("m", "x".repeat(4 << 20).as_bytes(), 1, "error[wrong-type]");
}

#[test]
fn a_hundred_thousand_keys() {
    let keys: String = (0..100_000).map(|key| format!("k{key}: 1\n")).collect();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("m"), keys).unwrap();
    let seen = session(directory.path(), &["render", "m"]);
    assert!(seen.ends_with("[exit 1]\n"));
    assert!(!directory.path().join("rendered").exists());
}

#[test]
fn a_directory_and_nothing_at_all() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("m")).unwrap();
    refused_in(directory.path(), "m", 2, "`m` is a directory");
    refused_in(directory.path(), "n", 2, "cannot read `n`");
}

#[test]
fn no_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m");
    fs::write(&path, "name: web\n").unwrap();
    let mode =
        |path: &Path, bits| fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
    mode(&path, 0o000);
    mode(directory.path(), 0o755);
    let mut command = super::support::lvsgen(directory.path(), &["render", "m"]);
    // Root may read everything: the program runs as nobody then, from where nobody may run it.
    if fs::read(&path).is_ok() {
        let program = directory.path().join("lvsgen");
        fs::copy(env!("CARGO_BIN_EXE_lvsgen"), &program).unwrap();
        command = std::process::Command::new(program);
        command.current_dir(directory.path()).args(["render", "m"]).env_clear().uid(65534);
    }
    let ran = command.output().unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(told, "error: cannot read `m`: Permission denied (os error 13)\n");
    assert_eq!(ran.status.code(), Some(2));
    assert!(!directory.path().join("rendered").exists());
}

#[test]
fn an_output_that_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let seen = session(directory.path(), &["render", "-o", "file"]);
    assert!(seen.ends_with("[exit 2]\n"), "{seen}");
    let seen = session(directory.path(), &["render", "-o", "file/below"]);
    assert!(seen.ends_with("[exit 2]\n"), "{seen}");
    let seen = session(directory.path(), &["render", "-o", "/proc/lvsgen"]);
    assert!(seen.ends_with("[exit 2]\n"), "{seen}");
}

#[test]
fn a_terminal_gets_no_control_sequence_of_the_input() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("m"), "name: \"\\e[31m\\u202e\"\n\"k\\ey\": 1\n").unwrap();
    let seen = session(directory.path(), &["check", "m"]);
    assert!(!seen.contains('\u{1b}') && !seen.contains('\u{202e}'), "{seen:?}");
}
