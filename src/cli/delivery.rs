//! What a render consists of: the one way from a model to files, for every command that has files.

use clap::{Args, ValueEnum};

use super::fault::{Fault, counts};
use super::input::{Input, proven, templates};
use super::{HostArgs, ModelArgs};
use crate::artifact::Bundle;
use crate::check::Checked;
use crate::model::{ClusterName, HostName};
use crate::outline::Outline;
use crate::output::Scope;
use crate::pack::{self, OutputFile, ansible, archive, cloud_init, hosts, outline, verify};
use crate::plan::Plan;

#[derive(Debug, Args)]
pub(super) struct Delivery {
    #[command(flatten)]
    pub(super) hosts: HostArgs,
    /// What there is beside the hosts' trees; may be given more than once, and what an earlier
    /// render wrote for others is removed [default: ansible, cloud-init, verify]
    #[arg(long = "format", value_name = "FORMAT", value_enum)]
    formats: Vec<Format>,
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

/// What came out of a model.
pub(super) struct Rendered {
    pub(super) cluster: ClusterName,
    /// The hosts that were asked for.
    pub(super) bundles: Vec<Bundle>,
    /// Their files, sorted by path.
    pub(super) files: Vec<OutputFile>,
    pub(super) outline: Outline,
    /// How many warnings there are; empty where there are none.
    pub(super) warnings: String,
}

impl Delivery {
    /// Renders the hosts that are meant, and proves all.
    pub(super) fn render(&self, input: &Input, args: &ModelArgs) -> Result<Rendered, Fault> {
        let templates = templates(&args.overlay)?;
        input.with_checked(args, |checked, report| {
            self.hosts.verify(checked.cluster())?;
            // All hosts, also where one is asked for: its part of the deliveries speaks of others.
            let plan = Plan::new(checked);
            let mut bundles = proven(checked, &plan, &templates, &args.overlay)?;
            let outline = Outline::new(&plan);
            let files = self.pack(checked, &plan, &outline, &bundles).map_err(Fault::Internal)?;
            bundles.retain(|bundle| self.hosts.mean(&bundle.host));
            let cluster = checked.cluster().name.value.clone();
            Ok(Rendered { cluster, bundles, files, outline, warnings: counts(report) })
        })
    }

    /// What of a directory such a render speaks for.
    pub(super) fn scope(&self) -> Scope {
        match self.hosts.hosts.as_slice() {
            [] => Scope::Everything,
            hosts => Scope::Below(hosts.iter().flat_map(pack::own_paths).collect()),
        }
    }

    /// Every file of every delivery that was asked for.
    fn pack(
        &self,
        checked: &Checked<'_>,
        plan: &Plan<'_>,
        outline: &Outline,
        bundles: &[Bundle],
    ) -> Result<Vec<OutputFile>, String> {
        let mut files = hosts::pack(bundles);
        files.push(outline::pack(outline)?);
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
        let of = |host: &HostName, file: &OutputFile| {
            pack::own_paths(host).iter().any(|own| file.path.starts_with(own))
        };
        let asked = &self.hosts.hosts;
        files.retain(|file| asked.is_empty() || asked.iter().any(|host| of(host, file)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup();
        Ok(files)
    }
}
