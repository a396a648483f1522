//! The built-in files, which are compiled into lvsgen. A file of the user replaces the built-in file of the same
//! name.
//!
//! Takes the texts of the user's files from `cli`; gives [`Files`], sorted by name.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");
static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The model of the tutorial. It is the built-in example, and `lvsgen init` writes it.
pub const EXAMPLE: &str = include_str!("../golden/tutorial/cluster.yaml");

/// The functions of the script that checks the cluster from a client.
pub const FROM_CLIENT: &str = include_str!("../verify/from_client.sh");

/// The program `push`: sends the files of a host to the host, and runs `converge.sh` there.
pub const PUSH: &str = include_str!("../install/push");

/// The hosts that need a part of `converge.sh`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// Every host.
    Every,
    /// A host with an IPVS table. It drains real servers by the program of its record, which may be that of its first boot.
    Table,
    /// A host with an IPVS table that keepalived keeps.
    Kept,
    /// A host with a file that has a secret.
    Secret,
    /// A host that was set up before: not a first boot.
    Aged,
    /// A first boot: the functions in the place of the parts that it lacks.
    First,
}

/// The IPVS table of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `converge.sh` edits it.
    Edited,
    /// keepalived keeps it.
    Kept,
}

/// The things of a host that the program of its first boot works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstBoot {
    /// The owner of the IPVS table, if the host has such a table.
    pub table: Option<Table>,
    /// Whether a file of the host has a secret.
    pub secrets: bool,
}

/// The parts of `converge.sh`, in the order in which they are joined.
const CONVERGE: [(For, &str); 21] = [
    (For::Every, include_str!("../install/converge/begin.sh")),
    (For::Every, include_str!("../install/converge/steps.sh")),
    (For::Every, include_str!("../install/converge/host.sh")),
    (For::Every, include_str!("../install/converge/files.sh")),
    (For::Every, include_str!("../install/converge/neighbours.sh")),
    (For::Every, include_str!("../install/converge/table.sh")),
    (For::Table, include_str!("../install/converge/edits.sh")),
    (For::Kept, include_str!("../install/converge/kept.sh")),
    (For::Every, include_str!("../install/converge/probes.sh")),
    (For::Every, include_str!("../install/converge/preconditions.sh")),
    (For::Every, include_str!("../install/converge/change.sh")),
    (For::Aged, include_str!("../install/converge/earlier.sh")),
    (For::Aged, include_str!("../install/converge/adopt.sh")),
    (For::Table, include_str!("../install/converge/drain.sh")),
    (For::Kept, include_str!("../install/converge/drain_kept.sh")),
    (For::Aged, include_str!("../install/converge/dry_run.sh")),
    (For::Aged, include_str!("../install/converge/confirm.sh")),
    (For::First, include_str!("../install/converge/first_boot.sh")),
    (For::Secret, include_str!("../install/converge/secrets.sh")),
    (For::Every, include_str!("../install/converge/image.sh")),
    (For::Every, include_str!("../install/converge/main.sh")),
];

/// The unit that runs `converge.sh` on the first boot of an image.
pub const FIRST_BOOT: &str = include_str!("../install/first-boot.service");

/// The complete program `converge.sh`, which changes a host. Its last line calls its function `main`.
pub fn converge() -> String {
    join(|part| part != For::First)
}

/// The program for a first boot, without the parts that the host does not need then.
pub fn converge_for_first_boot(host: FirstBoot) -> String {
    join(|part| match part {
        For::Every | For::First => true,
        For::Table => host.table.is_some(),
        For::Kept => host.table == Some(Table::Kept),
        For::Secret => host.secrets,
        For::Aged => false,
    })
}

fn join(needed: impl Fn(For) -> bool) -> String {
    let unit = format!("\nfirst_boot_unit() {{\n    cat <<'END'\n{FIRST_BOOT}END\n}}\n");
    let parts = CONVERGE.iter().filter(|(part, _)| needed(*part));
    parts.map(|(_, text)| *text).collect::<String>() + &unit + "\nmain \"$@\"\n"
}

/// Texts by their path within a directory. The separator is `/` on every system (`ipvs/rules.j2`).
pub type Files = BTreeMap<String, String>;

/// The built-in profiles (`openeuler-24.03.yaml`) and the user's profiles. A profile of the user replaces the
/// built-in profile of the same name.
pub fn profiles(own: Files) -> Files {
    over(&PROFILES, own)
}

/// The built-in templates (`ipvs/rules.j2`) and the user's templates. A template of the user replaces the built-in
/// template of the same path.
pub fn templates(own: Files) -> Files {
    over(&TEMPLATES, own)
}

/// The playbooks (`site.yml`, `tasks/need.yml`), which are the same for every cluster.
pub fn playbooks() -> Files {
    over(&PLAYBOOKS, Files::new())
}

fn over(dir: &Dir<'_>, own: Files) -> Files {
    let mut files = Files::new();
    collect(dir, &mut files);
    files.extend(own);
    files
}

fn collect(dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(path.replace('\\', "/"), text.to_owned());
        }
    }
    for inner in dir.dirs() {
        collect(inner, files);
    }
}
