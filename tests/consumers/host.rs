//! A host's root as it would be: this machine's, the consumers' programs, the rendered tree.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The programs that `tests/prepare` unpacked.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/consumers/root")
}

/// A mount namespace in which [`layer`] holds a copy of the programs. Many trials share it, since a copy takes a second. The
/// namespace ends with this process, whose end closes its standard input.
static LAYER: LazyLock<Child> = LazyLock::new(|| {
    let script = r#"
        set -e
        mount --make-rprivate /
        mkdir -p "$1"
        mount -t tmpfs tmpfs "$1"
        chmod 0755 "$1"
        cp -a "$2/." "$1"
        echo ready
        exec cat
    "#;
    let mut child = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .args([layer(), programs()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n", "the programs of the consumers cannot be copied to a tmpfs");
    child
});

/// The mount point of the copy. A layer of an overlay must not lie within another layer, so the copy is a file system of its own.
fn layer() -> PathBuf {
    programs().with_file_name("layer")
}

/// Why nothing can run here, if nothing can.
pub fn missing() -> Option<String> {
    if !programs().with_extension("key").exists() {
        return Some("`tests/prepare` has not unpacked the programs (root on Debian)".into());
    }
    let tried = Command::new("unshare").args(["-m", "-n", "true"]).status();
    let able = tried.is_ok_and(|status| status.success());
    (!able).then(|| "no mount and network namespaces without root".into())
}

/// A rendered host.
pub struct Host {
    scratch: tempfile::TempDir,
    name: String,
    target: String,
}

impl Host {
    /// Renders the tutorial's cluster, with more lines at the end of its model, for a target.
    pub fn new(name: &str, target: &str, more: &str) -> Self {
        Self::of_model(name, target, &format!("{}\n{more}", lvsgen::embed::EXAMPLE))
    }

    /// Renders a model for a target.
    pub fn of_model(name: &str, target: &str, model: &str) -> Self {
        Self::rendered(name, target, model, &["--host", name])
    }

    /// Renders a whole cluster, every delivery of it, of which one host is looked at.
    pub fn of_cluster(name: &str, target: &str, model: &str) -> Self {
        Self::rendered(name, target, model, &[])
    }

    fn rendered(name: &str, target: &str, model: &str, more: &[&str]) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("cluster.yaml"), model).unwrap();
        let rendered = Command::new(env!("CARGO_BIN_EXE_lvsgen"))
            .args([&["render", "--target", target], more].concat())
            .current_dir(scratch.path())
            .output()
            .unwrap();
        assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
        Self { scratch, name: name.to_owned(), target: target.to_owned() }
    }

    /// The commands of a need's mechanism (`apply`, `undo_before` or `undo_after`), as lines of a shell script.
    pub fn commands(&self, need: &str, list: &str) -> String {
        let plan = Command::new(env!("CARGO_BIN_EXE_lvsgen"))
            .args(["plan", "--format", "json", "--host", &self.name, "--target", &self.target])
            .current_dir(self.scratch.path())
            .output()
            .unwrap();
        let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
        let mechanisms = plan["hosts"][0]["mechanisms"].as_array().unwrap();
        let provides = |one: &&Value| one["needs"].as_array().unwrap().contains(&need.into());
        let commands = mechanisms.iter().find(provides).unwrap()[list].as_array().unwrap();
        commands.iter().map(|command| format!("{}\n", command["run"].as_str().unwrap())).collect()
    }

    /// Where the rendered tree lies.
    pub fn tree(&self) -> PathBuf {
        self.scratch.path().join("rendered/hosts").join(&self.name)
    }

    /// Runs a shell script in the host's root and gives what it printed.
    pub fn run(&self, script: &str) -> Result<String, String> {
        let root = self.scratch.path().join("root");
        fs::create_dir_all(&root).unwrap();
        // The upper layer is a tmpfs, since an overlay on an overlay takes no other.
        let outside = r#"
            set -e
            mount --make-rprivate /
            mount -t tmpfs tmpfs "$1"
            mkdir "$1/up" "$1/work" "$1/host"
            chmod 0755 "$1/up"
            mount -t overlay overlay -o "lowerdir=$2:/,upperdir=$1/up,workdir=$1/work" "$1/host"
            cp -a "$3/." "$1/host"
            cp -a "$3/../.." "$1/host/rendered"
            mount -t proc proc "$1/host/proc"
            mount -t sysfs sysfs "$1/host/sys"
            mount --rbind /dev "$1/host/dev"
            mount -t tmpfs tmpfs "$1/host/run"
            exec chroot "$1/host" /bin/sh -ec "$4"
        "#;
        let namespace = LAYER.id().to_string();
        let ran = Command::new("nsenter")
            .args([
                "--target", &namespace, "--mount", "unshare", "-m", "-n", "sh", "-c", outside, "sh",
            ])
            .args([&root, &layer(), &self.tree()])
            .arg(script)
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        let told = String::from_utf8_lossy(&ran.stderr);
        if ran.status.success() {
            return Ok(printed + &told);
        }
        Err(format!("{script}\nended with {}\n{printed}{told}", ran.status))
    }
}
