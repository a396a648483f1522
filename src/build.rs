//! Makes cargo rebuild when an example, a playbook, a template or a profile is added: `include_dir!` itself does not notice new files. Writes
//! the programs of first boots as gzip files, and the built-in profiles as JSON.

#[allow(dead_code, unreachable_pub, unused_imports, reason = "the library uses the rest")]
#[path = "embed/converge.rs"]
mod converge;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use converge::FirstBoot;
use serde_json::Value;

/// The file of the repository that changes with each commit.
const COMMITS: &str = ".git/logs/HEAD";

#[allow(clippy::disallowed_methods, reason = "a build script writes to OUT_DIR")]
fn main() {
    println!("cargo::rerun-if-changed=examples");
    println!("cargo::rerun-if-changed=playbooks");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=profiles");
    println!("cargo::rerun-if-changed=install");
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/embed/converge.rs");
    println!("cargo::rustc-env=LVSGEN_VERSION={}", version());
    let directory =
        PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for a build script"));
    for number in 0..FirstBoot::KINDS {
        let program = first_boot_program(FirstBoot::of_number(number));
        let (format, mut bytes) = (zopfli::Format::Gzip, Vec::new());
        zopfli::compress(zopfli::Options::default(), format, program.as_bytes(), &mut bytes)
            .expect("a write to memory cannot fail");
        let path = directory.join(format!("first-boot-{number}.gz"));
        fs::write(path, bytes).expect(WRITABLE);
    }
    write_profiles(&directory);
}

const WRITABLE: &str = "cargo lets a build script write to OUT_DIR";

/// Writes each profile as JSON, and the file with the names of all profiles: lvsgen then reads neither YAML nor the profiles of other
/// targets.
#[allow(
    clippy::disallowed_methods,
    reason = "a build script reads the sources and writes to OUT_DIR"
)]
fn write_profiles(directory: &Path) {
    let folder = directory.join("profiles");
    // A profile may have left the sources.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect(WRITABLE);
    let mut heads = serde_json::Map::new();
    for entry in fs::read_dir("profiles").expect("the sources hold the folder") {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_stem().and_then(OsStr::to_str).expect("a profile has a name");
        let text = fs::read_to_string(&path).expect("a profile is a text");
        let profile: Value = serde_saphyr::from_str(&text).expect("a profile is YAML");
        let head = ["abstract", "aliases"].map(|key| (key.to_owned(), profile[key].clone()));
        let head = head.into_iter().filter(|(_, value)| !value.is_null()).collect();
        heads.insert(name.to_owned(), Value::Object(head));
        fs::write(folder.join(format!("{name}.json")), profile.to_string()).expect(WRITABLE);
    }
    let heads = Value::Object(heads).to_string();
    fs::write(directory.join("profile-heads.json"), heads).expect(WRITABLE);
}

/// The version of the package, and the commit if the source is a Git repository.
#[allow(clippy::disallowed_methods, reason = "a build script asks git")]
fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    // Cargo takes a path that does not exist for changed.
    if Path::new(COMMITS).exists() {
        println!("cargo::rerun-if-changed={COMMITS}");
    }
    let commit = Command::new("git").args(["rev-parse", "--short=8", "HEAD"]).output();
    let commit = commit.ok().filter(|ran| ran.status.success());
    match commit.and_then(|ran| String::from_utf8(ran.stdout).ok()) {
        Some(commit) if Path::new(".git").exists() => format!("{version} ({})", commit.trim()),
        _ => version.to_owned(),
    }
}

/// Gives the rest of the script that cloud-init runs on the first boot, after the host's own part. It is the same for all hosts of a
/// kind. The script must be small: its program has no comments.
fn first_boot_program(host: FirstBoot) -> String {
    let run = "    sh \"$folder/install/converge.sh\" --first-boot \"$host\" </dev/null\n";
    converge::program_part(&without_comments(&converge::converge_for_first_boot(host)), run)
}

/// Removes the comments and the indentation of a shell program. The comment at its begin is its help text.
fn without_comments(program: &str) -> String {
    let mut text = String::from(
        "#!/bin/sh\n# A short form of converge.sh. The help is in `install/converge.sh --help` of the rendered tree.\n",
    );
    for line in program.lines().map(str::trim_start) {
        if !line.is_empty() && !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}
