//! `lvsgen import`: makes a model from the files of a cluster that was set up by hand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::OverlayArgs;
use super::fault::Fault;
use super::input::pipeline;
use super::model_file::DEFAULT;
use super::print::{complain, counts, findings, note, say};
use super::trees::{TreePart, beside, text, tree};
use crate::diagnostic::{Severity, json, quoted};
use crate::formats::Format;
use crate::given::{GivenFile, GivenHost, GivenName, KEEPALIVED_FOLDER, format_alone, path_of};
use crate::import::{Answers, Imported, Verified, import};
use crate::output;
use crate::pipeline::Pipeline;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen import lvs1/ web1/ web2/\n  lvsgen import lb-a=keepalived.conf lb-b=other.conf --set network.gateway=10.20.0.1"
)]
pub(super) struct Import {
    /// A file, a copy of a host's files (a folder with `etc`), or a folder of such copies; `NAME=` before a path names the host
    #[arg(required = true, value_name = "[NAME=]PATH")]
    paths: Vec<String>,
    /// The model to write; `-` prints the model
    #[arg(long, value_name = "FILE", default_value = DEFAULT)]
    model: PathBuf,
    /// Overwrite an existing model and list
    #[arg(long)]
    force: bool,
    /// Answer a question that no file answers, such as `network.gateway`; repeat the option for more answers
    #[arg(long = "set", value_name = "KEY=VALUE")]
    answers: Vec<String>,
    /// The format of every file that is no part of a host's tree
    #[arg(long = "as", value_name = "FORMAT", value_parser = Format::new)]
    format_of_files: Option<Format>,
    /// The format of the report
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

/// The format of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people, with the lines of the files
    #[default]
    Human,
    /// For programs
    Json,
}

