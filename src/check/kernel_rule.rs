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
    /// Makes the message of the finding.
    pub(super) say: &'r dyn Fn(&Said<'_>) -> String,
    /// Makes the help of a finding that no line of the model causes, if the usual help is too little.
    pub(super) fix: Option<&'r dyn Fn(&Said<'_>) -> String>,
}

/// The parts of a message.
pub(super) struct Said<'a> {
    /// The hosts.
    pub(super) who: String,
    /// The moment.
    pub(super) when: &'static str,
    /// The value in force.
    pub(super) value: i64,
    /// The NIC of the value; empty for a parameter of the whole host.
    pub(super) nic: &'a str,
}

/// A value in force, with its NIC. A parameter of the whole host has an empty name.
type InForce<'a> = (&'a str, Effective<'a>);

/// A host that breaks a rule, the first moment of the breach, and the value in force at this moment.
type Breach<'a> = (&'a HostView<'a>, Moment, InForce<'a>);

/// The first breach of hosts with the same kernel and the same NICs.
type Known<'a> = BTreeMap<(KernelId, Vec<&'a str>), Option<(Moment, InForce<'a>)>>;

impl KernelRule<'_> {
    /// Reports the hosts that break the rule. Hosts that break the rule because of the same setting share one
    /// finding. `names` gives the NICs of a host that the rule asks for, and `value` the value in force on a NIC. A parameter of the whole host
    /// has an empty name.
    pub(super) fn find<'a>(
        &self,
        resolved: &'a Resolved<'a>,
        views: impl Iterator<Item = &'a HostView<'a>>,
        names: impl Fn(&'a HostView<'a>) -> Vec<&'a str>,
        value: impl Fn(&Kernel<'a>, &str) -> Option<Effective<'a>>,
        report: &mut Report,
    ) {
        let mut causes: BTreeMap<(Option<Span>, Option<&str>), Vec<Breach<'_>>> = BTreeMap::new();
        // Hosts with the same sysctl files share one kernel id. Compute their kernels once, and the values of equal NICs too.
        let mut kernels: BTreeMap<KernelId, Vec<(Moment, Kernel<'a>)>> = BTreeMap::new();
        let mut known = Known::new();
        for view in views {
            let kernels = kernels.entry(view.kernel).or_insert_with(|| {
                let at = |moment| (moment, resolved.kernel(view.kernel, moment));
                Moment::ALL.into_iter().map(at).collect()
            });
            let asked = names(view);
            let breach = *known.entry((view.kernel, asked.clone())).or_insert_with(|| {
                let mut all = kernels
                    .iter()
                    .flat_map(|(at, kernel)| asked.iter().map(move |name| (*at, kernel, *name)));
                all.find_map(|(at, kernel, name)| {
                    let seen = value(kernel, name).filter(|seen| (self.bad)(seen.value))?;
                    Some((at, (name, seen)))
                })
            });
            if let Some((moment, (nic, seen))) = breach {
                let span = seen.by.and_then(|(_, setting)| setting.span);
                // The tuning has a line in the model, and stands in lvsgen's own file.
                let path = seen.by.filter(|(_, setting)| !setting.tunes).map(|(path, _)| path);
                causes.entry((span, path)).or_default().push((view, moment, (nic, seen)));
            }
        }
        for ((span, path), breaches) in causes {
            report.add(self.finding(span, path, &breaches));
        }
    }

    fn finding(&self, span: Option<Span>, path: Option<&str>, breaches: &[Breach<'_>]) -> Finding {
        let (view, moment, (nic, seen)) = &breaches[0];
        let name = &view.host.name;
        let who = match breaches.len() {
            1 => format!("`{}`", name.value),
            more => format!("`{}` (and {} more)", name.value, more - 1),
        };
        let said = Said { who, when: moment.when(), value: seen.value, nic };
        let message = (self.say)(&said);
        let finding = Finding::at(self.rule, span.unwrap_or(name.span), message);
        match (span, path, self.fix) {
            (Some(_), None, _) => finding
                .label("this line sets the value in force")
                .related(name.span, "this host")
                .help("remove the line of `tuning`"),
            (Some(_), Some(path), _) => finding
                .label(format!("`{path}` sets the value in force"))
                .related(name.span, "this host")
                .help("remove the line, or rename its file so that it sorts before lvsgen's file"),
            (None, _, Some(fix)) => finding.help(fix(&said)),
            (None, Some(path), None) => finding.help(format!(
                "`{path}` sets the value in force: set another value in a file that sorts after \
                 it, and list that file under `sysctl_files`"
            )),
            _ => finding.help("no sysctl file sets this parameter"),
        }
    }
}

/// The NICs of a host in the cluster's segments.
pub(super) fn nic_names<'a>(view: &'a HostView<'a>) -> Vec<&'a str> {
    view.nics.iter().map(|nic| nic.name().as_str()).collect()
}

/// The value of a parameter on a NIC.
pub(super) fn effective<'a>(
    parameter: Parameter,
) -> impl Fn(&Kernel<'a>, &str) -> Option<Effective<'a>> {
    move |kernel, nic| Some(kernel.effective(parameter, nic))
}

/// The name of a parameter of the whole host.
pub(super) fn whole_host<'a>(_: &'a HostView<'a>) -> Vec<&'a str> {
    vec![""]
}

/// Whether a host needs `arp_ignore` for its VIPs, and has a mechanism that sets `arp_ignore`.
pub(super) fn arp_silent(view: &HostView<'_>) -> bool {
    let silences = |setting: &KernelSetting| setting.parameter == Some(Parameter::ArpIgnore);
    view.settings.iter().any(silences) && view.provides(Need::KernelSettings)
}
