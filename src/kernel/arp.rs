//! ARP: the requests that a host answers, and the sender of its own requests.
//!
//! Takes a host; gives verdicts. The rules come from `net/ipv4/arp.c` (`arp_process`, `arp_ignore`, `arp_filter`, `arp_solicit`) and
//! `net/ipv4/devinet.c` (`confirm_addr_indev`, `inet_select_addr`).

use std::net::{IpAddr, Ipv4Addr};

use super::Parameter;
use super::host::{Address, Cause, Host, LOOPBACK, Scope, Verdict};
use super::route::{Arrival, Drop, Found, From, Input};

/// The reaction to a request for the MAC address of an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The host answers with its own MAC address.
    Answers,
    /// The host says nothing.
    Silent(Silence),
}

/// The reason why a host says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The host does not have the address.
    NotOwn,
    /// The mode of `arp_ignore`.
    Ignores,
    /// `arp_filter`: the way to the sender leads through another NIC.
    Filters,
    /// The kernel drops packets from the sender, and a request is such a packet.
    Drops(Drop),
}

impl Host<'_> {
    /// The reaction to a request on a NIC (`arp_process`). A sender of 0.0.0.0 asks whether an address is free.
    pub fn arp_answer(&self, nic: &str, sender: Ipv4Addr, target: Ipv4Addr) -> Verdict<Answer> {
        let silent = |why, causes: Vec<Cause>| Verdict::new(Answer::Silent(why), causes);
        let (localnet, cause) = self.setting(Parameter::RouteLocalnet, nic);
        if target.is_multicast() || target.is_loopback() && localnet == 0 {
            return silent(Silence::NotOwn, vec![cause]);
        }
        let own = match self.local(target.into()) {
            Some(own) => own,
            None if sender.is_unspecified() => {
                return silent(Silence::NotOwn, vec![Cause::NoAddress(target.into())]);
            }
            None => return self.proxy(nic, sender, target),
        };
        if !sender.is_unspecified() {
            let packet =
                Arrival { nic, source: sender.into(), destination: target.into(), port: None };
            let way = self.input(packet);
            if let Input::Dropped(why) = way.value {
                return silent(Silence::Drops(why), way.causes);
            }
        }
        let (mode, ignore) = self.setting(Parameter::ArpIgnore, nic);
        if self.ignores(mode, nic, sender, target) {
            return silent(Silence::Ignores, vec![ignore, Cause::Address(own.clone())]);
        }
        let (filter, cause) = self.setting(Parameter::ArpFilter, nic);
        if filter != 0 && !sender.is_unspecified() {
            let way = self.lookup(sender.into(), Some(From::address(target.into())), None);
            // The way to an address of the host itself leads through the loopback device.
            let leads = |way: Found<'_>| !matches!(way, Found::Local(_)) && way.nic() == nic;
            if !way.is_some_and(leads) {
                return silent(Silence::Filters, vec![cause]);
            }
        }
        Verdict::new(Answer::Answers, [ignore, Cause::Address(own.clone())])
    }

    /// The answer for an address of another host (`arp_fwd_proxy`).
    fn proxy(&self, nic: &str, sender: Ipv4Addr, target: Ipv4Addr) -> Verdict<Answer> {
        let (proxy, cause) = self.setting(Parameter::ProxyArp, nic);
        let packet = Arrival { nic, source: sender.into(), destination: target.into(), port: None };
        let way = self.input(packet);
        match way.value {
            Input::Forward { nic: out, .. } if proxy != 0 && out != nic => {
                Verdict::new(Answer::Answers, [cause])
            }
            _ => Verdict::new(Answer::Silent(Silence::NotOwn), [Cause::NoAddress(target.into())]),
        }
    }

    /// Whether the mode of `arp_ignore` forbids the answer.
    fn ignores(&self, mode: i64, nic: &str, sender: Ipv4Addr, target: Ipv4Addr) -> bool {
        let sender_or_none = (!sender.is_unspecified()).then_some(sender);
        match mode {
            1 => !self.confirms(nic, None, target, Scope::Host),
            2 => !self.confirms(nic, sender_or_none, target, Scope::Host),
            3 => {
                let mut nics = self.nics();
                nics.insert(0, LOOPBACK);
                !nics.into_iter().any(|nic| self.confirms(nic, None, target, Scope::Link))
            }
            8 => true,
            _ => false,
        }
    }

    /// Whether a NIC has an address of a scope, in the network of `with` (`confirm_addr_indev`).
    fn confirms(&self, nic: &str, with: Option<Ipv4Addr>, address: Ipv4Addr, scope: Scope) -> bool {
        let (mut found, mut same) = (false, false);
        for own in self.of_nic(nic).filter(|one| one.net.addr().is_ipv4()) {
            if !found && own.net.addr() == IpAddr::V4(address) && self.reach(own) <= scope {
                found = true;
                if same {
                    break;
                }
            }
            if !same {
                same = own.net.contains(&IpAddr::V4(address))
                    && with.is_none_or(|with| own.net.contains(&IpAddr::V4(with)));
                if same && found {
                    break;
                }
            }
        }
        found && same
    }

    /// The scope that counts. With `route_localnet`, an address of scope host counts as one of scope link.
    fn reach(&self, own: &Address) -> Scope {
        let localnet = self.setting(Parameter::RouteLocalnet, &own.nic).0 != 0;
        own.scope.min(if localnet { Scope::Link } else { Scope::Host })
    }

    /// The sender of a request on a NIC (`arp_solicit`). `source`: the source of the packet that waits for the answer.
    pub fn arp_sender(
        &self,
        nic: &str,
        source: Option<IpAddr>,
        target: IpAddr,
    ) -> Verdict<Option<IpAddr>> {
        let (mode, cause) = self.setting(Parameter::ArpAnnounce, nic);
        let local = source
            .filter(|source| matches!(self.lookup(*source, None, None), Some(Found::Local(_))));
        let together = |source: IpAddr| {
            self.of_nic(nic).any(|own| own.net.contains(&target) && own.net.contains(&source))
        };
        let own = match mode {
            1 => local.filter(|source| together(*source)),
            2 => None,
            _ => local,
        };
        let sender = own.or_else(|| self.select(nic, Some(target), Scope::Link));
        Verdict::new(sender, [cause])
    }

    /// The primary address that fits a destination best (`inet_select_addr`). A NIC without an address borrows the address of another
    /// NIC, even an address of the loopback device.
    pub fn select(&self, nic: &str, destination: Option<IpAddr>, scope: Scope) -> Option<IpAddr> {
        let ipv4 =
            |one: &&Address| one.net.addr().is_ipv4() == destination.is_none_or(|to| to.is_ipv4());
        let usable = |one: &&Address| !one.secondary && self.reach(one) <= scope;
        let own: Vec<&Address> = self.of_nic(nic).filter(ipv4).filter(usable).collect();
        let fits = |one: &&&Address| destination.is_none_or(|to| one.net.contains(&to));
        if let Some(best) = own.iter().find(fits).or(own.first()) {
            return Some(best.net.addr());
        }
        let mut nics = self.nics();
        nics.insert(0, LOOPBACK);
        let borrowed = nics.into_iter().find_map(|nic| {
            let mut all = self.of_nic(nic).filter(ipv4);
            all.find(|one| !one.secondary && one.scope != Scope::Link && one.scope <= scope)
        });
        borrowed.map(|one| one.net.addr())
    }
}
