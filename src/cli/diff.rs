//! `lvsgen diff`: shows what a render would change.

mod root;

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::delivery::{Delivery, Rendered};
use super::fault::{Fault, note, say};
use super::input::Input;
use super::{ModelArgs, git, pager};
use crate::diff::{self, Change, Side, json, markdown, meaning, stat, unified};
use crate::outline::Outline;
use crate::output;
use crate::pack;

#[derive(Debug, Args)]
pub(super) struct Diff {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    delivery: Delivery,
    /// The directory that a render would write to
    #[arg(short = 'o', long = "rendered", value_name = "DIR", default_value = "rendered")]
    directory: PathBuf,
    /// Compare with what the model was at this Git revision, and not with the directory
    #[arg(long, value_name = "REVISION", conflicts_with = "directory")]
    from: Option<String>,
    /// Compare with another model, and not with the directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["directory", "from"])]
    from_model: Option<PathBuf>,
    /// Compare with the files of a host below this directory: a mounted image, a container, `/` on
    /// the host itself. Only what lvsgen would own is looked at
    #[arg(long, value_name = "DIR", requires = "hosts", conflicts_with_all = ["directory", "from", "from_model", "formats", "semantic"])]
    root: Option<PathBuf>,
    /// Show what changes in the cluster, rather than in the files
    #[arg(long, conflicts_with_all = ["stat", "name_only"])]
    semantic: bool,
    /// Show how many lines change in each file
    #[arg(long, conflicts_with = "name_only")]
    stat: bool,
    /// Show the names of the files alone
    #[arg(long)]
    name_only: bool,
    /// Show the lines of all files, also of those that repeat the hosts' files for a delivery
    #[arg(long)]
    all: bool,
    /// The form of the differences
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["stat", "name_only"])]
    output: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people: a unified diff, which `git apply` takes
    #[default]
    Human,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// What is compared, and what differs.
struct Compared {
    changes: Vec<Change>,
    old: Result<Outline, Fault>,
    new: Outline,
}

