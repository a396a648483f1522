//! The program, run as a user would, and the library's pipeline, run as the program does.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lvsgen::check;
use lvsgen::check::Checked;
use lvsgen::delivery::{OutputFile, Owner};
use lvsgen::embed::{self, Files};
use lvsgen::file::Mode;
use lvsgen::model::{Cluster, HostName, Need, TargetName};
use lvsgen::output;
use lvsgen::plan::Plan;
use lvsgen::profile::{Ability, Mechanism, ProfileSet};
use lvsgen::readback::ReadBack;
use lvsgen::render::{Provision, RenderError, Rendered, RenderedFile, Templates};
use lvsgen::source::Source;

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program without the surroundings of whoever runs the tests.
pub fn lvsgen(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lvsgen"));
    command.current_dir(directory).args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// Runs the program and gives all that a user sees: stdout, stderr, exit code.
pub fn session(directory: &Path, arguments: &[&str]) -> String {
    let ran = lvsgen(directory, arguments).output().unwrap();
    let mut seen = String::from_utf8(ran.stdout).unwrap();
    if !ran.stderr.is_empty() {
        seen += "--- stderr ---\n";
        seen += &String::from_utf8(ran.stderr).unwrap();
    }
    seen + &format!("[exit {}]\n", ran.status.code().unwrap())
}

/// Runs git as somebody, in a repository whose first branch is `main`.
pub fn git(directory: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t", "-c", "init.defaultBranch=main"]);
    let ran = git.args(arguments).current_dir(directory).env("HOME", directory).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// The built-in profiles.
pub fn profiles() -> ProfileSet {
    ProfileSet::load(&embed::profiles(Files::new())).unwrap()
}

/// The built-in templates.
pub fn templates() -> Templates {
    Templates::new(Files::new()).unwrap()
}

/// A host with its files and commands, owned.
#[derive(Clone, Debug)]
pub struct HostFiles {
    pub host: HostName,
    pub provisions: Vec<Provision>,
}

impl HostFiles {
    /// The host's files.
    pub fn files(&self) -> impl Iterator<Item = &RenderedFile> {
        self.provisions.iter().flat_map(|provision| &provision.files)
    }

    fn all(rendered: &Rendered<'_>) -> Vec<Self> {
        let each = rendered.hosts.iter().map(|host| Self {
            host: host.plan.name.clone(),
            provisions: rendered.of(host).cloned().collect(),
        });
        each.collect()
    }
}

/// Renders a model that is right.
pub fn render(model: &str, target: Option<&str>) -> Vec<HostFiles> {
    render_with(model, target, &profiles(), &templates())
}

/// Renders a model that is right, with profiles and templates of the test's own.
pub fn render_with(
    model: &str,
    target: Option<&str>,
    profiles: &ProfileSet,
    templates: &Templates,
) -> Vec<HostFiles> {
    with_checked(model, target, profiles, |checked| {
        let rendered = templates.render(profiles.engine(), Plan::new(checked), None).unwrap();
        let read_back = ReadBack::new(checked, rendered);
        let read_back = read_back.unwrap_or_else(|mismatches| panic!("{mismatches:#?}"));
        HostFiles::all(read_back.rendered())
    })
}

/// Renders a model that is right with templates that may not be.
pub fn try_render(
    model: &str,
    target: Option<&str>,
    profiles: &ProfileSet,
    templates: &Templates,
) -> Result<Vec<HostFiles>, RenderError> {
    with_checked(model, target, profiles, |checked| {
        let rendered = templates.render(profiles.engine(), Plan::new(checked), None)?;
        Ok(HostFiles::all(&rendered))
    })
}

/// Checks a model that is right.
pub fn with_checked<T>(
    model: &str,
    target: Option<&str>,
    profiles: &ProfileSet,
    then: impl FnOnce(&Checked<'_>) -> T,
) -> T {
    let (cluster, report) = Cluster::parse(&Source::new("model", model));
    let cluster = cluster.unwrap_or_else(|| panic!("{report:?}"));
    let target = target.map(|name| TargetName::new(name).unwrap());
    let fallback = TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap();
    let (checked, report) = check::run(&cluster, profiles, target.as_ref(), &fallback);
    then(&checked.unwrap_or_else(|| panic!("{report:?}")))
}

/// A model that chooses a mechanism, and has the keys that the mechanism needs.
pub fn with_mechanism(model: &str, need: Need, mechanism: &Mechanism) -> String {
    let failover = need == Need::DirectorVip && mechanism.abilities.contains(&Ability::Failover);
    let failover = if failover { "failover: { virtual_router_id: 51 }\n" } else { "" };
    format!("{model}\n{failover}mechanisms: {{ {need}: {} }}\n", mechanism.mechanism)
}

/// Whether the tests may rewrite what they compare with.
pub fn overwrite() -> bool {
    let asked = std::env::var("LVSGEN_GOLDEN").is_ok_and(|value| value == "overwrite");
    may_overwrite(asked, std::env::var_os("CI").is_some())
}

/// Whether golden files are rewritten: never under CI, whoever asks.
pub fn may_overwrite(asked: bool, ci: bool) -> bool {
    assert!(!(asked && ci), "no golden file is rewritten under CI");
    asked
}

/// Reads a tree, modes included; none where there is no directory.
pub fn read_tree(root: &Path) -> Vec<OutputFile> {
    if !root.exists() {
        return Vec::new();
    }
    let paths = output::files_below(root).unwrap();
    let read = paths.into_iter().map(|path| OutputFile {
        contents: match String::from_utf8(fs::read(root.join(&path)).unwrap()) {
            Ok(text) => text.into(),
            Err(error) => error.into_bytes().into(),
        },
        mode: Mode::of_bits(fs::metadata(root.join(&path)).unwrap().permissions().mode()),
        owner: Owner::default(),
        path,
    });
    read.collect()
}

/// Reads a committed tree: Git keeps no modes, so they are those of the tree's own manifest.
pub fn read_committed_tree(root: &Path) -> Vec<OutputFile> {
    let mut tree = read_tree(root);
    let manifest = fs::read_to_string(root.join(".lvsgen-manifest.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    let listed = manifest["files"].as_array().cloned().unwrap_or_default();
    let modes: BTreeMap<&str, u32> = listed
        .iter()
        .map(|file| {
            let mode = u32::from_str_radix(file["mode"].as_str().unwrap(), 8).unwrap();
            (file["path"].as_str().unwrap(), mode)
        })
        .collect();
    for file in &mut tree {
        file.mode = Mode::of_bits(modes.get(file.path.as_str()).copied().unwrap_or(0o644));
    }
    tree
}

/// Compares a text with a committed file, or rewrites the file.
pub fn assert_golden(path: &Path, text: &str) {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return;
    }
    if overwrite() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, text).unwrap();
    }
    let diff = similar::TextDiff::from_lines(old.as_str(), text);
    let diff = diff.unified_diff().header("committed", "now").to_string();
    panic!("{} differs; LVSGEN_GOLDEN=overwrite cargo test accepts it\n{diff}", path.display());
}

/// The folders of a folder.
pub fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The files of a host by path.
pub fn files(host: &HostFiles) -> BTreeMap<&str, &str> {
    host.files().map(|one| (one.path.as_str(), &*one.contents)).collect()
}
