//! The kind of a NIC.

use super::name::InterfaceName;
use crate::keyword::keywords;

keywords! {
    /// The kind of a NIC.
    NicKind, "a kind of NIC",
    /// A network card, or a NIC whose name shows no other kind.
    Ethernet = "ethernet",
    /// Several network cards as one NIC of the bonding driver.
    Bond = "bond",
    /// Several network cards as one NIC of the team driver.
    Team = "team",
    /// A bridge.
    Bridge = "bridge",
    /// A VLAN on another NIC.
    Vlan = "vlan",
}

impl NicKind {
    /// The kind as text for people.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Ethernet => "an Ethernet NIC",
            Self::Bond => "a bond",
            Self::Team => "a team",
            Self::Bridge => "a bridge",
            Self::Vlan => "a VLAN",
        }
    }
}

impl InterfaceName {
    /// The kind that the usual names of the tools show: `bond0`, `br0`, `vlan100`, `ens33.100`.
    pub fn kind(&self) -> NicKind {
        let name = self.as_str();
        let begins = |prefix: &str| {
            let rest = name.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.starts_with(|c: char| !c.is_ascii_alphabetic()))
        };
        let tag = name.rsplit_once('.').map(|(_, tag)| tag);
        if tag.is_some_and(|tag| tag.parse::<u16>().is_ok()) || begins("vlan") {
            NicKind::Vlan
        } else if begins("bond") {
            NicKind::Bond
        } else if begins("team") {
            NicKind::Team
        } else if begins("br") || begins("bridge") || begins("virbr") {
            NicKind::Bridge
        } else {
            NicKind::Ethernet
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InterfaceName, NicKind};

    #[test]
    fn names_show_the_kind() {
        let kind = |name: &str| InterfaceName::new(name).expect("a correct name").kind();
        for name in ["ens33", "eth0", "enp129s0f1np1", "brain", "enx001122334455", "teamwork"] {
            assert_eq!(kind(name), NicKind::Ethernet, "{name}");
        }
        for name in ["ens3.100", "bond0.100", "vlan100", "vlan_7"] {
            assert_eq!(kind(name), NicKind::Vlan, "{name}");
        }
        assert_eq!([kind("bond0"), kind("team0")], [NicKind::Bond, NicKind::Team]);
        assert_eq!([kind("bond-lan"), kind("team_a")], [NicKind::Bond, NicKind::Team]);
        assert_eq!([kind("br0"), kind("br-lan"), kind("bridge0")], [NicKind::Bridge; 3]);
    }
}
