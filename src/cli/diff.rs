//! `lvsgen diff`: shows the changes that a render would make.

mod root;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::fault::Fault;
use super::input::{Input, WithoutModel, read_model};
use super::print::{columns_of, note, say_raw};
use super::rendering::Rendering;
use super::{ModelArgs, former, git, left, pager};
use crate::check::Checked;
use crate::delivery::{Delivery, summary};
use crate::diff::{self, Change, Side, glance, json, markdown, meaning, stat, unified};
use crate::model::ClusterName;
use crate::output::{self, Purpose};
use crate::pipeline::Output;
use crate::readback::ReadBack;
use crate::rollout::Rollout;
use crate::source::Source;
use crate::summary::{Summary, SummaryError};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen diff               # files, since the last render\n  lvsgen diff --semantic    # the cluster, with the effects on traffic\n  lvsgen diff --from HEAD~1 --to HEAD --semantic --format markdown"
)]
pub(super) struct Diff {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    rendering: Rendering,
    /// The directory to compare with: the output directory of `render` [default: rendered; beside the model, if that is
    /// in a parent folder]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Compare with the model at this Git revision instead of the directory
    #[arg(long, value_name = "REVISION", conflicts_with = "output")]
    from: Option<String>,
    /// With `--from`: take the new model from this Git revision instead of the current file
    #[arg(long, value_name = "REVISION", requires = "from")]
    to: Option<String>,
    /// Compare with another model instead of the directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "from"])]
    from_model: Option<PathBuf>,
    /// Compare with the file system of one host. DIR is the root directory of the host: a mounted image, a
    /// container, or `/` on the host itself. lvsgen compares only the files and directories that it would install
    #[arg(long, value_name = "DIR", requires = "hosts", conflicts_with_all = ["output", "from", "from_model", "deliveries", "semantic"])]
    root: Option<PathBuf>,
    /// Show the changes of the cluster instead of the changes of the files
    #[arg(long, conflicts_with_all = ["stat", "name_only", "all", "hosts"])]
    semantic: bool,
    /// Show how many lines change in each file
    #[arg(long, conflicts_with = "name_only")]
    stat: bool,
    /// Show only the names of the files
    #[arg(long)]
    name_only: bool,
    /// Show the changed lines of all files. Without this option, lvsgen leaves out the files of deliveries that
    /// only repeat the changes of the hosts' files
    #[arg(long)]
    all: bool,
    /// The format of the differences
    #[arg(long = "format", value_parser = former::NotDeliveries::<DiffFormat>::new(), default_value = "human", conflicts_with_all = ["stat", "name_only"])]
    form: DiffFormat,
    #[arg(long, hide = true)]
    rendered: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people: a unified diff, which `git apply` accepts
    #[default]
    Human,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// The two sides of a comparison, and their differences.
struct Compared<'r> {
    changes: Vec<Change>,
    /// The old cluster. None if its summary must be read from the directory.
    old: Option<Summary>,
    new: Summary,
    /// The rollout of the new cluster.
    rollout: Rollout<'r>,
}

impl Diff {
    pub(super) fn run(&self) -> Result<(), Fault> {
        // Refuse the options of version 0.1 first. Otherwise `--output json` would name a directory `json`.
        former::refuse_form(self.output.as_deref())?;
        former::refuse(self.rendered.as_ref(), "--rendered", "--output")?;
        let path = self.model.model.as_deref();
        let input = match &self.to {
            Some(revision) => Input::of(git::model(revision, path)?, &self.model)?,
            None => Input::read(&self.model, WithoutModel::Refuse)?,
        };
        // The command may read two models, so each fault names its model.
        let named = |fault| not_right(fault, &input);
        let cluster = input.cluster().map_err(named)?;
        self.rendering.hosts.verify(&cluster)?;
        let (checked, _) = input.checked(&cluster, &self.model).map_err(named)?;
        let read_back = input.render(&checked, &self.model.overlay)?;
        if let Some(root) = &self.root {
            return self.show_root(root, &read_back);
        }
        let two_models = self.from.is_some() || self.from_model.is_some();
        let whole = !two_models && self.rendering.hosts.hosts.is_empty();
        let compared = match two_models {
            true => {
                // Two models are compared, so the deliveries in the directory do not matter.
                let deliveries = self.rendering.deliveries(None)?;
                let old = self.before(path, &deliveries, &cluster.name)?;
                let new = self.rendering.output(&checked, &read_back, &deliveries);
                let changes = diff::compare(&old.files, &new.files);
                let rollout = Rollout::new(&read_back);
                Compared { changes, old: Some(old.summary), new: new.summary, rollout }
            }
            false => self.with_directory(&checked, &read_back)?,
        };
        let shown = match self.semantic {
            true => self.show_meaning(&compared),
            false => self.show(&compared),
        };
        if whole {
            let before = left::summary(&self.output(), &cluster);
            left::note(before.as_ref(), &cluster).iter().for_each(|left| note(left));
        }
        shown
    }