impl Diff {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model)?;
        let rendered = self.delivery.render(&input, &self.model)?;
        if let Some(root) = &self.root {
            return self.show_root(root, &rendered);
        }
        let before = match (&self.from, &self.from_model) {
            (Some(revision), _) => Some(git::model(revision, self.model.model.as_deref())?),
            (_, Some(path)) => Some(super::input::read_source(path)?),
            (None, None) => None,
        };
        let compared = match before {
            Some(source) => {
                let name = source.name().to_owned();
                let input = Input::of(source, &self.model)?;
                let old =
                    self.delivery.render(&input, &self.model).map_err(|fault| match fault {
                        Fault::Findings => Fault::usage(format!(
                            "`{name}` is not right, and nothing compares with it"
                        )),
                        other => other,
                    })?;
                let changes = diff::compare(&old.files, &rendered.files);
                Compared { changes, old: Ok(old.outline), new: rendered.outline }
            }
            None => self.with_directory(rendered)?,
        };
        self.show(&compared)
    }

    fn with_directory(&self, rendered: Rendered) -> Result<Compared, Fault> {
        let Rendered { cluster, files, outline, .. } = rendered;
        let scope = self.delivery.scope();
        let pending = output::compare(&self.directory, &cluster, &files, &scope, false)?;
        let told = pending.differences().iter().filter(|one| !one.lost_by_git);
        let changes = told.map(|one| Change {
            path: one.path.clone(),
            before: one
                .before
                .as_ref()
                .map(|present| Side::of(present.mode, String::from_utf8_lossy(&present.contents))),
            after: one.after.map(|file| Side::of(file.mode, &*file.contents)),
            by_hand: one.loss.is_some(),
        });
        let changes: Vec<Change> = changes.collect();
        let old = outline_of(&self.directory);
        Ok(Compared { changes, old, new: outline })
    }

    fn show(&self, compared: &Compared) -> Result<(), Fault> {
        let Compared { changes, old, new } = compared;
        if self.semantic {
            return self.show_meaning(compared);
        }
        let text = match self.output {
            Form::Json => {
                json::files(changes).map_err(|error| Fault::Internal(error.to_string()))?
            }
            Form::Markdown => {
                let told = old
                    .as_ref()
                    .map(|old| (meaning::compare(old, new), meaning::while_applied(old, new)));
                // Where nothing is known of the old cluster, the files alone speak.
                let (meaning, notes) = told.unwrap_or_default();
                markdown::comment(changes, &meaning, &notes)
            }
            Form::Human => self.text(changes),
        };
        if changes.is_empty() {
            if self.output != Form::Human {
                say(&text)?;
            }
            note("no differences");
            return Ok(());
        }
        pager::page(&text)?;
        match self.repeats(changes) {
            0 => {}
            1 => note("note: 1 more file repeats this for the deliveries; `--all` shows its lines"),
            count => note(&format!(
                "note: {count} more files repeat this for the deliveries; `--all` shows the lines, \
                 `--name-only` the names"
            )),
        }
        Err(Fault::Findings)
    }

    fn text(&self, changes: &[Change]) -> String {
        match (self.stat, self.name_only) {
            (true, _) => stat::table(changes),
            (_, true) => stat::names(changes),
            _ => self.lines(changes),
        }
    }

    /// The lines of the files. What the deliveries repeat of the hosts' files is only counted.
    fn lines(&self, changes: &[Change]) -> String {
        let repeats = self.repeats(changes);
        let shown = changes.iter().filter(|change| repeats == 0 || of_host(change));
        let colour = anstream::stdout().current_choice() != ColorChoice::Never;
        let text = if colour { unified::styled } else { unified::plain };
        shown.map(text).collect()
    }

    /// How many files repeat the hosts' files for the deliveries, and are not shown.
    fn repeats(&self, changes: &[Change]) -> usize {
        let lines = self.output == Form::Human && !self.stat && !self.name_only && !self.all;
        let shown = changes.iter().filter(|change| of_host(change)).count();
        if lines && shown > 0 { changes.len() - shown } else { 0 }
    }

    fn show_meaning(&self, compared: &Compared) -> Result<(), Fault> {
        let Compared { changes, old, new } = compared;
        let old = match old {
            Ok(old) => old,
            Err(_) if changes.is_empty() => new,
            Err(fault) => return Err(fault.again()),
        };
        let statements = meaning::compare(old, new);
        let notes = meaning::while_applied(old, new);
        let same = format!("the cluster is the same, but not its files: {}", stat::files(changes));
        match self.output {
            Form::Json => {
                let text = json::meaning(&statements, &notes);
                say(&text.map_err(|error| Fault::Internal(error.to_string()))?)?;
            }
            Form::Markdown => say(markdown::meaning(&statements, &notes).trim_start())?,
            Form::Human => {
                let lines: String = statements.iter().map(|one| format!("{one}\n")).collect();
                pager::page(&lines)?;
                notes.iter().for_each(|told| note(&format!("while it is applied: {told}")));
            }
        }
        let drain: Vec<&str> =
            meaning::to_drain(&statements).iter().map(|host| host.as_str()).collect();
        if !drain.is_empty() && self.output == Form::Human {
            note(&format!(
                "before it is rendered: ansible-playbook -i {directory}/ansible/inventory.yml \
                 {directory}/ansible/drain.yml --limit {}",
                drain.join(","),
                directory = self.directory.display()
            ));
        }
        match (statements.is_empty(), changes.is_empty()) {
            (true, true) => {
                note("no differences");
                Ok(())
            }
            (true, false) => {
                note(&same);
                Err(Fault::Findings)
            }
            _ => Err(Fault::Findings),
        }
    }
}

/// Whether a file is one of a host, and none that carries it there.
fn of_host(change: &Change) -> bool {
    change.path.starts_with("hosts/")
}

/// The cluster that a directory was rendered from, by what lies in it.
fn outline_of(directory: &Path) -> Result<Outline, Fault> {
    let path = directory.join(pack::outline::PATH);
    let shown = path.display();
    let help = "compare with `--from REVISION` or `--from-model FILE`";
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Fault::helped(format!("cannot read `{shown}`: {error}"), help))?;
    Outline::parse(&text).map_err(|why| Fault::helped(format!("`{shown}` is damaged: {why}"), help))
}
