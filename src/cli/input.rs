//! Reads what a command works on: the model, and the user's own profiles and templates.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::fault::{Fault, note, tell_report};
use super::{HostArgs, ModelArgs, OverlayArgs};
use crate::artifact::Bundle;
use crate::check::{self, Checked};
use crate::diagnostic::{Report, did_you_mean};
use crate::embed::{self, Files};
use crate::model::{self, Cluster, HostName, TargetName};
use crate::plan::Plan;
use crate::profile::ProfileSet;
use crate::proof;
use crate::render::Templates;
use crate::source::Source;

/// Where the model is when nobody says.
pub(super) const DEFAULT: &str = "cluster.yaml";

/// The largest text that is read, in bytes: a model of ten thousand hosts has one megabyte.
const LARGEST: u64 = 64 << 20;

/// A model as it was read, with everything that it is judged by.
pub(super) struct Input {
    pub(super) source: Source,
    pub(super) profiles: ProfileSet,
    fallback: TargetName,
}

impl Input {
    /// Reads the model and the profiles.
    pub(super) fn read(args: &ModelArgs) -> Result<Self, Fault> {
        let source = match &args.model {
            Some(path) => read_model(path)?,
            // Also where it is a link to nothing: that is a mistake to tell, not an example to show.
            None if fs::symlink_metadata(DEFAULT).is_ok() => read_model(Path::new(DEFAULT))?,
            None => {
                note(&format!(
                    "note: there is no {DEFAULT} here: this is the built-in example; \
                     `lvsgen init` writes it to {DEFAULT} for you to change"
                ));
                Source::new("example", embed::EXAMPLE)
            }
        };
        Self::of(source, args)
    }

    /// Reads the profiles, for a model that was read.
    pub(super) fn of(source: Source, args: &ModelArgs) -> Result<Self, Fault> {
        let profiles = profiles(&args.overlay)?;
        if let Some(name) =
            args.target.as_ref().filter(|name| profiles.get(name.as_str()).is_none())
        {
            let help = profiles.suggest(name.as_str());
            return Err(Fault::helped(format!("there is no target `{name}`"), help));
        }
        let fallback = TargetName::new("openeuler").map_err(Fault::Internal)?;
        Ok(Self { source, profiles, fallback })
    }

    /// Parses the model.
    pub(super) fn parse(&self) -> (Option<Cluster>, Report) {
        Cluster::parse(&self.source)
    }

    /// Checks the model.
    pub(super) fn check<'a>(
        &'a self,
        cluster: &'a Cluster,
        args: &'a ModelArgs,
    ) -> (Option<Checked<'a>>, Report) {
        check::run(cluster, &self.profiles, args.target.as_ref(), &self.fallback)
    }

    /// Hands a checked model and its warnings to a command that needs one; tells the findings
    /// otherwise.
    pub(super) fn with_checked<T>(
        &self,
        args: &ModelArgs,
        command: impl FnOnce(&Checked<'_>, &Report) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (cluster, report) = self.parse();
        let Some(cluster) = cluster else {
            tell_report(&report, Some(&self.source));
            return Err(Fault::Findings);
        };
        let (checked, report) = self.check(&cluster, args);
        let Some(checked) = checked else {
            tell_report(&report, Some(&self.source));
            return Err(Fault::Findings);
        };
        command(&checked, &report)
    }
}

/// Reads the profiles, with the user's own.
pub(super) fn profiles(overlay: &OverlayArgs) -> Result<ProfileSet, Fault> {
    let own = read_folder(overlay.profiles.as_deref())?;
    Ok(ProfileSet::load(&embed::profiles(own))?)
}

/// Compiles the templates, with the user's own.
pub(super) fn templates(overlay: &OverlayArgs) -> Result<Templates, Fault> {
    let own = read_folder(overlay.templates.as_deref())?;
    Templates::new(embed::templates(own)).map_err(|error| Fault::template(&error, overlay))
}

