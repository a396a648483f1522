//! Whether a cluster makes sense: every rule over every host, and all findings at once.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives a [`Report`] and, where that holds no error,
//! [`Checked`], which nothing else can make. One file of this folder is one rule.

mod address_outside_subnet;
mod all_weights_zero;
mod allowed_error;
mod arp_announces_vip;
mod arp_reply_for_vip;
mod coarse_persistence;
mod conntrack_on_director;
mod destination_scheduler;
mod director_without_family;
mod duplicate_address;
mod duplicate_name;
mod duplicate_real_server;
mod duplicate_service;
mod equal_priorities;
mod export_to_everyone;
mod family_not_carried;
mod family_without_real_server;
mod flag_of_another_scheduler;
mod ftp_without_mark;
mod gateway_is_director;
mod label_too_long;
mod mechanism_without_need;
mod mount_hides_node_page;
mod need_not_provided;
mod network_or_broadcast_address;
mod nfs_family_gap;
mod nic_without_gateway;
mod no_health_check;
mod no_real_server;
mod one_packet_with_persistence;
mod one_packet_without_udp;
mod one_real_server;
mod persistence_not_shared;
mod persistence_with_hash;
mod proxy_arp;
mod real_server_without_family;
mod redirects_on;
mod remapped_port;
mod scheduler_not_in_kernel;
mod single_director;
mod strict_source_check;
mod sysctl_conf_not_read;
mod sysctl_of_unknown_nic;
mod system_directory;
mod thresholds_out_of_order;
mod timeouts_out_of_order;
mod title_unused;
mod two_table_owners;
mod udp_without_one_packet;
mod unknown_check;
mod unknown_mechanism;
mod unknown_real_server;
mod unknown_target;
mod unmatched_allow;
mod unused_real_server;
mod vip_is_host_address;
mod vip_on_several_directors;
mod vip_outside_subnet;
mod vip_with_subnet_mask;
mod weights_ignored;
mod writable_for_the_subnet;

use std::collections::BTreeMap;

use crate::diagnostic::{Finding, Report, Rule};
use crate::kernel::{Effective, Kernel, Moment, Parameter};
use crate::model::{Cluster, TargetName, shape};
use crate::profile::ProfileSet;
use crate::source::Span;
use crate::survey::{HostView, Survey};
use crate::yaml;

/// What a rule looks at.
struct CheckCx<'a> {
    /// What was written.
    cluster: &'a Cluster,
    /// What follows for each host.
    survey: &'a Survey<'a>,
    /// The operating systems that there are.
    profiles: &'a ProfileSet,
}

/// A rule and the function that finds its breaches.
pub struct Check {
    /// The rule.
    pub rule: Rule,
    run: fn(&CheckCx<'_>, &mut Report),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.rule.code)
    }
}

/// Every check, by code.
pub static ALL: &[&Check] = &[
    &address_outside_subnet::CHECK,
    &all_weights_zero::CHECK,
    &allowed_error::CHECK,
    &arp_announces_vip::CHECK,
    &arp_reply_for_vip::CHECK,
    &coarse_persistence::CHECK,
    &conntrack_on_director::CHECK,
    &destination_scheduler::CHECK,
    &director_without_family::CHECK,
    &duplicate_address::CHECK,
    &duplicate_name::CHECK,
    &duplicate_real_server::CHECK,
    &duplicate_service::CHECK,
    &equal_priorities::CHECK,
    &export_to_everyone::CHECK,
    &family_not_carried::CHECK,
    &family_without_real_server::CHECK,
    &flag_of_another_scheduler::CHECK,
    &ftp_without_mark::CHECK,
    &gateway_is_director::CHECK,
    &label_too_long::CHECK,
    &mechanism_without_need::CHECK,
    &mount_hides_node_page::CHECK,
    &need_not_provided::CHECK,
    &network_or_broadcast_address::CHECK,
    &nfs_family_gap::CHECK,
    &nic_without_gateway::CHECK,
    &no_health_check::CHECK,
    &no_real_server::CHECK,
    &one_packet_with_persistence::CHECK,
    &one_packet_without_udp::CHECK,
    &one_real_server::CHECK,
    &persistence_not_shared::CHECK,
    &persistence_with_hash::CHECK,
    &proxy_arp::CHECK,
    &real_server_without_family::CHECK,
    &redirects_on::CHECK,
    &remapped_port::CHECK,
    &scheduler_not_in_kernel::CHECK,
    &single_director::CHECK,
    &strict_source_check::CHECK,
    &sysctl_conf_not_read::CHECK,
    &sysctl_of_unknown_nic::CHECK,
    &system_directory::CHECK,
    &thresholds_out_of_order::CHECK,
    &timeouts_out_of_order::CHECK,
    &title_unused::CHECK,
    &two_table_owners::CHECK,
    &udp_without_one_packet::CHECK,
    &unknown_check::CHECK,
    &unknown_mechanism::CHECK,
    &unknown_real_server::CHECK,
    &unknown_target::CHECK,
    &unmatched_allow::CHECK,
    &unused_real_server::CHECK,
    &vip_is_host_address::CHECK,
    &vip_on_several_directors::CHECK,
    &vip_outside_subnet::CHECK,
    &vip_with_subnet_mask::CHECK,
    &weights_ignored::CHECK,
    &writable_for_the_subnet::CHECK,
];

