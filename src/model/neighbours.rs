//! The segments of hosts and VIPs, and the addresses by which hosts reach each other.
//!
//! Takes a [`Cluster`]; gives the NIC, the segment or the address for a purpose. `check` reports hosts without a common
//! segment; for such hosts, these functions give the first NIC.

use std::net::IpAddr;

use super::{
    Cluster, Gateway, HasFamily as _, Host, HostAddress, Interface, Nic, Segment, SegmentId, Vip,
};
use crate::ipvs::{Family, Forwarding};
use crate::source::Located;

impl Cluster {
    /// A segment.
    pub fn segment(&self, id: SegmentId) -> &Segment {
        &self.segments[id.0]
    }

    /// The segments with their identities, in the order of the model.
    pub fn each_segment(&self) -> impl Iterator<Item = (SegmentId, &Segment)> {
        self.segments.iter().enumerate().map(|(at, segment)| (SegmentId(at), segment))
    }

    /// The segment of a NIC: the written segment, or the first whose subnet contains an address of the NIC. A host behind a router
    /// is in no segment.
    pub fn segment_of(&self, nic: &Nic) -> Option<SegmentId> {
        match &nic.segment {
            Some(name) => Some(self.named(&name.value)),
            None => nic.address.iter().find_map(|address| self.containing(address.0)),
        }
    }

    /// The segment of a VIP: the `segment` of its service, or the first whose subnet contains the VIP. A VIP outside all subnets
    /// belongs to the first segment.
    pub fn segment_of_vip(&self, vip: Vip) -> SegmentId {
        let services = self.virtual_services.iter();
        let mut written = services.filter_map(|service| {
            let segment = service.segment.as_ref()?;
            service.vips.iter().any(|one| one.value == vip).then_some(segment)
        });
        match written.next() {
            Some(name) => self.named(&name.value),
            None => self.containing(vip.0).unwrap_or(SegmentId::FIRST),
        }
    }

    /// The segment whose subnet contains an address.
    pub fn containing(&self, address: IpAddr) -> Option<SegmentId> {
        let mut segments = self.each_segment();
        let found =
            segments.find(|(_, segment)| segment.subnet.iter().any(|one| one.0.contains(&address)));
        found.map(|(id, _)| id)
    }

    fn named(&self, name: &super::SegmentName) -> SegmentId {
        let is = |segment: &Segment| segment.name.as_ref().is_some_and(|one| one.value == *name);
        SegmentId(self.segments.iter().position(is).expect("the model knows every named segment"))
    }

    /// The interface of a NIC: its own, or that of its segment. The name of the first segment's NIC counts for a host in no
    /// segment.
    pub fn interface_of<'a>(&'a self, nic: &'a Nic) -> &'a Interface {
        let of_segment =
            || &self.segment(self.segment_of(nic).unwrap_or(SegmentId::FIRST)).interface;
        nic.interface.as_ref().unwrap_or_else(of_segment)
    }

    /// The gateways of a host, IPv4 first: its own, and in the other families that of its first NIC that has an address of the
    /// family and whose segment has a gateway.
    pub fn gateways_of<'a>(&'a self, host: &'a Host) -> Vec<&'a Located<Gateway>> {
        let of = |family: Family| {
            let own = host.gateway.as_ref().and_then(|own| own.of(family));
            own.or_else(|| {
                let able = host.nics.iter().filter(|nic| nic.address(family).is_some());
                let mut segments = able.filter_map(|nic| self.segment_of(nic));
                segments.find_map(|id| self.segment(id).gateway.as_ref()?.of(family))
            })
        };
        Family::ALL.into_iter().filter_map(of).collect()
    }

