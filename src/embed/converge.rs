//! The program `converge.sh`, put together from its parts, and the scripts that contain it.
//!
//! Takes nothing; gives the texts of the program for each kind of host. The build script uses this file too: it compresses the
//! programs of first boots.

use std::fmt::Write as _;

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

impl FirstBoot {
    /// The number of kinds.
    pub const KINDS: usize = 6;

    /// The kind with a number below [`Self::KINDS`].
    pub fn of_number(number: usize) -> Self {
        let table = [None, Some(Table::Edited), Some(Table::Kept)][number / 2];
        Self { table, secrets: number % 2 == 1 }
    }

    /// The number of this kind, below [`Self::KINDS`].
    pub fn number(self) -> usize {
        let table = match self.table {
            None => 0,
            Some(Table::Edited) => 1,
            Some(Table::Kept) => 2,
        };
        table * 2 + usize::from(self.secrets)
    }
}

/// The parts of `converge.sh`, in the order in which they are joined.
const CONVERGE: [(For, &str); 24] = [
    (For::Every, include_str!("../../install/converge/begin.sh")),
    (For::Every, include_str!("../../install/converge/steps.sh")),
    (For::Every, include_str!("../../install/converge/host.sh")),
    (For::Every, include_str!("../../install/converge/files.sh")),
    (For::Every, include_str!("../../install/converge/neighbours.sh")),
    (For::Every, include_str!("../../install/converge/table.sh")),
    (For::Table, include_str!("../../install/converge/edits.sh")),
    (For::Kept, include_str!("../../install/converge/kept.sh")),
    (For::Every, include_str!("../../install/converge/probes.sh")),
    (For::Every, include_str!("../../install/converge/preconditions.sh")),
    (For::Every, include_str!("../../install/converge/change.sh")),
    (For::Aged, include_str!("../../install/converge/verify.sh")),
    (For::Aged, include_str!("../../install/converge/whole_nic.sh")),
    (For::Aged, include_str!("../../install/converge/earlier.sh")),
    (For::Aged, include_str!("../../install/converge/adopt.sh")),
    (For::Table, include_str!("../../install/converge/drain.sh")),
    (For::Kept, include_str!("../../install/converge/drain_kept.sh")),
    (For::Aged, include_str!("../../install/converge/dry_run.sh")),
    (For::Aged, include_str!("../../install/converge/confirm.sh")),
    (For::First, include_str!("../../install/converge/short_form.sh")),
    (For::Secret, include_str!("../../install/converge/secrets.sh")),
    (For::Aged, include_str!("../../install/converge/image.sh")),
    (For::Every, include_str!("../../install/converge/first_boot.sh")),
    (For::Every, include_str!("../../install/converge/main.sh")),
];

/// The unit that runs `converge.sh` on the first boot of an image.
pub const FIRST_BOOT: &str = include_str!("../../install/first-boot.service");

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
    let parts = CONVERGE.iter().filter(|(part, _)| needed(*part));
    let mut text: String = parts.map(|(_, text)| *text).collect();
    if needed(For::Aged) {
        write!(text, "\nfirst_boot_unit() {{\n    cat <<'END'\n{FIRST_BOOT}END\n}}\n")
            .expect("a write to a String cannot fail");
    }
    text + "\nmain \"$@\"\n"
}

/// The end of a script, with a function that writes the program. `run` is the end of the function `main`.
pub fn program_part(program: &str, run: &str) -> String {
    let mut text = String::from("unpack_program() {\n");
    write_file(&mut text, "install/converge.sh", program);
    text += "}\n\nmain() {\n    folder=$(mktemp -d) || exit 2\n    trap 'rm -rf \"$folder\"' EXIT\n    \
             { unpack_host \"$folder\" && unpack_program \"$folder\"; } || exit 2\n";
    text + run + "}\n\n{ main \"$@\"; }\n"
}

/// Adds the command that writes one file from a here-document.
pub fn write_file(text: &mut String, path: &str, contents: &str) {
    let mut end = String::from("LVSGEN_END");
    while contents.lines().any(|line| line == end) {
        end.push('_');
    }
    // A here-document ends with a line break, which the file may not have.
    let (length, separator) = (contents.len(), if contents.ends_with('\n') { "" } else { "\n" });
    write!(
        text,
        "    head -c {length} >\"$1/{path}\" <<'{end}' || return\n{contents}{separator}{end}\n"
    )
    .expect("a write to a String cannot fail");
}
