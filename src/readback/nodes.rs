//! Each web server shows the name of its own node, and no other name.

use super::{HostFacts, Mismatch};
use crate::facts::Fact;
use crate::model::Need;

pub(super) fn compare(host: &HostFacts<'_>, found: &mut Vec<Mismatch>) {
    let name = host.view.host.name.as_str();
    let mut named = false;
    for (at, fact) in host.facts() {
        let Fact::NodeName(node) = fact else { continue };
        named = true;
        if node != name {
            found.push(host.mismatch_at(at, format!("the node name is `{node}`, not `{name}`")));
        }
    }
    if host.says_all_of(Need::WebServer) && !named {
        found.push(host.mismatch("no file sets the node name of the web server".to_owned()));
    }
}
