//! Whether a cluster makes sense: every rule over every host, and all findings at once.
//!
//! Takes a [`Cluster`] and the [`ProfileSet`]; gives a [`Report`] and, where that holds no error,
//! [`Checked`], which nothing else can make. One file of this folder is one rule.

mod address_outside_subnet;
mod director_without_family;
mod duplicate_address;
mod duplicate_name;
mod duplicate_real_server;
mod duplicate_service;
mod family_not_carried;
mod family_without_real_server;
mod flag_of_another_scheduler;
mod gateway_is_director;
mod label_too_long;
mod mount_hides_node_page;
mod need_not_provided;
mod network_or_broadcast_address;
mod nfs_family_gap;
mod no_real_server;
mod one_packet_without_udp;
mod system_directory;
mod thresholds_out_of_order;
mod unknown_mechanism;
mod unknown_real_server;
mod unknown_target;
mod vip_is_host_address;
mod vip_on_several_directors;

use crate::diagnostic::{Report, Rule};
use crate::model::{Cluster, TargetName, shape};
use crate::profile::ProfileSet;
use crate::survey::Survey;
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
    &director_without_family::CHECK,
    &duplicate_address::CHECK,
    &duplicate_name::CHECK,
    &duplicate_real_server::CHECK,
    &duplicate_service::CHECK,
    &family_not_carried::CHECK,
    &family_without_real_server::CHECK,
    &flag_of_another_scheduler::CHECK,
    &gateway_is_director::CHECK,
    &label_too_long::CHECK,
    &mount_hides_node_page::CHECK,
    &need_not_provided::CHECK,
    &network_or_broadcast_address::CHECK,
    &nfs_family_gap::CHECK,
    &no_real_server::CHECK,
    &one_packet_without_udp::CHECK,
    &system_directory::CHECK,
    &thresholds_out_of_order::CHECK,
    &unknown_mechanism::CHECK,
    &unknown_real_server::CHECK,
    &unknown_target::CHECK,
    &vip_is_host_address::CHECK,
    &vip_on_several_directors::CHECK,
];

/// Every rule that a model can break: of its text, of its shape, of its meaning.
pub fn rules() -> Vec<&'static Rule> {
    let text = std::iter::once(&yaml::SYNTAX);
    let shape = shape::ALL.iter().copied();
    text.chain(shape).chain(ALL.iter().map(|check| &check.rule)).collect()
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
    for check in ALL {
        (check.run)(&cx, &mut report);
    }
    let checked = (!report.has_errors()).then_some(Checked { cluster, survey });
    (checked, report)
}
