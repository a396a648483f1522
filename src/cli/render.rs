//! `lvsgen render`: writes the files of every host.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::fault::Fault;
use super::input::{Input, WithoutModel};
use super::print::{counts, note, say, verbose};
use super::progress::Progress;
use super::rendering::Rendering;
use super::{ModelArgs, former, left, programs, unverified, user_data};
use crate::check::Checked;
use crate::delivery::cloud_init::{self, Unknown};
use crate::delivery::{Delivery, OutputFile, archive, hosts, install};
use crate::diagnostic::{did_you_mean, quoted};
use crate::model::Need;
use crate::output::{self, Counts, Difference, Pending, Purpose, Scope};
use crate::readback::ReadBack;
use crate::render::RenderedHost;
use crate::rollout::Rollout;
use crate::secret::SecretName;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen render                                                 # all hosts, below rendered/\n  lvsgen render --dry-run                                       # the files that would change\n  lvsgen render --host web1 --stdout | ssh root@web1 tar -xC /"
)]
pub(super) struct Render {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    rendering: Rendering,
    /// The directory to write to [default: rendered; beside the model, if that is in a
    /// parent folder]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Write nothing; exit with 1 if a render would change the directory
    #[arg(long, conflicts_with_all = ["stdout", "force", "dry_run"])]
    check: bool,
    /// Write nothing, and print each file that a render would add, change or remove
    #[arg(long, conflicts_with = "stdout")]
    dry_run: bool,
    /// Write no files, and print a tar archive of all hosts' files to stdout. With one `--host`: print an archive
    /// for the root directory of this host. With one `--host` and `--delivery install`: print a shell script that
    /// installs this host. With `--file`: print only this file
    #[arg(long, conflicts_with_all = ["output", "force"])]
    stdout: bool,
    /// With --stdout: print only the file at this path on the host
    #[arg(long, value_name = "PATH", requires = "stdout")]
    file: Option<String>,
    /// Overwrite files that were changed by hand, or that lvsgen did not write
    #[arg(long)]
    force: bool,
    /// With `--delivery`: remove the files of all deliveries that `--delivery` does not name
    #[arg(long, conflicts_with_all = ["stdout", "hosts"])]
    prune: bool,
    #[arg(long, hide = true)]
    format: Option<String>,
}