    /// Renders the old model. A revision without the model gives nothing: the whole cluster is new.
    fn before(
        &self,
        path: Option<&Path>,
        deliveries: &[Delivery],
        cluster: &ClusterName,
    ) -> Result<Output, Fault> {
        let source = match (&self.from, &self.from_model) {
            (Some(revision), _) if git::is_before_model(revision, path)? => {
                note(&format!("note: `{revision}` has no model yet, so the whole cluster is new"));
                return Ok(Output { files: Vec::new(), summary: Summary::empty(cluster) });
            }
            (Some(revision), _) => git::model(revision, path)?,
            (_, Some(path)) => read_model(path)?,
            (None, None) => return Err(Fault::Internal("there is no older model".to_owned())),
        };
        self.render(source, deliveries)
    }

    /// Renders a model that is not the current one.
    fn render(&self, source: Source, deliveries: &[Delivery]) -> Result<Output, Fault> {
        let input = Input::of(source, &self.model)?;
        let named = |fault| not_right(fault, &input);
        let cluster = input.cluster().map_err(named)?;
        let (checked, _) = input.checked(&cluster, &self.model).map_err(named)?;
        let read_back = input.render(&checked, &self.model.overlay)?;
        Ok(self.rendering.output(&checked, &read_back, deliveries))
    }

    fn output(&self) -> PathBuf {
        self.model.output(self.output.as_deref())
    }

    fn with_directory<'r>(
        &self,
        checked: &Checked<'_>,
        read_back: &'r ReadBack<'r>,
    ) -> Result<Compared<'r>, Fault> {
        let output = self.output();
        let deliveries = self.rendering.deliveries(Some(&output))?;
        let scope = self.rendering.scope(&deliveries);
        let Output { files, summary } = self.rendering.output(checked, read_back, &deliveries);
        let cluster = read_back.rendered().cluster;
        let pending = output::compare(&output, cluster, &files, &scope, Purpose::Look)?;
        let shown = pending.differences().iter().filter(|one| !one.lost_by_git);
        let changes = shown.map(|one| Change {
            path: one.path.to_string(),
            owner: one.owner.clone(),
            before: one
                .before
                .as_ref()
                .map(|present| Side::of(present.mode, String::from_utf8_lossy(&present.contents))),
            after: one.after.map(|file| Side::of(file.mode, file.contents.text())),
            by_hand: one.loss.is_some(),
        });
        let changes: Vec<Change> = changes.collect();
        Ok(Compared { changes, old: None, new: summary, rollout: Rollout::new(read_back) })
    }

    /// Gives the summary of the old cluster. Reads it from the directory if no old model was rendered.
    fn old<'a>(&self, compared: &'a Compared<'_>) -> Result<Cow<'a, Summary>, Fault> {
        match &compared.old {
            Some(old) => Ok(Cow::Borrowed(old)),
            None => summary_of(&self.output()).map(Cow::Owned),
        }
    }

    fn show(&self, compared: &Compared<'_>) -> Result<(), Fault> {
        let Compared { changes, new, rollout, .. } = compared;
        let text = match self.form {
            DiffFormat::Json => json::files(changes)?,
            DiffFormat::Markdown => {
                // The Markdown text describes the changes of the cluster only if the summary of the old cluster
                // is known, and the command has no `--host`.
                let known = self.old(compared).ok();
                let known = known.filter(|_| self.rendering.hosts.hosts.is_empty());
                let statements = known.map(|old| meaning::compare(&old, new)).unwrap_or_default();
                let steps = meaning::steps(changes, rollout);
                markdown::comment(None, changes, &statements, &steps)
            }
            DiffFormat::Human => self.text(changes),
        };
        if changes.is_empty() {
            if self.form != DiffFormat::Human {
                say_raw(&text)?;
            }
            note("no differences");
            return Ok(());
        }
        pager::page(&text)?;
        match self.repeats(changes) {
            0 => {}
            1 => note("note: 1 file of a delivery repeats these changes; `--all` shows its lines"),
            count => note(&format!(
                "note: {count} files of deliveries repeat these changes; `--all` shows their \
                 lines, `--name-only` shows their names"
            )),
        }
        by_hand(changes);
        Err(Fault::Findings)
    }

    fn text(&self, changes: &[Change]) -> String {
        match (self.stat, self.name_only) {
            (true, _) => stat::table(changes),
            (_, true) => stat::names(changes),
            _ => self.lines(changes),
        }
    }

    /// Gives the changed lines of the files. Files of deliveries are left out if they repeat the changes of the
    /// hosts' files.
    fn lines(&self, changes: &[Change]) -> String {
        let repeats = self.repeats(changes);
        let shown = changes.iter().filter(|change| repeats == 0 || of_host(change));
        let text = if colour() { unified::styled } else { unified::plain };
        shown.map(text).collect()
    }

    /// Counts the files that are left out, because they repeat the changes of the hosts' files.
    fn repeats(&self, changes: &[Change]) -> usize {
        let lines = self.form == DiffFormat::Human && !self.stat && !self.name_only && !self.all;
        let shown = changes.iter().filter(|change| of_host(change)).count();
        if lines && shown > 0 { changes.len() - shown } else { 0 }
    }

    fn show_meaning(&self, compared: &Compared<'_>) -> Result<(), Fault> {
        let Compared { changes, new, rollout, .. } = compared;
        // If no file differs, the old cluster equals the new cluster. The old summary is then not needed.
        let old = if changes.is_empty() { Cow::Borrowed(new) } else { self.old(compared)? };
        let statements = meaning::compare(&old, new);
        let steps = meaning::steps(changes, rollout);
        match self.form {
            DiffFormat::Json => say_raw(&json::meaning(&statements, &steps)?)?,
            DiffFormat::Markdown => say_raw(markdown::meaning(&statements, &steps).trim_start())?,
            DiffFormat::Human => pager::page(&glance::lines(&statements, &steps, screen()))?,
        }
        match (statements.is_empty(), changes.is_empty()) {
            (true, true) => {
                note("no differences");
                return Ok(());
            }
            (true, false) => {
                let (files, few) = (stat::files(changes), changes.iter().take(3));
                let few: Vec<&str> = few.map(|change| change.path.as_str()).collect();
                let few = few.join(", ");
                note(&format!("the cluster does not change, but {files}: {few} …"));
            }
            _ => {}
        }
        if self.form == DiffFormat::Human {
            self.advise_draining(&statements);
        }
        by_hand(changes);
        Err(Fault::Findings)
    }

    /// Prints the command that drains hosts before the next render. Prints nothing if no host must be drained,
    /// if the directory has no playbook for draining, or if the command compares two models.
    fn advise_draining(&self, statements: &[meaning::Statement]) {
        let drain: Vec<&str> =
            meaning::to_drain(statements).into_iter().map(|host| host.as_str()).collect();
        let output = self.output();
        let play = output.join("ansible/drain.yml");
        if drain.is_empty() || self.from.is_some() || self.from_model.is_some() || !play.is_file() {
            return;
        }
        let (directory, hosts) = (output.display(), drain.join(","));
        note(&format!(
            "before you render, drain these hosts in all their services: ansible-playbook \
             -i {directory}/ansible/inventory.yml {directory}/ansible/drain.yml --limit {hosts}"
        ));
    }
}

