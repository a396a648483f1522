//! Each web server names its own node, and only that.

use super::read::Fact;
use super::{Broken, Host};
use crate::model::Need;

pub(super) fn hold(host: &Host<'_>, broken: &mut Vec<Broken>) {
    let name = host.view.host.name.as_str();
    let mut named = false;
    for (at, fact) in host.facts() {
        let Fact::Node(node) = fact else { continue };
        named = true;
        if node != name {
            broken.push(host.broken_at(at, format!("the node is called `{node}`")));
        }
    }
    if host.tells(Need::WebServer) && !named {
        broken.push(host.broken("no file makes the web server name its node".to_owned()));
    }
}