impl Render {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let began = Instant::now();
        former::refuse_form(self.output.as_deref())?;
        former::refuse(self.format.as_ref(), "--format", "--delivery")?;
        let input = Input::read(&self.model, WithoutModel::Example)?;
        let cluster = input.cluster()?;
        self.rendering.hosts.verify(&cluster)?;
        let (checked, report) = input.checked(&cluster, &self.model)?;
        let read_back = input.render(&checked, &self.model.overlay)?;
        let warnings = counts(&report);
        if !warnings.is_empty() {
            note(&format!("{}: {warnings}; `lvsgen check` shows more", input.source.name()));
        }
        if self.stdout { self.print(&read_back) } else { self.write(&checked, &read_back, began) }
    }

    fn write(
        &self,
        checked: &Checked<'_>,
        read_back: &ReadBack<'_>,
        began: Instant,
    ) -> Result<(), Fault> {
        let output = self.output();
        let deliveries = self.rendering.deliveries(Some(&output))?;
        let files = self.rendering.output(checked, read_back, &deliveries).files;
        // Without `--prune`, the scope has only the rendered deliveries. The files of all other deliveries stay.
        let scope = match self.prune {
            true => Scope { deliveries: Delivery::ALL.to_vec(), ..self.rendering.scope(&[]) },
            false => self.rendering.scope(&deliveries),
        };
        let cluster = read_back.rendered().cluster;
        let pending = output::compare(&output, cluster, &files, &scope, self.purpose())?;
        let kept = pending.kept().to_vec();
        let whole = self.rendering.hosts.hosts.is_empty();
        // The render replaces the summary of the hosts that left.
        let before = left::summary(&output, checked.cluster());
        let left = left::note(before.as_ref(), checked.cluster()).filter(|_| whole);
        let unverified = unverified::note(checked, before.as_ref());
        if self.check {
            return self.judge(&pending, read_back);
        }
        if self.dry_run {
            say(&list(&pending))?;
            note(&self.sentence(read_back, &pending.counts()));
            return self.refusal(&pending);
        }
        let list = verbose().then(|| list(&pending));
        let large = user_data::notes(&pending, &files);
        let progress = Progress::new(began, pending.differences().len());
        let counts = pending.write(&|| progress.step())?;
        drop(progress);
        if counts.resumed {
            note("note: the last render here was interrupted; this render finished it");
        }
        list.iter().chain(&unverified).for_each(|one| note(one));
        note(&self.sentence(read_back, &counts));
        left.iter().for_each(|left| note(left));
        large.iter().for_each(|one| note(one));
        self.report_hosts(checked, read_back);
        if !kept.is_empty() && whole {
            let names = quoted(kept.iter().map(|delivery| delivery.as_str()));
            note(&format!("note: kept the old files of {names}; `--prune` removes them"));
        }
        Ok(())
    }

    /// Reports the things that somebody must know or do before the hosts converge.
    fn report_hosts(&self, checked: &Checked<'_>, read_back: &ReadBack<'_>) {
        self.report_cloud_init(read_back);
        self.report_secrets(read_back);
        self.report_firewalls(checked);
        self.report_programs(checked);
    }

    /// Reports the hosts whose system runs a firewall that lvsgen does not open.
    fn report_firewalls(&self, checked: &Checked<'_>) {
        if checked.cluster().firewall.is_none_or(|asked| asked.value) {
            return;
        }
        let views = checked.resolved().hosts.iter();
        let closed = views.filter(|view| {
            let runs = view.profile.is_some_and(|profile| profile.runs_first(Need::Firewall));
            runs && self.rendering.hosts.mean(&view.host.name)
        });
        let closed: Vec<&str> = closed.map(|view| view.host.name.value.as_str()).collect();
        if !closed.is_empty() {
            note(&format!(
                "note: lvsgen opens no firewall of {} (`firewall: false`): docs/production.md, \"Firewalls\", names the packets \
                 that somebody must let in",
                quoted(closed)
            ));
        }
    }

    /// Reports the TCP ports of the services on which no web server of lvsgen answers.
    fn report_programs(&self, checked: &Checked<'_>) {
        let others = programs::by_user(&checked.resolved().answered(checked.cluster()));
        if !others.is_empty() && self.rendering.hosts.hosts.is_empty() {
            note(&format!(
                "note: your own programs must answer {others}; for pages, add the port to `web: {{ ports: … }}`"
            ));
        }
    }

    /// Reports the secrets that the hosts need before they converge.
    fn report_secrets(&self, read_back: &ReadBack<'_>) {
        let mut hosts: BTreeMap<&SecretName, Vec<&str>> = BTreeMap::new();
        for host in self.rendering.hosts.of(read_back.rendered()) {
            let files = read_back.rendered().files(host);
            let secrets: BTreeSet<_> = files.flat_map(|file| &file.secrets).collect();
            for secret in secrets {
                hosts.entry(secret).or_default().push(host.plan.name.as_str());
            }
        }
        for (secret, hosts) in hosts {
            note(&format!(
                "note: the secret `{secret}` must be in {} (owner root, mode 0600) of {}, before `converge.sh` runs there",
                secret.path(),
                quoted(hosts)
            ));
        }
    }

    /// Reports the hosts that cloud-init cannot set up alone.
    fn report_cloud_init(&self, read_back: &ReadBack<'_>) {
        if !self.rendering.names(Delivery::CloudInit) {
            return;
        }
        let hosts = self.rendering.hosts.of(read_back.rendered());
        let unknown: BTreeSet<Unknown> =
            hosts.iter().flat_map(|host| cloud_init::unknown(&host.plan)).collect();
        let reasons = unknown.into_iter().map(|reason| match reason {
            Unknown::Gateway => "`network` has no `gateway`",
            Unknown::Dns => "`network` has no `dns`",
            Unknown::NicKind => "a bond, a bridge or a VLAN is more than the model describes",
            Unknown::OtherNic => "a host has a NIC that the model does not describe",
        });
        let reasons: Vec<&str> = reasons.collect();
        if !reasons.is_empty() {
            note(&format!(
                "note: hosts without a network-config configure their NICs by the image: {}",
                reasons.join("; ")
            ));
        }
    }

    /// Reports whether a render would change the directory.
    fn judge(&self, pending: &Pending<'_>, read_back: &ReadBack<'_>) -> Result<(), Fault> {
        if !pending.is_stale() {
            note(&format!("{} is up to date: a render changes nothing", self.output().display()));
            return Ok(());
        }
        // Do not count a change of mode bits that Git does not store. `diff` does not count it either.
        let by_git = pending.differences().iter().filter(|one| one.lost_by_git).count();
        let counts = pending.counts();
        let counts = Counts {
            changed: counts.changed - by_git,
            unchanged: counts.unchanged + by_git,
            ..counts
        };
        let would = self.sentence(read_back, &counts);
        note(&format!("{would}; `lvsgen diff` shows the changes"));
        self.refusal(pending)?;
        Err(Fault::Findings)
    }

    fn output(&self) -> PathBuf {
        self.model.output(self.output.as_deref())
    }

    fn writes(&self) -> bool {
        !self.check && !self.dry_run
    }

    fn purpose(&self) -> Purpose {
        match (self.writes(), self.force) {
            (false, _) => Purpose::Look,
            (_, true) => Purpose::Force,
            _ => Purpose::Write,
        }
    }

    /// Reports that a render would write nothing, because files of a person would be lost.
    fn refusal(&self, pending: &Pending<'_>) -> Result<(), Fault> {
        let lost = pending.differences().iter().filter(|one| one.loss.is_some()).count();
        if lost == 0 || self.force {
            return Ok(());
        }
        note(&format!(
            "note: a render would refuse to write, because a person made or changed {lost} of these files; `--force` overwrites them"
        ));
        Err(Fault::Findings)
    }

    fn sentence(&self, read_back: &ReadBack<'_>, counts: &Counts) -> String {
        let counts = [
            (counts.added, "added"),
            (counts.changed, "changed"),
            (counts.removed, "removed"),
            (counts.unchanged, "unchanged"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        let hosts = self.rendering.hosts.of(read_back.rendered()).len();
        let plural = if hosts == 1 { "" } else { "s" };
        let would = if self.writes() { "" } else { "would be " };
        let (output, unread) = (self.output(), unread(read_back));
        let directory = output.display();
        format!(
            "{hosts} host{plural} under {directory}: files {would}{}{unread}",
            counts.join(", ")
        )
    }

    fn print(&self, read_back: &ReadBack<'_>) -> Result<(), Fault> {
        let selected = self.rendering.hosts.of(read_back.rendered());
        let files: Vec<OutputFile> = match (&self.file, selected.as_slice()) {
            (None, [only]) if self.rendering.names(Delivery::Install) => {
                let rollout = Rollout::new(read_back);
                let script = install::script(read_back, &rollout, only.plan.name);
                return say(&script.expect("a selected host is a host of the cluster"));
            }
            (None, several) if self.rendering.names(Delivery::Install) => {
                return Err(Fault::helped(
                    format!("a script is for one host, and {} hosts are selected", several.len()),
                    "select one of them with `--host`",
                ));
            }
            (Some(path), _) => return say(&one_file(read_back, &selected, path)?.contents.text()),
            (None, [only]) => own_root(read_back, only),
            (None, _) => hosts::pack(read_back),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "an archive is no text: `say` cannot print it"
        )]
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            return Err(Fault::helped(
                "a terminal cannot show a tar archive",
                "redirect the archive with `|` or `>`, or select a file with `--file`",
            ));
        }
        stdout.write_all(&archive::pack(&files))?;
        Ok(stdout.flush()?)
    }
}