/// Renders hosts and reads what came out back: what no invariant holds for goes nowhere.
pub(super) fn proven(
    checked: &Checked<'_>,
    plan: &Plan<'_>,
    templates: &Templates,
    overlay: &OverlayArgs,
) -> Result<Vec<Bundle>, Fault> {
    let bundles = templates.bundles(plan).map_err(|error| Fault::template(&error, overlay))?;
    proof::prove(checked, &bundles).map_err(|broken| Fault::broken(&broken, overlay))?;
    Ok(bundles)
}

impl HostArgs {
    /// Whether a host is meant.
    pub(super) fn mean(&self, host: &HostName) -> bool {
        self.hosts.is_empty() || self.hosts.contains(host)
    }

    /// Refuses a host that the model does not have.
    pub(super) fn verify(&self, cluster: &Cluster) -> Result<(), Fault> {
        let known = || cluster.hosts().map(|host| host.name.as_str());
        match self.hosts.iter().find(|host| !known().any(|name| name == host.as_str())) {
            None => Ok(()),
            Some(host) => Err(Fault::Usage {
                message: format!("the model has no host `{host}`"),
                help: did_you_mean(host.as_str(), known()),
            }),
        }
    }
}

/// Reads a model from a file, or from stdin, with what it includes.
pub(super) fn read_model(path: &Path) -> Result<Source, Fault> {
    with_lists(path, read_source, |path| {
        // A pipe would be waited for, and stdin is the model's.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Fault::usage("it is no plain file"));
        }
        read_source(path)
    })
}

/// Reads a model, and the lists that it includes by paths as seen from its folder.
pub(super) fn with_lists(
    path: &Path,
    model: impl FnOnce(&Path) -> Result<Source, Fault>,
    list: impl Fn(&Path) -> Result<Source, Fault>,
) -> Result<Source, Fault> {
    let mut source = model(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for written in model::includes(&source) {
        let read = list(&folder.join(&written)).map_err(|fault| fault.why());
        let read = read.map(|read| (read.name().to_owned(), read.main().text().to_owned()));
        source.include(&written, read);
    }
    Ok(source)
}

/// Reads a text from a file, or from stdin.
fn read_source(path: &Path) -> Result<Source, Fault> {
    if path == Path::new("-") {
        return text("stdin", io::stdin().lock());
    }
    let name = path.display().to_string();
    let refused = |error: io::Error| {
        let help = format!("`lvsgen init {name}` writes one to start from");
        let help = (error.kind() == io::ErrorKind::NotFound).then_some(help);
        Fault::Usage { message: format!("cannot read `{name}`: {error}"), help }
    };
    if fs::metadata(path).map_err(refused)?.is_dir() {
        return Err(Fault::usage(format!("`{name}` is a directory, and a model is a file")));
    }
    text(&name, File::open(path).map_err(refused)?)
}

fn text(name: &str, reader: impl io::Read) -> Result<Source, Fault> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Fault::usage(format!("cannot read `{name}`: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        let most = LARGEST >> 20;
        return Err(Fault::usage(format!("`{name}` is larger than {most} MiB, and no model is")));
    }
    decode(name, bytes)
}

/// Makes a text of bytes.
pub(super) fn decode(name: &str, bytes: Vec<u8>) -> Result<Source, Fault> {
    String::from_utf8(bytes).map(|text| Source::new(name, text)).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let (line, column) = Source::new(name, before).main().position(good);
        Fault::usage(format!("{name}:{line}:{column}: this is not UTF-8"))
    })
}

fn read_folder(folder: Option<&Path>) -> Result<Files, Fault> {
    let mut files = Files::new();
    let Some(folder) = folder else {
        return Ok(files);
    };
    let refused = |path: PathBuf, error: io::Error| {
        Fault::usage(format!("cannot read `{}`: {error}", path.display()))
    };
    if !fs::metadata(folder).map_err(|error| refused(folder.to_owned(), error))?.is_dir() {
        return Err(Fault::usage(format!("`{}` is a file, and not a folder", folder.display())));
    }
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| refused(folder.to_owned(), error.into()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let text = fs::read_to_string(path).map_err(|error| refused(path.to_owned(), error))?;
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
        files.insert(name, text);
    }
    Ok(files)
}
