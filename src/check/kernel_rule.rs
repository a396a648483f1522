//! Rules about the values of kernel parameters in force. Any file may set them.
//!
//! Takes a rule's condition and the hosts; gives one finding for each setting that breaks the rule, with
//! the place of the setting in the model or the path of its file.

use std::collections::BTreeMap;

use crate::diagnostic::{Finding, Report, Rule};
use crate::kernel::{Effective, Kernel, Moment, Parameter};
use crate::model::Need;
use crate::resolve::{HostView, KernelId, KernelSetting, Resolved};
use crate::source::Span;

/// A rule about the value of a kernel parameter.
pub(super) struct KernelRule {
    pub(super) rule: &'static Rule,
    /// Whether a value breaks the rule.
    pub(super) bad: fn(i64) -> bool,
    /// Makes the message of the finding from the hosts, the moment and the value.
    pub(super) say: fn(&str, &str, i64) -> String,
}

/// A host that breaks a rule, the first moment at which the host breaks it, and the value in force at that moment.
type Breach<'a> = (&'a HostView<'a>, Moment, Effective<'a>);

impl KernelRule {
    /// Reports the hosts that break the rule: one finding for each setting that causes the breach.
    /// `value` gives the value in force on a host.
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
                let path = seen.by.map(|(path, _)| path);
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
    move |view, kernel| Some(kernel.effective(parameter, view.nic().name.as_str()))
}

/// Whether a host must not answer ARP for its VIPs, and has a mechanism that sets `arp_ignore`.
pub(super) fn arp_silent(view: &HostView<'_>) -> bool {
    let silences = |setting: &KernelSetting| setting.parameter == Parameter::ArpIgnore;
    view.settings.iter().any(silences) && view.provides(Need::KernelSettings)
}
