//! The built-in files, which are compiled into lvsgen. A file of the user replaces the built-in file of the same
//! name.
//!
//! Takes the texts of the user's files from `cli`; gives [`Files`], sorted by name.

mod converge;
mod examples;

use std::collections::BTreeMap;

pub use converge::{
    FIRST_BOOT, FirstBoot, Table, converge, converge_for_first_boot, program_part, write_file,
};

pub use examples::Example;

use include_dir::{Dir, include_dir};

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");
static COMPACT_PROFILES: Dir<'_> = include_dir!("$OUT_DIR/profiles");
static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The model of the tutorial. It is the example without a name, and `lvsgen init` writes it.
pub const EXAMPLE: &str = include_str!("../examples/tutorial/cluster.yaml");

/// The functions of the script that checks the cluster from a client.
pub const FROM_CLIENT: &str = include_str!("../verify/from_client.sh");

/// The program `push`: sends the files of a host to the host, and runs `converge.sh` there.
pub const PUSH: &str = include_str!("../install/push");

/// The program part of the script that cloud-init runs on the first boot of a kind of host, as one member of a gzip file. The
/// build script compresses it, because zopfli is slow: the program is the largest part of the user-data, and zopfli saves 4
/// percent.
pub fn first_boot_member(kind: FirstBoot) -> &'static [u8] {
    macro_rules! member {
        ($number:literal) => {
            include_bytes!(concat!(env!("OUT_DIR"), "/first-boot-", $number, ".gz"))
        };
    }
    const MEMBERS: [&[u8]; FirstBoot::KINDS] =
        [member!(0), member!(1), member!(2), member!(3), member!(4), member!(5)];
    MEMBERS[kind.number()]
}

/// Texts by their path within a directory. The separator is `/` on every system (`ipvs/rules.j2`).
pub type Files = BTreeMap<String, String>;

/// The built-in profiles (`openeuler-24.03.yaml`) and the user's profiles. A profile of the user replaces the
/// built-in profile of the same name.
pub fn profiles(own: Files) -> Files {
    over(&PROFILES, own)
}

/// The built-in profiles as JSON, by their names (`openeuler-24.03`). The JSON parser needs a tenth of the YAML parser's time.
pub fn compact_profiles() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMPACT_PROFILES.files().filter_map(|file| {
        let name = file.path().file_name()?.to_str()?.strip_suffix(".json")?;
        Some((name, file.contents_utf8()?))
    })
}

/// The names under which users may choose a built-in profile, as JSON: by the name of the profile, its `abstract` and `aliases`.
pub const PROFILE_HEADS: &str = include_str!(concat!(env!("OUT_DIR"), "/profile-heads.json"));

/// All built-in templates, by their paths (`ipvs/rules.j2`).
pub fn templates() -> Files {
    over(&TEMPLATES, Files::new())
}

/// The built-in template at a path.
pub fn template(path: &str) -> Option<&'static str> {
    TEMPLATES.get_file(path)?.contents_utf8()
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
