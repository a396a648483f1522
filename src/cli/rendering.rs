//! The options of `render` and `diff` that select hosts and deliveries.

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
    /// The deliveries to make in addition to the hosts' files, separated by commas [default: the deliveries that
    /// are already in the directory; in a new directory: install,ansible,cloud-init,verify,monitoring]
    #[arg(long = "delivery", value_name = "LIST", value_enum, value_delimiter = ',')]
    deliveries: Vec<DeliveryArg>,
}

/// A value of `--delivery`: a delivery, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DeliveryArg {
    /// The steps of each host, and the programs that carry them out
    Install,
    /// Playbooks, an inventory, and each host's data; includes `install`
    Ansible,
    /// The documents of a NoCloud source for each host
    CloudInit,
    /// For each host a tar archive to unpack over the root directory of an image
    Tar,
    /// A script that checks from a client whether the cluster works
    Verify,
    /// Rules, alerts, targets and a dashboard, if the model has `monitoring`
    Monitoring,
    /// No delivery, only the hosts' files
    None,
}

impl DeliveryArg {
    fn delivery(self) -> Option<Delivery> {
        match self {
            Self::Install => Some(Delivery::Install),
            Self::Ansible => Some(Delivery::Ansible),
            Self::CloudInit => Some(Delivery::CloudInit),
            Self::Tar => Some(Delivery::Tar),
            Self::Verify => Some(Delivery::Verify),
            Self::Monitoring => Some(Delivery::Monitoring),
            Self::None => None,
        }
    }
}

impl Rendering {
    /// The deliveries of a render. `--delivery` names them. Without `--delivery`, they are the deliveries that the
    /// directory has already. Without a rendered directory, they are the default deliveries.
    pub(super) fn deliveries(&self, directory: Option<&Path>) -> Result<Vec<Delivery>, Fault> {
        let mut asked: Vec<Delivery> =
            self.deliveries.iter().filter_map(|one| one.delivery()).collect();
        if !asked.is_empty() && self.deliveries.contains(&DeliveryArg::None) {
            return Err(Fault::helped(
                "`--delivery` names both `none` and a delivery",
                "remove `none`, or remove the deliveries",
            ));
        }
        // The playbooks run the program of `install`.
        if asked.contains(&Delivery::Ansible) {
            asked.push(Delivery::Install);
        }
        asked.sort_unstable();
        asked.dedup();
        if !self.deliveries.is_empty() {
            return Ok(asked);
        }
        let present = directory.map(output::deliveries).transpose()?.flatten();
        let mut present = present.unwrap_or_else(|| Delivery::DEFAULT.to_vec());
        // The key `monitoring` may be new in the model. Without the key, the delivery has no files.
        if !present.is_empty() && !present.contains(&Delivery::Monitoring) {
            present.push(Delivery::Monitoring);
        }
        Ok(present)
    }

    /// Whether the command line names the delivery.
    pub(super) fn names(&self, delivery: Delivery) -> bool {
        self.deliveries.iter().any(|one| one.delivery() == Some(delivery))
    }

    /// The part of a directory that a render replaces: the files of the selected hosts and of these deliveries.
    pub(super) fn scope(&self, deliveries: &[Delivery]) -> Scope {
        Scope { hosts: self.hosts.hosts.clone(), deliveries: deliveries.to_vec() }
    }

    /// The files of the selected hosts and of these deliveries, and the summary.
    pub(super) fn output(
        &self,
        checked: &Checked<'_>,
        read_back: &ReadBack<'_>,
        deliveries: &[Delivery],
    ) -> Output {
        // First make the deliveries for all hosts, because the files of a selected host name other hosts. Then
        // remove the files that are not in the scope.
        let mut output = Output::new(checked, read_back, deliveries);
        let scope = self.scope(deliveries);
        output.files.retain(|file| scope.holds(&file.owner));
        output
    }
}

impl HostArgs {
    /// Whether a host is selected. Without `--host`, all hosts are selected.
    pub(super) fn mean(&self, host: &HostName) -> bool {
        self.hosts.is_empty() || self.hosts.contains(host)
    }

    /// The selected hosts.
    pub(super) fn of<'r, 'a>(&self, rendered: &'r Rendered<'a>) -> Vec<&'r RenderedHost<'a>> {
        rendered.hosts.iter().filter(|host| self.mean(host.plan.name)).collect()
    }
}
