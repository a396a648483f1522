//! A port of the web servers that the policy of SELinux does not let a web server open.

use super::{Check, CheckCx};
use crate::diagnostic::{Finding, Report, Rule, Severity};
use crate::model::Need;

pub(super) static CHECK: Check = Check {
    rule: Rule {
        code: "web-port-not-labelled",
        severity: Severity::Warning,
        doc: include_str!("web-port-not-labelled.md"),
    },
    run,
};

/// The ports of `http_port_t` and `http_cache_port_t` in the reference policy: `httpd_t`, in which httpd and nginx run, may bind both
/// (policy/modules/kernel/corenetwork.te.in, policy/modules/services/apache.te).
fn is_labelled(port: u16) -> bool {
    let http = [80, 81, 443, 488, 8008, 8009, 8443, 9000];
    let cache = [8080, 8118, 8123];
    http.contains(&port) || cache.contains(&port) || (10001..=10010).contains(&port)
}

fn run(cx: &CheckCx<'_>, report: &mut Report) {
    let ports = cx.cluster.web.iter().flat_map(|web| &web.ports);
    let mut hosts = cx.resolved.hosts.iter();
    let enforces = hosts.find(|view| {
        view.provides(Need::WebServer) && view.profile.is_some_and(|profile| profile.selinux)
    });
    let Some(view) = enforces else { return };
    for port in ports.filter(|port| !is_labelled(port.value)) {
        let name = &view.host.name;
        let message = format!(
            "SELinux does not let the web server of `{}` listen on port {}",
            name.value, port.value
        );
        let help = format!(
            "choose a port with this label, such as 8008 or 8080; or run `semanage port -a -t http_port_t -p tcp {}` on each such \
             host",
            port.value
        );
        report.add(
            Finding::at(&CHECK.rule, port.span, message)
                .related(name.span, "a host with SELinux")
                .help_and_allow(help),
        );
    }
}
