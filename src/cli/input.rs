//! Reads the input of a command: the model, and the user's own profiles and templates.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::fault::Fault;
use super::model_file::{DEFAULT, default_model, note_parent};
use super::print::{note, print_report};
use super::{HostArgs, ModelArgs, OverlayArgs};
use crate::check::Checked;
use crate::diagnostic::{Report, did_you_mean, quoted};
use crate::embed::{Example, Files};
use crate::model::{self, Cluster};
use crate::pipeline::Pipeline;
use crate::readback::ReadBack;
use crate::source::Source;

/// The example that `--example` without a name selects.
pub(super) const EXAMPLE: &str = "tutorial";

/// The size in bytes of the largest text that lvsgen reads. A model of ten thousand hosts has one megabyte.
const LARGEST: u64 = 64 << 20;

/// The behaviour of a command if there is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutModel {
    /// The command uses the built-in example, and prints a note.
    Example,
    /// The command ends with an error.
    Refuse,
}

/// Parses the value of `--example`: the name of a built-in example.
pub(super) fn example_name(written: &str) -> Result<Example, String> {
    Example::named(written)
        .ok_or_else(|| format!("the examples are {}", quoted(Example::all().map(|one| one.name))))
}

/// The text of a model, and the pipeline for the model.
pub(super) struct Input {
    pub(super) source: Source,
    pub(super) pipeline: Pipeline,
}

impl Input {
    /// Reads the model, the profiles and the templates.
    pub(super) fn read(args: &ModelArgs, without: WithoutModel) -> Result<Self, Fault> {
        let source = match (&args.model, args.example) {
            (Some(path), _) => read_model(path)?,
            (None, Some(example)) => source_of(example),
            (None, None) => match default_model() {
                Some(path) => {
                    note_parent(&path);
                    read_model(&path)?
                }
                None if without == WithoutModel::Example => {
                    note(&format!(
                        "note: there is no {DEFAULT} here, so lvsgen uses the built-in example; \
                         `lvsgen init` writes the example to {DEFAULT}, for you to edit"
                    ));
                    source_of(example_name(EXAMPLE).expect("the tutorial is an example"))
                }
                None => {
                    return Err(Fault::helped(
                        format!("there is no model: no file is named, and {DEFAULT} is missing"),
                        "`lvsgen init` writes a model to start from, and `--example` uses the built-in example",
                    ));
                }
            },
        };
        Self::of(source, args)
    }

    /// Reads the profiles and the templates for a model that is already read.
    pub(super) fn of(source: Source, args: &ModelArgs) -> Result<Self, Fault> {
        let pipeline = pipeline(&args.overlay)?;
        let profiles = pipeline.profiles();
        if let Some(name) =
            args.target.as_ref().filter(|name| profiles.get(name.as_str()).is_none())
        {
            let help = profiles.suggest(name.as_str());
            return Err(Fault::helped(format!("there is no target `{name}`"), help));
        }
        Ok(Self { source, pipeline })
    }

    /// Parses the model. If its shape is wrong, the report also has the findings about the part that can be read.
    pub(super) fn parse(&self) -> (Option<Cluster>, Report) {
        let (cluster, mut report) = Cluster::parse(&self.source);
        let part = if cluster.is_none() { Cluster::readable_part(&self.source) } else { None };
        if let Some(part) = part {
            let found = self.pipeline.check_part(&part);
            report.extend(found.sorted().into_iter().cloned());
        }
        (cluster, report)
    }

    /// Parses the model. If the shape of the model is wrong, this prints the findings.
    pub(super) fn cluster(&self) -> Result<Cluster, Fault> {
        let (cluster, report) = self.parse();
        cluster.ok_or_else(|| self.refuse(&report))
    }

    /// Checks the model. Gives the checked model and its warnings. If the model has errors, this prints the
    /// findings.
    pub(super) fn checked<'a>(
        &'a self,
        cluster: &'a Cluster,
        args: &'a ModelArgs,
    ) -> Result<(Checked<'a>, Report), Fault> {
        let (checked, report) = self.pipeline.check(cluster, args.target.as_ref());
        match checked {
            Some(checked) => Ok((checked, report)),
            None => Err(self.refuse(&report)),
        }
    }

    fn refuse(&self, report: &Report) -> Fault {
        print_report(report, Some(&self.source));
        Fault::Findings
    }

    /// Renders a checked model and reads the files back.
    pub(super) fn render<'a>(
        &self,
        checked: &Checked<'a>,
        overlay: &OverlayArgs,
    ) -> Result<ReadBack<'a>, Fault> {
        self.pipeline.render(checked).map_err(|error| Fault::pipeline(error, overlay))
    }
}

/// The name of the cluster of every built-in example.
pub(super) const EXAMPLE_CLUSTER: &str = "example";