/// Every rule that a model can break: of its text, of its shape, of its meaning.
pub fn rules() -> Vec<&'static Rule> {
    let text = std::iter::once(&yaml::SYNTAX);
    let shape = shape::ALL.iter().copied();
    text.chain(shape).chain(ALL.iter().map(|check| &check.rule)).collect()
}

/// A rule over what a kernel will do, whoever told it so.
struct KernelRule {
    rule: &'static Rule,
    /// Whether a value breaks the rule.
    bad: fn(i64) -> bool,
    /// The finding's sentence: who, when, and with which value.
    say: fn(&str, &str, i64) -> String,
}

impl KernelRule {
    /// Reports the hosts that break the rule: one finding for each setting that is to blame.
    /// `value` gives what counts on a host.
    fn find<'a>(
        &self,
        views: impl Iterator<Item = &'a HostView<'a>>,
        value: impl Fn(&'a HostView<'a>, &Kernel<'a>) -> Option<Effective<'a>>,
        report: &mut Report,
    ) {
        type Breach<'a> = (&'a HostView<'a>, Moment, Effective<'a>);
        let mut to_blame: BTreeMap<(Option<Span>, Option<&str>), Vec<Breach<'_>>> = BTreeMap::new();
        // Hosts with the same files have the same kernels.
        let mut kernels: BTreeMap<(usize, bool), Vec<(Moment, Kernel<'a>)>> = BTreeMap::new();
        for view in views {
            let kernels = kernels.entry(view.kernel_key()).or_insert_with(|| {
                Moment::ALL.into_iter().map(|moment| (moment, view.kernel(moment))).collect()
            });
            let seen = kernels.iter().filter_map(|(at, kernel)| Some((*at, value(view, kernel)?)));
            let breach = seen.into_iter().find(|(_, one)| (self.bad)(one.value));
            if let Some((moment, seen)) = breach {
                let span = seen.by.and_then(|(_, setting)| setting.span);
                let path = seen.by.map(|(path, _)| path);
                to_blame.entry((span, path)).or_default().push((view, moment, seen));
            }
        }
        for ((span, path), breaches) in to_blame {
            let (view, moment, seen) = &breaches[0];
            let name = &view.host.name;
            let who = match breaches.len() {
                1 => format!("`{}`", name.value),
                more => format!("`{}` (and {} more)", name.value, more - 1),
            };
            let message = (self.say)(&who, moment.when(), seen.value);
            let finding = Finding::at(self.rule, span.unwrap_or(name.span), message);
            report.add(match (span, path) {
                (Some(_), Some(path)) => finding
                    .label(format!("`{path}` decides"))
                    .related(name.span, "this host")
                    .help("take the line out, or let its file sort before what is to win over it"),
                (None, Some(path)) => finding.help(format!(
                    "`{path}` decides: overrule it in a file that sorts after it, and show that \
                     file to lvsgen under `sysctl_files`"
                )),
                _ => finding.help("no file sets it"),
            });
        }
    }
}

/// The value of a parameter on a host's NIC of the cluster's segment.
fn on_nic<'a>(
    parameter: Parameter,
) -> impl Fn(&'a HostView<'a>, &Kernel<'a>) -> Option<Effective<'a>> {
    move |view, kernel| Some(kernel.effective(parameter, view.interface.as_str()))
}

/// A cluster in which no check found an error.
#[derive(Debug)]
pub struct Checked<'a> {
    cluster: &'a Cluster,
    survey: Survey<'a>,
}

impl<'a> Checked<'a> {
    /// What was written.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// What follows for each host; here every host has its profile and every need its mechanism.
    pub fn survey(&self) -> &Survey<'a> {
        &self.survey
    }
}

/// Runs every check. `target` is the command line's and wins over the cluster's own; `fallback`
/// serves where neither says anything.
pub fn run<'a>(
    cluster: &'a Cluster,
    profiles: &'a ProfileSet,
    target: Option<&'a TargetName>,
    fallback: &'a TargetName,
) -> (Option<Checked<'a>>, Report) {
    let survey = Survey::new(cluster, profiles, target, fallback);
    let mut report = Report::default();
    let cx = CheckCx { cluster, survey: &survey, profiles };
    // What is allowed can be told only after everything is found.
    let (last, first): (Vec<&Check>, Vec<&Check>) =
        ALL.iter().partition(|check| check.rule.code == unmatched_allow::CHECK.rule.code);
    for check in first.into_iter().chain(last) {
        (check.run)(&cx, &mut report);
    }
    report.join_places();
    let checked = (!report.has_errors()).then_some(Checked { cluster, survey });
    (checked, report)
}
