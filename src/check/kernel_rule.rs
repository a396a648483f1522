//! Rules about the values of kernel parameters. A rule checks the value in force. Any file may set this value.
//!
//! Takes the condition of a rule, and the hosts; gives one finding for each setting that breaks the rule. The
//! finding points to the setting if the model contains the setting. Otherwise the finding points to a host. The
//! help then names the file of the setting, or says that no file sets the parameter.

use std::collections::BTreeMap;

use crate::diagnostic::{Finding, Report, Rule};
use crate::kernel::{Effective, Kernel, Moment, Parameter};
use crate::model::Need;
use crate::resolve::{HostView, KernelId, KernelSetting, Resolved};
use crate::source::Span;

/// A rule about the value of a kernel parameter.
pub(super) struct KernelRule<'r> {
    pub(super) rule: &'static Rule,
    /// Whether a value breaks the rule.
    pub(super) bad: &'r dyn Fn(i64) -> bool,
    /// Makes the message of the finding from the hosts, the moment and the value.
    pub(super) say: &'r dyn Fn(&str, &str, i64) -> String,
}

/// A host that breaks a rule, the first moment of the breach, and the value in force at this moment.
type Breach<'a> = (&'a HostView<'a>, Moment, Effective<'a>);

impl KernelRule<'_> {
    /// Reports the hosts that break the rule. Hosts that break the rule because of the same setting share one
    /// finding. `value` gives the value in force on a host.
    pub(super) fn find<'a>(
        &self,
        resolved: &'a Resolved<'a>,
        views: impl Iterator<Item = &'a HostView<'a>>,
        value: impl Fn(&'a HostView<'a>, &Kernel<'a>) -> Option<Effective<'a>>,
        report: &mut Report,
    ) {
        let mut causes: BTreeMap<(Option<Span>, Option<&str>), Vec<Breach<'_>>> = BTreeMap::new();
        // Hosts with the same sysctl files share one kernel id. Compute their kernels once.
        let mut kernels: BTreeMap<KernelId, Vec<(Moment, Kernel<'a>)>> = BTreeMap::new();
        for view in views {
            let kernels = kernels.entry(view.kernel).or_insert_with(|| {
                let at = |moment| (moment, resolved.kernel(view.kernel, moment));
                Moment::ALL.into_iter().map(at).collect()
            });
            let seen = kernels.iter().filter_map(|(at, kernel)| Some((*at, value(view, kernel)?)));
            let breach = seen.into_iter().find(|(_, seen)| (self.bad)(seen.value));
            if let Some((moment, seen)) = breach {
                let span = seen.by.and_then(|(_, setting)| setting.span);
                // The tuning has a line in the model, and stands in lvsgen's own file.
                let path = seen.by.filter(|(_, setting)| !setting.tunes).map(|(path, _)| path);
                causes.entry((span, path)).or_default().push((view, moment, seen));
            }
        }
        for ((span, path), breaches) in causes {
            report.add(self.finding(span, path, &breaches));
        }
    }

    fn finding(&self, span: Option<Span>, path: Option<&str>, breaches: &[Breach<'_>]) -> Finding {
        let (view, moment, seen) = &breaches[0];
        let name = &view.host.name;
        let who = match breaches.len() {
            1 => format!("`{}`", name.value),
            more => format!("`{}` (and {} more)", name.value, more - 1),
        };
        let message = (self.say)(&who, moment.when(), seen.value);
        let finding = Finding::at(self.rule, span.unwrap_or(name.span), message);
        match (span, path) {
            (Some(_), None) => finding
                .label("this line sets the value in force")
                .related(name.span, "this host")
                .help("remove the line of `tuning`"),
            (Some(_), Some(path)) => finding
                .label(format!("`{path}` sets the value in force"))
                .related(name.span, "this host")
                .help("remove the line, or rename its file so that it sorts before lvsgen's file"),
            (None, Some(path)) => finding.help(format!(
                "`{path}` sets the value in force: set another value in a file that sorts after \
                 it, and list that file under `sysctl_files`"
            )),
            _ => finding.help("no sysctl file sets this parameter"),
        }
    }
}

/// The value of a parameter for the NIC that connects a host to the cluster's segment.
pub(super) fn on_nic<'a>(
    parameter: Parameter,
) -> impl Fn(&'a HostView<'a>, &Kernel<'a>) -> Option<Effective<'a>> {
    move |view, kernel| Some(kernel.effective(parameter, view.nic().name().as_str()))
}

/// Whether a host needs `arp_ignore` for its VIPs, and has a mechanism that sets `arp_ignore`.
pub(super) fn arp_silent(view: &HostView<'_>) -> bool {
    let silences = |setting: &KernelSetting| setting.parameter == Some(Parameter::ArpIgnore);
    view.settings.iter().any(silences) && view.provides(Need::KernelSettings)
}