    /// The NIC of a host that leads to one of its gateways.
    pub fn nic_to<'a>(&self, host: &'a Host, gateway: &Located<Gateway>) -> Option<&'a Nic> {
        host.nics.iter().find(|nic| self.leads_to(nic, gateway))
    }

    /// Whether a gateway is in the segment of a NIC. A link-local gateway is in every segment that has it as its gateway; the own
    /// link-local gateway of a host is on its first NIC.
    fn leads_to(&self, nic: &Nic, gateway: &Located<Gateway>) -> bool {
        let Some(segment) = self.segment_of(nic).map(|id| self.segment(id)) else { return false };
        let listed = segment.gateways().any(|one| one.span == gateway.span);
        let own =
            !self.segments.iter().any(|one| one.gateways().any(|one| one.span == gateway.span));
        let inside = segment.subnet.iter().any(|one| one.0.contains(&gateway.0));
        listed || own && (inside || gateway.is_link_local())
    }

    /// The NIC of a host in a segment.
    pub fn nic_in<'a>(&self, host: &'a Host, segment: SegmentId) -> Option<&'a Nic> {
        host.nics.iter().find(|nic| self.segment_of(nic) == Some(segment))
    }

    /// The NIC on which a director carries a VIP: that in the segment of the VIP, else its first one. `check` reports a director
    /// without a NIC in the segment.
    pub fn vip_nic<'a>(&self, director: &'a Host, vip: Vip) -> &'a Nic {
        self.nic_in(director, self.segment_of_vip(vip)).unwrap_or(&director.nics[0])
    }

    /// The addresses of a family by which two hosts reach each other on one layer 2: those of their first common segment, in the
    /// order of the first host's NICs.
    pub fn near(
        &self,
        from: &Host,
        to: &Host,
        family: Family,
    ) -> Option<(HostAddress, HostAddress)> {
        from.nics.iter().find_map(|own| {
            let other = self.nic_in(to, self.segment_of(own)?)?;
            Some((own.address(family)?, other.address(family)?))
        })
    }

    /// The addresses of a family by which two hosts reach each other: those of a common segment, else those on the NICs of their
    /// default routes.
    pub fn path(
        &self,
        from: &Host,
        to: &Host,
        family: Family,
    ) -> Option<(HostAddress, HostAddress)> {
        let routed = || Some((self.outer_address(from, family)?, self.outer_address(to, family)?));
        self.near(from, to, family).or_else(routed)
    }

    /// The address of a host for hosts of other networks.
    fn outer_address(&self, host: &Host, family: Family) -> Option<HostAddress> {
        let mut gateways = self.gateways_of(host).into_iter();
        let gateway = gateways.find(|gateway| gateway.family() == family);
        let default = gateway.and_then(|gateway| self.nic_to(host, gateway)?.address(family));
        default.or_else(|| host.address(family))
    }

    /// The addresses by which two hosts reach each other in any family: those of a common segment before those of the default
    /// routes, then IPv4 before IPv6.
    pub fn closest(&self, from: &Host, to: &Host) -> Option<(HostAddress, HostAddress)> {
        let near = Family::ALL.into_iter().find_map(|family| self.near(from, to, family));
        near.or_else(|| Family::ALL.into_iter().find_map(|family| self.path(from, to, family)))
    }

    /// The NIC of a real server whose address is in the tables of all directors: for masquerading, its NIC in the segment of
    /// `inside`; else its first NIC in a segment in which every director has an address; else its first one.
    pub fn server_nic<'a>(
        &self,
        server: &'a Host,
        family: Family,
        way: Forwarding,
    ) -> Option<&'a Nic> {
        let able = || server.nics.iter().filter(|nic| nic.address(family).is_some());
        let inside = self.segment_of_inside(family).filter(|_| way == Forwarding::Masquerade);
        let inside =
            inside.and_then(|segment| able().find(|nic| self.segment_of(nic) == Some(segment)));
        let near = || able().find(|nic| self.has_every_director(nic, family));
        inside.or_else(near).or_else(|| able().next())
    }

    /// The address of a director in the segment of the address that its table has of a real server.
    pub fn director_beside(
        &self,
        director: &Host,
        server: &Host,
        family: Family,
        way: Forwarding,
    ) -> Option<HostAddress> {
        let segment = self.segment_of(self.server_nic(server, family, way)?)?;
        self.nic_in(director, segment)?.address(family)
    }

    /// The address of a director from which it reaches a real server: that beside the address in its table, else that on the NIC
    /// of its default route. `None` also for a real server without the family.
    pub fn director_address(
        &self,
        director: &Host,
        server: &Host,
        family: Family,
        way: Forwarding,
    ) -> Option<HostAddress> {
        server.address(family)?;
        let near = self.director_beside(director, server, family, way);
        near.or_else(|| self.outer_address(director, family))
    }

    /// The segment of the address to which masqueraded real servers send their answers of a family.
    pub fn segment_of_inside(&self, family: Family) -> Option<SegmentId> {
        let inside = self.failover.as_ref()?.value.inside(family)?;
        self.containing(inside.value.0)
    }

    /// The NIC on which a director speaks VRRP for a family: that in the first segment of the first director which every director
    /// has, else its first one with an address of the family.
    pub fn vrrp_nic<'a>(&self, director: &'a Host, family: Family) -> Option<&'a Nic> {
        let mut first = self.directors.first()?.nics.iter();
        let common = first.find(|nic| self.has_every_director(nic, family));
        match common.and_then(|nic| self.segment_of(nic)) {
            Some(segment) => self.nic_in(director, segment),
            None => director.nics.iter().find(|nic| nic.address(family).is_some()),
        }
    }

    /// The NIC on which a director shares its connections, always by IPv4 (`IP_VS_SYNC_GROUP`). `None` if the directors have no segment
    /// with IPv4 in common.
    pub fn sync_nic<'a>(&self, director: &'a Host) -> Option<&'a Nic> {
        let nic = self.vrrp_nic(director, Family::Ipv4)?;
        self.has_every_director(nic, Family::Ipv4).then_some(nic)
    }

    /// The address from which a director speaks VRRP for a family.
    pub fn vrrp_address(&self, director: &Host, family: Family) -> Option<HostAddress> {
        self.vrrp_nic(director, family)?.address(family)
    }

    /// Whether one of the hosts has a NIC in a segment.
    pub fn holds_one_of(&self, segment: SegmentId, hosts: &[Host]) -> bool {
        hosts.iter().any(|host| self.nic_in(host, segment).is_some())
    }

    /// Whether every director has an address of a family in the segment of a NIC.
    fn has_every_director(&self, nic: &Nic, family: Family) -> bool {
        self.segment_of(nic).is_some_and(|segment| {
            let near = |host| self.nic_in(host, segment)?.address(family);
            self.directors.iter().all(|host| near(host).is_some())
        })
    }
}
