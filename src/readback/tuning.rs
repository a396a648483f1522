//! The parameters of the model's `tuning`, on the hosts on which they have an effect, and the size of the connection table.

use super::{HostFacts, Mismatch};
use crate::facts::Fact;
use crate::kernel::slashed;
use crate::model::{Need, Role};

pub(super) fn compare(host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let tuning = &host.view.tuning;
    let (director, server) = (host.view.is(Role::Director), host.view.is(Role::RealServer));
    if host.says_all_of(Need::KernelSettings) {
        for setting in &tuning.set {
            let (key, value) = (setting.key.as_str(), setting.value.value.0.as_str());
            // TCP of a director carries no service, and only a director has IPVS.
            let needed = match key.replace('/', ".") {
                key if key.starts_with("net.ipv4.vs.") => director,
                key if key.starts_with("net.ipv4.tcp_") || key == "net.core.somaxconn" => server,
                _ => director || server,
            };
            let same = |text: &str| text.split_whitespace().eq(value.split_whitespace());
            let is_it = |fact: &Fact| matches!(fact, Fact::Setting { key: one, value } if slashed(one) == slashed(key) && same(value));
            if needed && !host.facts().any(|(_, fact)| is_it(fact)) {
                found.push(host.mismatch(format!("no file sets `{key}` to {value}")));
            }
        }
    }
    let Some(bits) = tuning.conn_tab_bits.filter(|_| director) else { return };
    let wanted = bits.0.to_string();
    let is_it = |fact: &Fact| matches!(fact, Fact::ModuleOption { module, option, value } if module == "ip_vs" && option == "conn_tab_bits" && *value == wanted);
    if host.says_all_of(Need::IpvsModules) && !host.facts().any(|(_, fact)| is_it(fact)) {
        found.push(host.mismatch(format!("no file loads `ip_vs` with conn_tab_bits={wanted}")));
    }
}
