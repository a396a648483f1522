//! netplan's YAML: the addresses of its interfaces.

use serde_json::Value;

use super::{Fact, Read, net};
use crate::yaml;

/// The addresses of every interface; the file has no places, so that all of it stands at line 1.
pub(super) fn addresses(text: &str) -> Read {
    let document: Value = yaml::from_str(text).map_err(|why| (1, why))?;
    let mut facts = Vec::new();
    for (interface, settings) in document["network"]["ethernets"].as_object().into_iter().flatten()
    {
        for address in settings["addresses"].as_array().into_iter().flatten() {
            // An address alone, or with its options below it.
            let with_options = address.as_object().and_then(|one| one.keys().next());
            let text = address.as_str().or(with_options.map(String::as_str)).unwrap_or_default();
            facts.push((1, Fact::Address { interface: interface.clone(), net: net(text, 1)? }));
        }
    }
    Ok(facts)
}
