//! ifcfg(5) of wicked: the file name contains the name of the interface.

use super::shell_variables::{Assignment, assignments};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind};

/// Reads the addresses of one file. Each address has a prefix length (`IPADDR_suffix='192.0.2.1/32'`).
pub fn read(path: &str, text: &str) -> Reading {
    let mut reading = Reading::default();
    let interface = path.rsplit_once("/ifcfg-").map_or("", |(_, name)| name);
    for Assignment { line, key, value } in assignments(text, &mut reading) {
        if key.starts_with("IPADDR") {
            match value.parse() {
                Ok(net) => {
                    let fact = Fact::Address { interface: InterfaceRef::name(interface), net };
                    reading.fact(fact, line.span());
                }
                Err(_) => {
                    let reason = "an address needs a prefix length, such as `192.0.2.1/24`";
                    reading.leave(RestKind::Refused, line.span(), reason);
                }
            }
        } else if key.starts_with("LABEL") {
            reading.leave(RestKind::Unused, line.span(), "the label of an address");
        } else {
            reading.leave(RestKind::Lost, line.span(), "lvsgen does not read this key");
        }
    }
    reading
}