impl Import {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let answers =
            Answers::new(self.answers.iter().map(String::as_str)).map_err(Fault::usage)?;
        let mut hosts = Vec::new();
        let mut unread = 0;
        for written in &self.paths {
            hosts.extend(self.hosts(written, &mut unread)?);
        }
        if hosts.iter().flat_map(|host| &host.files).any(|file| same_file(&file.shown, &self.model))
        {
            let name = self.model.display();
            let help = "name another file with `--model`";
            return Err(Fault::helped(format!("`{name}` is one of the imported files"), help));
        }
        let pipeline = pipeline(&OverlayArgs { profiles: None, templates: None })?;
        let imported = import(joined(hosts), &answers, &pipeline);
        self.refuse_answers(&answers, &pipeline)?;
        if imported.counts[3] == 0 {
            self.report(&imported)?;
            return Err(Fault::helped(
                "no file has a service of IPVS with a real server that can answer, so there is no model to write",
                "name the files of a director too: keepalived.conf, or the rules of ipvsadm",
            ));
        }
        if let Verified::Differs(differences) = &imported.verified {
            return Err(Fault::Internal(format!(
                "the model does not give the same cluster: {}",
                differences.join("; ")
            )));
        }
        let list = self.list(&imported);
        self.refuse_existing(list.as_deref())?;
        self.write(&imported.model)?;
        list.iter().try_for_each(|list| write_list(list, &imported))?;
        self.report(&imported)?;
        // JSON stands alone on stderr.
        if self.format == ReportFormat::Human {
            note(&self.summary(&imported));
            if let Some(list) = &list {
                note(&adoption(list, imported.adopted.len()));
            }
        }
        let losses = imported.report.count(Severity::Warning) > 0 || unread > 0;
        let errors = matches!(imported.verified, Verified::Errors(_));
        if losses || errors || imported.is_open { Err(Fault::Findings) } else { Ok(()) }
    }

    /// Refuses an answer to no question, and one that is not valid.
    fn refuse_answers(&self, answers: &Answers, pipeline: &Pipeline) -> Result<(), Fault> {
        if let Some((key, known)) = answers.unused().first() {
            let known = quoted(known.iter().map(String::as_str));
            return Err(Fault::helped(
                format!("`--set {key}` answers no question of this cluster"),
                format!("the questions are {known}"),
            ));
        }
        if let Some(key) = answers.invalid().first() {
            let help = "write addresses, or networks such as 192.0.2.0/24, with `,` between them";
            return Err(Fault::helped(format!("the answer to `{key}` is not valid"), help));
        }
        let targets = self.answers.iter().filter_map(|one| one.split_once('='));
        let mut targets = targets.filter(|(key, _)| *key == "target" || key.ends_with(".target"));
        if let Some((_, name)) = targets.find(|(_, name)| pipeline.profiles().get(name).is_none()) {
            let help = pipeline.profiles().suggest(name);
            return Err(Fault::helped(format!("there is no target `{name}`"), help));
        }
        Ok(())
    }

    fn report(&self, imported: &Imported) -> Result<(), Fault> {
        match self.format {
            ReportFormat::Human => {
                let stderr = anstream::stderr().into_inner();
                let findings = findings(&imported.report, Some(&imported.source), stderr);
                complain(findings.trim_end_matches('\n'));
            }
            ReportFormat::Json => {
                complain(json::report(&imported.report, &imported.source)?.trim_end());
            }
        }
        Ok(())
    }

    fn summary(&self, imported: &Imported) -> String {
        let [directors, real_servers, nfs, services] = imported.counts;
        let several =
            |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let mut parts = vec![several(directors, "director"), several(real_servers, "real server")];
        parts.extend((nfs > 0).then(|| several(nfs, "NFS server")));
        parts.push(several(services, "service"));
        let findings = counts(&imported.report);
        let findings = if findings.is_empty() { String::new() } else { format!("; {findings}") };
        let again = match &imported.verified {
            Verified::Same { services, destinations } => format!(
                "rendered again: {} with {}, and all checks are the same",
                several(*services, "service"),
                several(*destinations, "real server"),
            ),
            Verified::Errors(codes) => format!(
                "not rendered again: the model has the errors {}",
                quoted(codes.iter().copied())
            ),
            Verified::Open => {
                "not rendered again: no value stands in for the VIP of a mark, or for the subnet"
                    .to_owned()
            }
            Verified::Differs(_) => String::new(),
        };
        let place = if self.model == Path::new("-") {
            "made a model".to_owned()
        } else {
            format!("wrote {}", self.model.display())
        };
        format!(
            "\n{place}: {}\n{} read, {} of {} taken{findings}; `lvsgen explain CODE` explains each\n{again}",
            parts.join(", "),
            several(imported.files, "file"),
            imported.taken,
            several(imported.lines, "line"),
        )
    }

    /// The list of the things that lvsgen takes over: beside the model, if there is such a thing.
    fn list(&self, imported: &Imported) -> Option<PathBuf> {
        let written = self.model != Path::new("-") && !imported.adopted.is_empty();
        written.then(|| self.model.with_file_name(ADOPT))
    }

    /// Refuses to overwrite a list. Nothing is written yet.
    fn refuse_existing(&self, list: Option<&Path>) -> Result<(), Fault> {
        // An existing model has its own message.
        let free = self.force || fs::symlink_metadata(&self.model).is_ok();
        match list.filter(|list| !free && fs::symlink_metadata(list).is_ok()) {
            None => Ok(()),
            Some(list) => Err(Fault::helped(
                format!("`{}` already exists", list.display()),
                "move the file away, or overwrite it with `--force`",
            )),
        }
    }

    fn write(&self, model: &str) -> Result<(), Fault> {
        if self.model == Path::new("-") {
            return say(model);
        }
        let name = self.model.display();
        if self.force && self.model.exists() {
            return output::overwrite(&self.model, model)
                .map_err(|error| Fault::usage(format!("cannot overwrite `{name}`: {error}")));
        }
        output::write_once(&self.model, model).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Fault::helped(
                format!("`{name}` already exists"),
                "name another file with `--model`, or overwrite it with `--force`",
            ),
            _ => Fault::usage(format!("cannot write `{name}`: {error}")),
        })
    }

    /// The hosts of one argument.
    fn hosts(&self, written: &str, unread: &mut usize) -> Result<Vec<GivenHost>, Fault> {
        // A path may have `=` too, and a name has no slash.
        let (name, path) = match written.split_once('=') {
            Some((name, path))
                if !name.is_empty() && !name.contains('/') && !Path::new(written).exists() =>
            {
                (Some(name.to_owned()), Path::new(path))
            }
            _ => (None, Path::new(written)),
        };
        let shown = path.display();
        let about = fs::metadata(path)
            .map_err(|error| Fault::usage(format!("cannot read `{shown}`: {error}")))?;
        if about.is_file() {
            return Ok(vec![self.single(name, path, unread)?]);
        }
        if !about.is_dir() {
            return Err(Fault::usage(format!("`{shown}` is neither a file nor a folder")));
        }
        if path.join("etc").is_dir() {
            return Ok(vec![tree(name, path, TreePart::Own, unread)]);
        }
        let mut folders: Vec<PathBuf> =
            fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        folders.retain(|folder| folder.join("etc").is_dir());
        folders.sort();
        if folders.is_empty() || name.is_some() {
            return Err(Fault::helped(
                format!("`{shown}` holds no copy of a host's files"),
                "name a file, a folder that holds `etc`, or a folder of such folders",
            ));
        }
        Ok(folders.iter().map(|folder| tree(None, folder, TreePart::Own, unread)).collect())
    }

    /// A file alone.
    fn single(
        &self,
        name: Option<String>,
        path: &Path,
        unread: &mut usize,
    ) -> Result<GivenHost, Fault> {
        let shown = path.display().to_string();
        let text = text(path)?;
        let file_name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = match self.format_of_files {
            Some(format) => Some((path_of(format, &file_name), format)),
            None => format_alone(&shown, &text),
        };
        let Some((on_host, format)) = found else {
            let formats = quoted(Format::ALL.iter().map(|format| format.as_str()));
            return Err(Fault::helped(
                format!("the format of `{shown}` is not known"),
                format!("write `--as FORMAT`: {formats}"),
            ));
        };
        let stem =
            path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // The usual names of files say nothing about the host.
        let usual = ["keepalived", "ipvsadm", "lvs", "rc", "sysctl"].contains(&stem.as_str());
        let folder = if usual { "lvs1".to_owned() } else { stem };
        let name = name.map_or(GivenName::Folder(folder), GivenName::Written);
        let included = match format {
            Format::Keepalived => beside(path, &on_host, &text, unread),
            _ => Vec::new(),
        };
        let (path, format, searched) = (on_host, Some(format), KEEPALIVED_FOLDER);
        let file = GivenFile { shown, path, format, text, included, searched };
        Ok(GivenHost { name, files: vec![file] })
    }
}

