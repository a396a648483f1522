//! `lvsgen diff`: shows what a render would change.

mod root;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::delivery::{Delivery, Rendered};
use super::fault::{Fault, note, say_raw};
use super::input::{Input, read_model};
use super::{ModelArgs, git, pager};
use crate::artifact::Bundle;
use crate::diff::{self, Change, Side, json, markdown, meaning, stat, unified};
use crate::outline::Outline;
use crate::output::{self, Purpose};
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
    /// With `--from`: compare it with what the model was at this revision, and not with the model
    /// as it is
    #[arg(long, value_name = "REVISION", requires = "from")]
    to: Option<String>,
    /// Compare with another model, and not with the directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["directory", "from"])]
    from_model: Option<PathBuf>,
    /// Compare with the files of a host below this directory: a mounted image, a container, `/` on
    /// the host itself. Only what lvsgen would own is looked at
    #[arg(long, value_name = "DIR", requires = "hosts", conflicts_with_all = ["directory", "from", "from_model", "formats", "semantic"])]
    root: Option<PathBuf>,
    /// Show what changes in the cluster, rather than in the files
    #[arg(long, conflicts_with_all = ["stat", "name_only", "all", "hosts"])]
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
    /// The cluster as it was; none where the directory tells it.
    old: Option<Outline>,
    new: Outline,
    /// The hosts as they would be.
    bundles: Vec<Bundle>,
}

impl Diff {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let path = self.model.model.as_deref();
        let input = match &self.to {
            Some(revision) => Input::of(git::model(revision, path)?, &self.model)?,
            None => Input::read(&self.model)?,
        };
        let rendered = self.render(&input)?;
        if let Some(root) = &self.root {
            return self.show_root(root, &rendered);
        }
        let before = match (&self.from, &self.from_model) {
            (Some(revision), _) => Some(git::model(revision, path)?),
            (_, Some(path)) => Some(read_model(path)?),
            (None, None) => None,
        };
        let compared = match before {
            Some(source) => {
                let old = self.render(&Input::of(source, &self.model)?)?;
                let changes = diff::compare(&old.files, &rendered.files);
                let Rendered { outline, bundles, .. } = rendered;
                Compared { changes, old: Some(old.outline), new: outline, bundles }
            }
            None => self.with_directory(rendered)?,
        };
        if self.semantic { self.show_meaning(&compared) } else { self.show(&compared) }
    }

    /// Renders a model. One that is not right is no difference, and must not look like one.
    fn render(&self, input: &Input) -> Result<Rendered, Fault> {
        self.delivery.render(input, &self.model).map_err(|fault| match fault {
            Fault::Findings => {
                let name = input.source.name();
                Fault::usage(format!("`{name}` is not right, and nothing compares with it"))
            }
            other => other,
        })
    }

    fn with_directory(&self, rendered: Rendered) -> Result<Compared, Fault> {
        let Rendered { cluster, files, outline, bundles, .. } = rendered;
        let scope = self.delivery.scope();
        let pending = output::compare(&self.directory, &cluster, &files, &scope, Purpose::Look)?;
        let told = pending.differences().iter().filter(|one| !one.lost_by_git);
        let changes = told.map(|one| Change {
            path: one.path.to_string(),
            before: one
                .before
                .as_ref()
                .map(|present| Side::of(present.mode, String::from_utf8_lossy(&present.contents))),
            after: one.after.map(|file| Side::of(file.mode, &*file.contents)),
            by_hand: one.loss.is_some(),
        });
        let changes: Vec<Change> = changes.collect();
        Ok(Compared { changes, old: None, new: outline, bundles })
    }

    /// The cluster as it was.
    fn old<'a>(&self, compared: &'a Compared) -> Result<Cow<'a, Outline>, Fault> {
        match &compared.old {
            Some(old) => Ok(Cow::Borrowed(old)),
            None => outline_of(&self.directory).map(Cow::Owned),
        }
    }

    fn show(&self, compared: &Compared) -> Result<(), Fault> {
        let Compared { changes, new, bundles, .. } = compared;
        let text = match self.output {
            Form::Json => json::files(changes)?,
            Form::Markdown => {
                // Where nothing is known of the old cluster, or one host is asked for, the files
                // alone speak.
                let known = self.old(compared).ok();
                let known = known.filter(|_| self.delivery.hosts.hosts.is_empty());
                let told = known.map(|old| meaning::compare(&old, new)).unwrap_or_default();
                let steps = meaning::steps(changes, bundles);
                markdown::comment(None, changes, &told, &steps)
            }
            Form::Human => self.text(changes),
        };
        if changes.is_empty() {
            if self.output != Form::Human {
                say_raw(&text)?;
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
        let Compared { changes, new, bundles, .. } = compared;
        // Without any difference it is the same cluster, told or not.
        let old = if changes.is_empty() { Cow::Borrowed(new) } else { self.old(compared)? };
        let statements = meaning::compare(&old, new);
        let steps = meaning::steps(changes, bundles);
        match self.output {
            Form::Json => say_raw(&json::meaning(&statements, &steps)?)?,
            Form::Markdown => say_raw(markdown::meaning(&statements, &steps).trim_start())?,
            Form::Human => {
                let lines: String = statements.iter().map(|one| format!("{one}\n")).collect();
                pager::page(&lines)?;
            }
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
                note(&format!("no host and no service changes, but {files}: {few} …"));
            }
            _ => {}
        }
        if self.output == Form::Human {
            steps.iter().for_each(|step| note(&format!("while it is applied: {step}")));
            self.advise_draining(&statements);
        }
        by_hand(changes);
        Err(Fault::Findings)
    }

    /// Says how hosts are drained, where what lies in the directory can do it.
    fn advise_draining(&self, statements: &[meaning::Statement]) {
        let drain: Vec<&str> =
            meaning::to_drain(statements).into_iter().map(|host| host.as_str()).collect();
        let play = self.directory.join("ansible/drain.yml");
        if drain.is_empty() || self.from.is_some() || self.from_model.is_some() || !play.is_file() {
            return;
        }
        let (directory, hosts) = (self.directory.display(), drain.join(","));
        note(&format!(
            "before it is rendered, out of all their services: ansible-playbook \
             -i {directory}/ansible/inventory.yml {directory}/ansible/drain.yml --limit {hosts}"
        ));
    }
}

/// Tells of files that a render would refuse to overwrite.
fn by_hand(changes: &[Change]) {
    let count = changes.iter().filter(|change| change.by_hand).count();
    if count > 0 {
        note(&format!(
            "note: changed by hand, so that a render refuses to write: {count} of the files"
        ));
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
