//! `lvsgen render`: writes every host's files.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::fault::{Fault, counts, note, say};
use super::input::{Input, proven, templates};
use super::{HostArgs, ModelArgs};
use crate::artifact::Bundle;
use crate::check::Checked;
use crate::model::{ClusterName, HostName};
use crate::output::{self, Scope, Summary};
use crate::pack::{OutputFile, ansible, archive, cloud_init, hosts, verify};
use crate::plan::Plan;

#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    hosts: HostArgs,
    /// The directory to write to
    #[arg(short, long, value_name = "DIR", default_value = "rendered")]
    output: PathBuf,
    /// What to write beside the hosts' trees; may be given more than once, and what an earlier
    /// render wrote for others is removed [default: ansible, cloud-init, verify]
    #[arg(long = "format", value_name = "FORMAT", value_enum)]
    formats: Vec<Format>,
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

/// A form of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Playbooks, an inventory, each host's data
    Ansible,
    /// For each host what a NoCloud source hands it
    CloudInit,
    /// A tar archive of each host's root directory
    Tar,
    /// Scripts that look whether a cluster does what it is for
    Verify,
    /// Nothing else
    None,
}

impl Render {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model)?;
        let templates = templates(&self.model.overlay)?;
        let (cluster, bundles, files) = input.with_checked(&self.model, |checked, report| {
            self.hosts.verify(checked.cluster())?;
            // All hosts, also where one is asked for: its part of the deliveries speaks of others.
            let plan = Plan::new(checked);
            let mut bundles = proven(checked, &plan, &templates, &self.model.overlay)?;
            if !report.is_empty() {
                let (name, counts) = (input.source.name(), counts(report));
                note(&format!("{name}: {counts}; `lvsgen check` shows more"));
            }
            let files = self.pack(checked, &plan, &bundles).map_err(Fault::Internal)?;
            bundles.retain(|bundle| self.hosts.mean(&bundle.host));
            Ok((checked.cluster().name.value.clone(), bundles, files))
        })?;
        if self.stdout { self.print(&bundles) } else { self.write(&cluster, &bundles, &files) }
    }

    /// Every file of every delivery that was asked for.
    fn pack(
        &self,
        checked: &Checked<'_>,
        plan: &Plan<'_>,
        bundles: &[Bundle],
    ) -> Result<Vec<OutputFile>, String> {
        let mut files = hosts::pack(bundles);
        let usual = [Format::Ansible, Format::CloudInit, Format::Verify];
        let formats = if self.formats.is_empty() { &usual[..] } else { &self.formats };
        for format in formats {
            files.extend(match format {
                Format::Ansible => ansible::pack(plan, bundles)?,
                Format::CloudInit => cloud_init::pack(checked.cluster(), plan, bundles)?,
                Format::Tar => archive::each(bundles)?,
                Format::Verify => verify::pack(checked, plan, bundles),
                Format::None => Vec::new(),
            });
        }
        let only = |file: &OutputFile| {
            let own =
                |host: &HostName| own_paths(host).iter().any(|own| file.path.starts_with(own));
            self.hosts.hosts.is_empty() || self.hosts.hosts.iter().any(own)
        };
        files.retain(only);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup();
        Ok(files)
    }

    fn write(
        &self,
        cluster: &ClusterName,
        bundles: &[Bundle],
        files: &[OutputFile],
    ) -> Result<(), Fault> {
        let scope = match self.hosts.hosts.as_slice() {
            [] => Scope::Everything,
            hosts => Scope::Below(hosts.iter().flat_map(own_paths).collect()),
        };
        let summary = output::write(&self.output, cluster, files, &scope, self.force)?;
        if summary.resumed {
            note("note: the last render here was cut off; this one finished it");
        }
        note(&self.sentence(bundles.len(), &summary));
        Ok(())
    }

    fn sentence(&self, hosts: usize, summary: &Summary) -> String {
        let counts = [
            (summary.added.len(), "added"),
            (summary.changed.len(), "changed"),
            (summary.removed.len(), "removed"),
            (summary.unchanged, "unchanged"),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
        let plural = if hosts == 1 { "" } else { "s" };
        format!("{hosts} host{plural} under {}: files {}", self.output.display(), told.join(", "))
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

/// What belongs to one host alone: a render of that host touches nothing else.
fn own_paths(host: &HostName) -> Vec<String> {
    vec![
        format!("ansible/host_vars/{host}.yml"),
        format!("cloud-init/{host}/"),
        format!("hosts/{host}/"),
        format!("tar/{host}.tar"),
        format!("verify/{host}.sh"),
    ]
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