/// The name of the list of things to take over.
const ADOPT: &str = "adopt.tsv";

fn write_list(list: &Path, imported: &Imported) -> Result<(), Fault> {
    let lines: String = imported.adopted.iter().map(|one| format!("{one}\n")).collect();
    let written = output::overwrite(list, &lines);
    written.map_err(|error| Fault::usage(format!("cannot write `{}`: {error}", list.display())))
}

/// The line about the list.
fn adoption(list: &Path, things: usize) -> String {
    let (list, plural) = (list.display(), if things == 1 { "" } else { "s" });
    format!(
        "wrote {list}: {things} thing{plural} on the hosts that lvsgen's files replace; after a render, \
         `rendered/install/push --adopt {list} --all -- --dry-run` shows the takeover"
    )
}

/// Joins the files of arguments that name the same host.
fn joined(hosts: Vec<GivenHost>) -> Vec<GivenHost> {
    let mut all: Vec<GivenHost> = Vec::new();
    for host in hosts {
        let same = |one: &&mut GivenHost| {
            matches!(&host.name, GivenName::Written(_)) && one.name == host.name
        };
        match all.iter_mut().find(same) {
            Some(known) => known.files.extend(host.files),
            None => all.push(host),
        }
    }
    all
}

/// Whether a path leads to the file that would be written.
fn same_file(shown: &str, model: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(model).is_some_and(|model| real(Path::new(shown)) == Some(model))
}