/// Gives a line for each file that a render adds, changes or removes.
fn list(pending: &Pending<'_>) -> String {
    let differences = pending.differences().iter().filter(|one| !one.lost_by_git);
    let line = |one: &Difference<'_>| {
        let change = match (&one.before, one.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        format!("{change:7}  {}\n", one.path)
    };
    differences.map(line).collect()
}

/// Gives the end of a sentence: the number and the paths of the files for which lvsgen has no reader.
fn unread(read_back: &ReadBack<'_>) -> String {
    /// The largest number of paths that the sentence names.
    const MOST: usize = 3;
    let count = read_back.unread().len();
    if count == 0 {
        return String::new();
    }
    let mut paths: Vec<&str> = read_back.unread().iter().map(String::as_str).collect();
    paths.sort_unstable();
    paths.dedup();
    let more = if paths.len() > MOST { ", …" } else { "" };
    paths.truncate(MOST);
    let plural = if count == 1 { "" } else { "s" };
    format!("; {count} file{plural} not read back: no reader for {}{more}", paths.join(", "))
}

/// Gives the files of a host for an archive that the user unpacks in the root directory of the host. The archive
/// must not overwrite files that belong to the administrator, so these files are left out. A note names each of
/// them.
fn own_root(read_back: &ReadBack<'_>, host: &RenderedHost<'_>) -> Vec<OutputFile> {
    for file in read_back.rendered().files(host).filter(|file| file.is_shared()) {
        let (path, name) = (&file.path, host.plan.name);
        note(&format!(
            "note: the archive has no {path}, because this file belongs to the administrator: add \
             lvsgen's block to it (`lvsgen render --host {name} --stdout --file {path}` prints it)"
        ));
    }
    archive::own_root(read_back, host)
}

fn one_file(
    read_back: &ReadBack<'_>,
    selected: &[&RenderedHost<'_>],
    path: &str,
) -> Result<OutputFile, Fault> {
    let files = selected.iter().flat_map(|host| hosts::pack_root(read_back, host));
    let mut files: Vec<OutputFile> = files.collect();
    let all: std::collections::BTreeSet<String> =
        files.iter().map(|file| format!("/{}", file.path)).collect();
    files.retain(|file| path.strip_prefix('/') == Some(&file.path));
    match (files.len(), files.pop()) {
        (1, Some(file)) => Ok(file),
        (_, None) => {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let help = did_you_mean(path, all.iter().copied());
            let list = || format!("the files are {}", all.join(", "));
            let message = format!("no selected host has a file `{}`", path.escape_debug());
            Err(Fault::helped(message, help.unwrap_or_else(list)))
        }
        (count, _) => Err(Fault::helped(
            format!("{count} hosts have a file `{path}`"),
            "select one of them with `--host`",
        )),
    }
}
