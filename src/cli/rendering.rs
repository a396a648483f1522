//! The hosts and deliveries of a command that has files.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::HostArgs;
use super::fault::Fault;
use crate::check::Checked;
use crate::delivery::Delivery;
use crate::model::HostName;
use crate::output::{self, Scope};
use crate::pipeline::Output;
use crate::readback::ReadBack;
use crate::render::{Rendered, RenderedHost};

#[derive(Debug, Args)]
pub(super) struct Rendering {
    #[command(flatten)]
    pub(super) hosts: HostArgs,
    /// The deliveries beside the hosts' trees, as a list with commas [default: those that are in the
    /// directory already, or else ansible,cloud-init,verify]
    #[arg(long = "delivery", value_name = "LIST", value_enum, value_delimiter = ',')]
    deliveries: Vec<DeliveryArg>,
}

/// A delivery, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DeliveryArg {
    /// Playbooks, an inventory, and each host's data
    Ansible,
    /// For each host the documents of a NoCloud source
    CloudInit,
    /// A tar archive of each host's root directory
    Tar,
    /// Scripts that ask whether a cluster does its work
    Verify,
    /// The hosts' trees alone
    None,
}

impl DeliveryArg {
    fn delivery(self) -> Option<Delivery> {
        match self {
            Self::Ansible => Some(Delivery::Ansible),
            Self::CloudInit => Some(Delivery::CloudInit),
            Self::Tar => Some(Delivery::Tar),
            Self::Verify => Some(Delivery::Verify),
            Self::None => None,
        }
    }
}

impl Rendering {
    /// The deliveries of a render to a directory: those of the command line, or those that the directory
    /// has, or the default for a new directory.
    pub(super) fn deliveries(&self, directory: Option<&Path>) -> Result<Vec<Delivery>, Fault> {
        let mut asked: Vec<Delivery> =
            self.deliveries.iter().filter_map(|one| one.delivery()).collect();
        if !asked.is_empty() && self.deliveries.contains(&DeliveryArg::None) {
            return Err(Fault::helped(
                "`--delivery` names `none` beside a delivery",
                "write `none` alone, or leave it out",
            ));
        }
        asked.sort_unstable();
        asked.dedup();
        if !self.deliveries.is_empty() {
            return Ok(asked);
        }
        let present = directory.map(output::deliveries).transpose()?.flatten();
        Ok(present.unwrap_or_else(|| Delivery::DEFAULT.to_vec()))
    }

    /// The part of a directory that such a render replaces.
    pub(super) fn scope(&self, deliveries: &[Delivery]) -> Scope {
        Scope { hosts: self.hosts.hosts.clone(), deliveries: deliveries.to_vec() }
    }

    /// The files of the hosts and deliveries that are meant, and the summary.
    pub(super) fn output(
        &self,
        checked: &Checked<'_>,
        read_back: &ReadBack<'_>,
        deliveries: &[Delivery],
    ) -> Output {
        // All hosts, also where one is meant: its part of the deliveries names others.
        let mut output = Output::new(checked, read_back, deliveries);
        let scope = self.scope(deliveries);
        output.files.retain(|file| scope.holds(&file.owner));
        output
    }
}

impl HostArgs {
    /// Whether a host is meant.
    pub(super) fn mean(&self, host: &HostName) -> bool {
        self.hosts.is_empty() || self.hosts.contains(host)
    }

    /// The hosts that are meant.
    pub(super) fn of<'r, 'a>(&self, rendered: &'r Rendered<'a>) -> Vec<&'r RenderedHost<'a>> {
        rendered.hosts.iter().filter(|host| self.mean(host.plan.name)).collect()
    }
}