/// A built-in example. It is the model that `lvsgen init` writes, but its cluster has another name. A render of
/// the example therefore never replaces the files of a real cluster.
fn source_of(example: Example) -> Source {
    let model = example.model.lines().map(|line| match line.starts_with("name: ") {
        true => format!("name: {EXAMPLE_CLUSTER}\n"),
        false => format!("{line}\n"),
    });
    let mut source = Source::new("example", model.collect::<String>());
    for (path, text) in example.lists() {
        source.include(path, Ok((path.to_owned(), text.to_owned())));
    }
    source
}

/// Compiles the built-in profiles and templates, and the profiles and templates of the user.
pub(super) fn pipeline(overlay: &OverlayArgs) -> Result<Pipeline, Fault> {
    let profiles = read_folder(overlay.profiles.as_deref())?;
    let templates = read_folder(overlay.templates.as_deref())?;
    Pipeline::load(profiles, templates).map_err(|error| Fault::pipeline(error, overlay))
}

impl HostArgs {
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

/// Reads a model from a file or from stdin, and reads the files that the model includes.
pub(super) fn read_model(path: &Path) -> Result<Source, Fault> {
    let folder = path.parent().unwrap_or(Path::new(""));
    with_lists(path, read_source, |path| read_list(folder, path))
}

/// Reads a model, and the lists that the model includes. The paths of the lists are relative to the folder of the
/// model.
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

/// Reads an included list. A link must not lead out of the model's folder: whoever renders a model of somebody else would show
/// a file of this machine. A model that writes `..` or an absolute path says so itself.
fn read_list(folder: &Path, path: &Path) -> Result<Source, Fault> {
    let written = path.strip_prefix(folder).unwrap_or(path);
    let inside =
        written.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let leaves = match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(target)) => inside && !target.starts_with(folder),
        // The read itself reports what is missing.
        _ => false,
    };
    // Refuse a pipe, because the read could block. Refuse stdin, because only the model may use it.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Fault::usage("it is not a plain file"));
    }
    if leaves {
        let message =
            format!("`{}` is a link that leads out of the model's folder", path.display());
        let help = Some("write the path of the list itself".to_owned());
        return Err(Fault::Usage { message, help });
    }
    read_source(path)
}

/// Reads a text from a file, or from stdin.
fn read_source(path: &Path) -> Result<Source, Fault> {
    if path == Path::new("-") {
        return text("stdin", io::stdin().lock());
    }
    let name = path.display().to_string();
    let refused = |error: io::Error| {
        let help = format!("`lvsgen init {name}` writes a model to start from");
        let help = (error.kind() == io::ErrorKind::NotFound).then_some(help);
        Fault::Usage { message: format!("cannot read `{name}`: {error}"), help }
    };
    if fs::metadata(path).map_err(refused)?.is_dir() {
        return Err(Fault::usage(format!("`{name}` is a directory, but a model is a file")));
    }
    text(&name, File::open(path).map_err(refused)?)
}

fn text(name: &str, reader: impl io::Read) -> Result<Source, Fault> {
    decode(name, bytes(name, reader)?)
}

/// Reads a text of at most [`LARGEST`] bytes.
pub(super) fn bytes(name: &str, reader: impl io::Read) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Fault::usage(format!("cannot read `{name}`: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        let most = LARGEST >> 20;
        return Err(Fault::usage(format!("`{name}` is larger than the limit of {most} MiB")));
    }
    Ok(bytes)
}

/// Decodes bytes as UTF-8.
pub(super) fn decode(name: &str, bytes: Vec<u8>) -> Result<Source, Fault> {
    String::from_utf8(bytes).map(|text| Source::new(name, text)).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let (line, column) = Source::new(name, before).main().position(good);
        let help = match encoding(error.as_bytes()) {
            Some(encoding) => format!("this looks like {encoding}: `iconv -f {encoding} -t UTF-8 {name} >new.yaml` converts the file"),
            None => "save the file as UTF-8".to_owned(),
        };
        Fault::helped(format!("{name}:{line}:{column}: this is not UTF-8"), help)
    })
}

/// The encoding of a text that is not UTF-8, as iconv(1) names it. `None` if it can be several ones.
fn encoding(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some("UTF-16");
    }
    // GBK and its successor write a letter outside of ASCII as two bytes (or four), the first one from 0x81 to 0xfe.
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (0..=0x7f, after) => after,
            (0x81..=0xfe, [0x40..=0x7e | 0x80..=0xfe, after @ ..]) => after,
            (0x81..=0xfe, [b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9', after @ ..]) => after,
            _ => return None,
        };
    }
    Some("GB18030")
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
        let name = path.strip_prefix(folder).expect("the walk began at the folder");
        files.insert(name.to_string_lossy().into_owned(), text);
    }
    Ok(files)
}