fn screen() -> glance::Screen {
    glance::Screen { colour: colour(), columns: columns_of(anstream::stdout().into_inner()) }
}

fn colour() -> bool {
    anstream::stdout().current_choice() != ColorChoice::Never
}

/// Reports the files that a render would refuse to overwrite.
fn by_hand(changes: &[Change]) {
    let count = changes.iter().filter(|change| change.by_hand).count();
    if count > 0 {
        note(&format!(
            "note: a render would refuse to write, because a person made or changed {count} of \
             these files"
        ));
    }
}

/// Whether a file belongs to the tree of a host, and not to a delivery.
fn of_host(change: &Change) -> bool {
    change.owner.is_tree()
}

/// Turns findings into a usage fault with exit code 2. Exit code 1 would mean that the files differ.
fn not_right(fault: Fault, input: &Input) -> Fault {
    match fault {
        Fault::Findings => {
            let name = input.source.name();
            Fault::usage(format!("`{name}` has errors, so it cannot be compared"))
        }
        other => other,
    }
}

/// Reads the summary in a directory. The summary describes the cluster from which the files in this directory
/// were rendered.
fn summary_of(directory: &Path) -> Result<Summary, Fault> {
    let path = directory.join(summary::PATH);
    let shown = path.display();
    let help = "compare with `--from REVISION` or `--from-model FILE`";
    let text = std::fs::read_to_string(&path).map_err(|error| {
        // A render with `--host` writes no summary.
        let help = format!("render all hosts once, or {help}");
        Fault::helped(format!("cannot read `{shown}`: {error}"), help)
    })?;
    Summary::parse(&text).map_err(|error| match error {
        SummaryError::Newer(format) => Fault::helped(
            format!("`{shown}` was written by a newer lvsgen (format {format})"),
            "use the newer lvsgen, or compare with `--from REVISION`",
        ),
        SummaryError::Damaged(why) => Fault::helped(format!("`{shown}` is damaged: {why}"), help),
    })
}
