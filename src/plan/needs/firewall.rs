//! `firewall`: the packets that the firewall of a host must accept, and nothing else: lvsgen opens a firewall, and never
//! closes it.
//!
//! Takes a host and the cluster; gives the openings and their names in the programs that keep firewalls.

mod openings;

use serde::Serialize;

pub(super) use openings::{check_answers, requests};

use crate::check::Checked;
use crate::file::Hash;
use crate::firewall::Opening;
use crate::formats::{firewalld, iptables, nft, rich_rule};
use crate::ipvs::Family;
use crate::model::ClusterName;
use crate::plan::Detail;
use crate::profile::{Mechanism, RuleLanguage};
use crate::resolve::HostView;

/// The openings of a host.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Firewall {
    /// The name of the policy in firewalld. Each cluster has its own.
    pub policy: String,
    /// The NICs, with a blank between them.
    pub nics: String,
    /// The openings.
    pub openings: Vec<NamedOpening>,
}

/// An opening in the language of the program that keeps the firewall.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NamedOpening {
    /// The opening.
    #[serde(skip)]
    pub opening: Opening,
    /// A name without blanks. No other opening of the host has it.
    pub name: String,
    /// Whether the packets are IPv4 packets.
    pub ipv4: bool,
    /// The rule, or its conditions.
    pub rule: String,
    /// The rule as XML, if it stands in a policy of firewalld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml: Option<String>,
}

impl NamedOpening {
    fn new(opening: Opening, language: RuleLanguage) -> Self {
        let rule = match language {
            RuleLanguage::Policy | RuleLanguage::RichRules => rich_rule::write(&opening),
            RuleLanguage::Iptables => iptables::write(&opening),
            RuleLanguage::Nft => nft::Conditions::from(&opening).to_string(),
        };
        let xml = (language == RuleLanguage::Policy).then(|| firewalld::write(&opening));
        let (name, ipv4) = (opening.name(), opening.family == Family::Ipv4);
        Self { opening, name, ipv4, rule, xml }
    }
}

impl Firewall {
    pub(super) fn new(checked: &Checked<'_>, view: &HostView<'_>, mechanism: &Mechanism) -> Self {
        let language = mechanism.language;
        let openings = openings::of(checked, view).into_iter();
        let openings = openings.map(|opening| NamedOpening::new(opening, language));
        Self {
            policy: policy(&checked.cluster().name.value),
            nics: view.nic_names().join(" "),
            openings: openings.collect(),
        }
    }

    pub(super) fn details(&self) -> Vec<Detail> {
        self.openings.iter().map(|one| Detail::Opening(one.opening)).collect()
    }

    /// The names of the openings.
    pub(super) fn names(&self) -> Vec<String> {
        self.openings.iter().map(|one| one.name.clone()).collect()
    }
}

/// The name of a cluster's policy. firewalld before 2.3 allows 17 characters, because the name becomes a part of the name
/// of a chain of iptables (`max_policy_name_len`). A long name becomes a hash.
fn policy(cluster: &ClusterName) -> String {
    const LONGEST: usize = 17;
    let name = format!("lvsgen-{cluster}");
    if name.len() <= LONGEST {
        return name;
    }
    let hash = Hash::of(cluster.as_str().as_bytes()).to_string();
    format!("lvsgen-{}", &hash[..LONGEST - "lvsgen-".len()])
}

#[cfg(test)]
mod tests {
    use super::policy;
    use crate::model::ClusterName;

    #[test]
    fn a_policy_has_a_name_that_firewalld_accepts() {
        let name = |text: &str| policy(&ClusterName::new(text).unwrap());
        assert_eq!(name("web"), "lvsgen-web");
        assert_eq!(name("0123456789"), "lvsgen-0123456789");
        let long = name("a-cluster-of-the-north");
        assert_eq!(long.len(), 17);
        assert_ne!(long, name("a-cluster-of-the-south"));
    }
}
