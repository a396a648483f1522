//! `lvsgen render`: writes every host's files.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::ModelArgs;
use super::delivery::{Delivery, Rendered};
use super::fault::{Fault, note, say};
use super::input::Input;
use super::progress::Progress;
use crate::artifact::Bundle;
use crate::output::{self, Purpose, Summary};
use crate::pack::{OutputFile, archive, hosts};

#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    delivery: Delivery,
    /// The directory to write to
    #[arg(short, long, value_name = "DIR", default_value = "rendered")]
    output: PathBuf,
    /// Write nothing, and exit with 1 where the directory is not what a render would make of it
    #[arg(long, conflicts_with_all = ["stdout", "force"])]
    check: bool,
    /// Print instead of writing: the file itself where one is selected, or else a tar archive (of
    /// the host's root directory where one host is selected)
    #[arg(long, conflicts_with_all = ["output", "force"])]
    stdout: bool,
    /// With --stdout: only the file at this path of its host
    #[arg(long, value_name = "PATH", requires = "stdout")]
    file: Option<String>,
    /// Give up files that were changed by hand, or made by somebody else
    #[arg(long)]
    force: bool,
}

impl Render {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let began = Instant::now();
        let input = Input::read(&self.model)?;
        let rendered = self.delivery.render(&input, &self.model)?;
        if !rendered.warnings.is_empty() {
            let (name, warnings) = (input.source.name(), &rendered.warnings);
            note(&format!("{name}: {warnings}; `lvsgen check` shows more"));
        }
        if self.stdout { self.print(&rendered.bundles) } else { self.write(&rendered, began) }
    }

    fn write(&self, rendered: &Rendered, began: Instant) -> Result<(), Fault> {
        let Rendered { cluster, bundles, files, .. } = rendered;
        let scope = self.delivery.scope();
        let purpose = match (self.check, self.force) {
            (true, _) => Purpose::Look,
            (_, true) => Purpose::Force,
            _ => Purpose::Write,
        };
        let pending = output::compare(&self.output, cluster, files, &scope, purpose)?;
        if self.check {
            if !pending.is_stale() {
                note(&format!("{} is what a render would make", self.output.display()));
                return Ok(());
            }
            let would = self.sentence(bundles.len(), &pending.summary());
            note(&format!("{would}; `lvsgen diff` shows what would change"));
            let lost = pending.differences().iter().filter(|one| one.loss.is_some()).count();
            if lost > 0 {
                note(&format!(
                    "note: a render refuses to write: {lost} of them were changed by hand"
                ));
            }
            return Err(Fault::Findings);
        }
        let progress = Progress::new(began, pending.differences().len());
        let summary = pending.write(&|| progress.step())?;
        drop(progress);
        if summary.resumed {
            note("note: the last render here was cut off; this one finished it");
        }
        note(&self.sentence(bundles.len(), &summary));
        Ok(())
    }

    fn sentence(&self, hosts: usize, summary: &Summary) -> String {
        let counts = [
            (summary.added, "added"),
            (summary.changed, "changed"),
            (summary.removed, "removed"),
            (summary.unchanged, "unchanged"),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
        let plural = if hosts == 1 { "" } else { "s" };
        let would = if self.check { "would be " } else { "" };
        let directory = self.output.display();
        format!("{hosts} host{plural} under {directory}: files {would}{}", told.join(", "))
    }

    fn print(&self, bundles: &[Bundle]) -> Result<(), Fault> {
        let files: Vec<OutputFile> = match (&self.file, bundles) {
            (Some(path), _) => return say(&one_file(bundles, path)?.contents),
            (None, [only]) => own_root(only),
            (None, _) => hosts::pack(bundles),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "an archive is no text: `say` cannot print it"
        )]
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            return Err(Fault::helped(
                "a tar archive is nothing for a terminal",
                "send it on with `|` or `>`, or select a file with `--file`",
            ));
        }
        let archive = archive::pack(&files)?;
        stdout.write_all(&archive)?;
        Ok(stdout.flush()?)
    }
}

/// A host's files as they may be laid over its root: what belongs to the administrator, and would
/// be overwritten there, is left out and told.
fn own_root(bundle: &Bundle) -> Vec<OutputFile> {
    let shared = bundle.artifacts().filter(|artifact| artifact.shared);
    let shared: Vec<&str> = shared.map(|artifact| artifact.path.as_str()).collect();
    for path in &shared {
        note(&format!(
            "note: {path} is left out, since the file is the administrator's: add lvsgen's block to \
             it, which `lvsgen render --host {} --stdout --file {path}` prints",
            bundle.host
        ));
    }
    archive::own_root(bundle)
}

fn one_file(bundles: &[Bundle], path: &str) -> Result<OutputFile, Fault> {
    let found = bundles.iter().flat_map(|bundle| {
        let own = hosts::pack_root(bundle).into_iter();
        own.filter(|file| path.strip_prefix('/').is_some_and(|path| path == file.path))
            .map(|file| (&bundle.host, file))
    });
    let mut found: Vec<_> = found.collect();
    match (found.len(), found.pop()) {
        (1, Some((_, file))) => Ok(file),
        (_, None) => {
            let all: std::collections::BTreeSet<&str> =
                bundles.iter().flat_map(Bundle::artifacts).map(|one| one.path.as_str()).collect();
            let help = crate::diagnostic::did_you_mean(path, all.iter().copied());
            let list =
                || format!("the files are {}", all.iter().copied().collect::<Vec<_>>().join(", "));
            let message = format!("no selected host has a file `{}`", path.escape_debug());
            Err(Fault::helped(message, help.unwrap_or_else(list)))
        }
        (count, _) => Err(Fault::helped(
            format!("{count} hosts have a file `{path}`"),
            "select one of them with `--host`",
        )),
    }
}
