//! The hosts of a trace: the facts of their files, and the kernels that these facts make.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::Checked;
use crate::facts::{Fact, InterfaceRef};
use crate::formats::Format;
use crate::given::{GivenFile, GivenHost, GivenName, Sources};
use crate::ipvs::{Family, Protocol};
use crate::kernel::host::{Address, Host, LOOPBACK, MAIN, Route, Rule, Scope};
use crate::kernel::ipvs::{Mark, Packet, Table};
use crate::kernel::{Kernel, Moment, Setting, SysctlFile, in_order};
use crate::readback::ReadBack;
use crate::resolve::HostView;
use crate::source::{Source, Span};
use crate::vrrp::Instance;

/// The hosts, and the texts of their files.
#[derive(Debug)]
pub struct Hosts {
    /// The texts.
    pub source: Source,
    pub(super) all: Vec<TracedHost>,
    /// The gateways that the model names.
    pub(super) gateways: Vec<IpAddr>,
}

/// One host.
#[derive(Debug, Default)]
pub(super) struct TracedHost {
    pub(super) name: String,
    /// The addresses that the model gives the host, and no file of lvsgen sets.
    base: Vec<(String, IpNet)>,
    /// The same for the default routes.
    gateways: Vec<(String, IpAddr)>,
    /// Whether the host is in no segment of the model, so that the model does not know its router.
    pub(super) outside: bool,
    /// The names of NICs by the names in files.
    aliases: BTreeMap<InterfaceRef, String>,
    /// The sysctl files of the system, then those of the host's files.
    sysctls: Vec<SysctlFile<'static>>,
    conf_at_boot: bool,
    facts: Vec<(Fact, Span)>,
    /// The places of the default routes that scripts set.
    scripts: BTreeSet<Span>,
    /// Whether the files of the system show its own kernel parameters.
    pub(super) shows_defaults: bool,
    /// The addresses that keepalived sets on the director that works.
    moving: Vec<(InterfaceRef, IpNet, Span)>,
    pub(super) instance: Option<Instance>,
    /// The paths of files that lvsgen does not read.
    pub(super) unread: Vec<String>,
}

impl Hosts {
    /// The hosts of a model, with the files that lvsgen renders.
    /// `roots`: the files of some hosts, in the place of the rendered ones.
    pub fn rendered(
        checked: &Checked<'_>,
        read_back: &ReadBack<'_>,
        roots: Vec<GivenHost>,
    ) -> Self {
        let cluster = checked.cluster();
        let rendered = read_back.rendered();
        let mut given = Vec::new();
        let mut roots = roots.into_iter().map(Some).collect::<Vec<_>>();
        for host in &rendered.hosts {
            let name = host.plan.name.as_str();
            let root = roots.iter_mut().find(|one| one.as_ref().is_some_and(|one| one.is(name)));
            if let Some(root) = root.and_then(Option::take) {
                given.push(root);
                continue;
            }
            let files = rendered.files(host).map(|file| GivenFile {
                shown: format!("{name}:{}", file.path),
                path: file.path.clone(),
                format: file.format,
                text: file.contents.to_string(),
                included: Vec::new(),
                searched: "/",
            });
            given.push(GivenHost {
                name: GivenName::Written(name.to_owned()),
                files: files.collect(),
            });
        }
        let mut hosts = Self::given(given);
        for view in &checked.resolved().hosts {
            let name = view.host.name.value.as_str();
            if let Some(host) = hosts.all.iter_mut().find(|host| host.name == name) {
                host.take_model(checked, view);
            }
        }
        hosts.gateways = cluster.gateways().map(|gateway| gateway.0).collect();
        hosts
    }

    /// The hosts whose files somebody gives.
    pub fn given(given: Vec<GivenHost>) -> Self {
        let mut sources = Sources::default();
        let mut placed = Vec::new();
        for host in given {
            let name = host.name.as_str().to_owned();
            let files: Vec<_> = host.files.into_iter().map(|file| sources.add(file)).collect();
            placed.push((name, files));
        }
        let source = sources.source.take().unwrap_or_else(|| Source::new("", ""));
        let all = placed.into_iter().map(|(name, files)| {
            let mut host = TracedHost { name, conf_at_boot: true, ..TracedHost::default() };
            for file in &files {
                let Some(format) = file.file.format else {
                    host.unread.push(file.file.path.clone());
                    continue;
                };
                let reading = file.read(format, &host.name);
                let facts = reading.placed();
                let facts = facts.map(|(fact, span)| (fact.clone(), place(&span))).collect();
                host.take(&file.file, facts);
            }
            host
        });
        Self { all: all.collect(), source, gateways: Vec::new() }
    }

    /// The names of the hosts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|host| host.name.as_str())
    }
}

fn place(span: &std::ops::Range<usize>) -> Span {
    Span { start: span.start, end: span.end }
}

impl TracedHost {
    /// Takes the facts of a file.
    fn take(&mut self, file: &GivenFile, facts: Vec<(Fact, Span)>) {
        let mut settings = Vec::new();
        let moves = file.format == Some(Format::Keepalived);
        self.shows_defaults |= file.path.starts_with("/usr/lib/sysctl.d/");
        for (fact, span) in facts {
            if file.format == Some(Format::Shell) && matches!(fact, Fact::DefaultRoute { .. }) {
                self.scripts.insert(span);
            }
            match fact {
                Fact::Setting { key, value } => settings.push(Setting {
                    key: key.into(),
                    value: Some(value.into()),
                    span: Some(span),
                    tunes: false,
                }),
                Fact::Address { interface, net } if moves => {
                    self.moving.push((interface, net, span));
                }
                Fact::Instance(instance) => self.instance = Some(instance),
                fact => self.facts.push((fact, span)),
            }
        }
        if !settings.is_empty() {
            let (path, applied_last) = (file.path.clone().into(), !in_order(&file.path));
            self.sysctls.push(SysctlFile { path, applied_last, settings });
        }
    }

    /// Takes the parts of the model that no file of lvsgen has.
    fn take_model(&mut self, checked: &Checked<'_>, view: &HostView<'_>) {
        let cluster = checked.cluster();
        // The files of a real host show its own addresses.
        let is_vip = |address: IpAddr| cluster.vips().any(|vip| vip.0 == address);
        let own = self.facts.iter().any(|(fact, _)| match fact {
            Fact::Address { interface, net } => {
                net.prefix_len() < net.max_prefix_len()
                    && self.nic(interface) != LOOPBACK
                    && !is_vip(net.addr())
            }
            _ => false,
        });
        for nic in &view.nics {
            let name = nic.name().as_str();
            for address in nic.addresses.iter().filter(|_| !own) {
                let subnets =
                    nic.segment.into_iter().flat_map(|id| cluster.segment(id).subnet.iter());
                let subnet = subnets.map(|one| one.0).find(|net| net.contains(&address.0));
                self.outside |= nic.segment.is_none();
                let single = Family::of(address.0).host_prefix();
                let prefix = subnet.map_or(single, |net| net.prefix_len());
                self.base
                    .extend(IpNet::new(address.0, prefix).ok().map(|net| (name.to_owned(), net)));
            }
            self.gateways.extend(nic.gateways.iter().map(|gateway| (name.to_owned(), gateway.0)));
            let id = InterfaceRef::NetplanId(nic.interface.netplan_id().to_owned());
            let file = InterfaceRef::NetworkFile(nic.interface.network_file().into_owned());
            self.aliases.insert(id, name.to_owned());
            self.aliases.insert(file, name.to_owned());
        }
        if let Some(profile) = view.profile {
            self.shows_defaults = true;
            let files = profile.kernel.sysctl_files.iter().map(|(path, settings)| SysctlFile {
                path: path.clone().into(),
                applied_last: false,
                settings: settings
                    .iter()
                    .map(|(key, value)| Setting {
                        key: key.clone().into(),
                        value: value.clone().map(Into::into),
                        span: None,
                        tunes: false,
                    })
                    .collect(),
            });
            let own = std::mem::take(&mut self.sysctls);
            self.sysctls = files.chain(own).collect();
            self.conf_at_boot = !profile.kernel.ignores_sysctl_conf;
        }
    }

    /// The name of a NIC. A label such as `ens33:0` names the NIC before the colon.
    fn nic(&self, interface: &InterfaceRef) -> String {
        if let Some(name) = self.aliases.get(interface) {
            return name.clone();
        }
        let name = match interface {
            InterfaceRef::Name(name) | InterfaceRef::NetplanId(name) => name,
            InterfaceRef::NetworkFile(file) => {
                let id = file.strip_prefix("10-netplan-").unwrap_or(file);
                id.strip_suffix(".network").unwrap_or(id)
            }
        };
        name.split(':').next().unwrap_or(name).to_owned()
    }

    /// The kernel of the host. `works`: the host is the director that works.
    pub(super) fn kernel(&self, moment: Moment, works: bool, packet: Packet) -> Host<'_> {
        let settings = Kernel::new(&self.sysctls, self.conf_at_boot, moment);
        let mut host = Host::new(settings);
        let loopback = IpNet::new(IpAddr::from([127, 0, 0, 1]), 8).expect("8 is a prefix length");
        let mut add = |nic: String, net: IpNet, place: Option<Span>| {
            let loopback = nic == LOOPBACK && net.addr().is_loopback();
            let scope = if loopback { Scope::Host } else { Scope::Global };
            host.add(Address { nic, net, scope, secondary: false, order: 0, place });
        };
        add(LOOPBACK.to_owned(), loopback, None);
        for (nic, net) in &self.base {
            add(nic.clone(), *net, None);
        }
        // The files name the NIC's own address before a VIP only by chance: wide networks come first.
        let mut own: Vec<_> = self
            .facts
            .iter()
            .filter_map(|(fact, span)| match fact {
                Fact::Address { interface, net } => Some((self.nic(interface), *net, *span)),
                _ => None,
            })
            .collect();
        own.sort_by_key(|(_, net, _)| net.prefix_len() == net.max_prefix_len());
        for (nic, net, span) in own {
            add(nic, net, Some(span));
        }
        for (interface, net, span) in self.moving.iter().filter(|_| works) {
            add(self.nic(interface), *net, Some(*span));
        }
        self.routes(&mut host);
        self.rules(&mut host, packet);
        host
    }

    fn routes(&self, host: &mut Host<'_>) {
        let own =
            self.gateways.iter().map(|(nic, gateway)| (MAIN, *gateway, Some(nic.clone()), None));
        let written = self.facts.iter().filter_map(|(fact, span)| match fact {
            Fact::DefaultRoute { gateway } => Some((MAIN, *gateway, None, Some(*span))),
            Fact::TableRoute { table, gateway } => Some((*table, *gateway, None, Some(*span))),
            _ => None,
        });
        // A script runs after the network is up, and replaces its default route.
        let mut written: Vec<_> = written.collect();
        written.reverse();
        written.sort_by_key(|(.., place)| !place.is_some_and(|span| self.scripts.contains(&span)));
        for (table, gateway, nic, place) in written.into_iter().chain(own) {
            // A link-local gateway lies in no network of the files.
            let family = |one: &&Address| one.nic != LOOPBACK && one.net.addr().is_ipv6();
            let first = || host.addresses.iter().find(family).filter(|_| is_link_local(gateway));
            let near = host.nic_to(gateway).or_else(first).map(|one| one.nic.clone());
            let Some(nic) = nic.or(near) else { continue };
            let all: &str = if gateway.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
            let net = all.parse().expect("the network of all addresses is valid");
            let again = host.routes.iter().any(|one| one.table == table && one.net == net);
            if !again {
                host.routes.push(Route { table, net, gateway: Some(gateway), nic, place });
            }
        }
        for all in ["0.0.0.0/0", "::/0"].into_iter().filter(|_| self.outside) {
            let net: IpNet = all.parse().expect("the network of all addresses is valid");
            let nic = host.addresses.iter().find(|one| {
                one.nic != LOOPBACK && one.net.addr().is_ipv4() == net.addr().is_ipv4()
            });
            let known = host.routes.iter().any(|one| one.table == MAIN && one.net == net);
            if let Some(nic) = nic.map(|one| one.nic.clone()).filter(|_| !known) {
                host.routes.push(Route { table: MAIN, net, gateway: None, nic, place: None });
            }
        }
    }

    fn rules(&self, host: &mut Host<'_>, packet: Packet) {
        for (fact, span) in &self.facts {
            let Fact::SourceRule { source, protocol, port, table } = fact else { continue };
            if *protocol == packet.protocol {
                let (source, table, place) = (*source, *table, Some(*span));
                host.rules.push(Rule { source, ports: *port, table, place });
            }
        }
    }

    /// The IPVS table.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::default();
        for (fact, span) in &self.facts {
            let place = Some(*span);
            match fact {
                Fact::Service(service) => table.services.push((service.clone(), place)),
                Fact::Destination { endpoint, destination } => {
                    table.destinations.push((*endpoint, *destination, place));
                }
                Fact::Mark { address, protocol, ports, mark } => table.marks.push(Mark {
                    address: *address,
                    protocol: *protocol,
                    ports: ports.clone(),
                    mark: *mark,
                    place,
                }),
                _ => {}
            }
        }
        table
    }

    /// Whether a file shows a web server on a port. The files of the system, which lvsgen does not have, may show more ports.
    pub(super) fn listens(&self, protocol: Protocol, wanted: u16) -> bool {
        protocol == Protocol::Tcp
            && self
                .facts
                .iter()
                .any(|(fact, _)| matches!(fact, Fact::Listens { port, .. } if *port == wanted))
    }

    /// Whether the host has a device that takes packets of a family out of a tunnel.
    pub(super) fn tunnel(&self, outer: Family) -> Option<(&str, Span)> {
        self.facts.iter().find_map(|(fact, span)| match fact {
            Fact::DeviceUp(device) if device.starts_with("ip6tnl") == (outer == Family::Ipv6) => {
                Some((device.as_str(), *span))
            }
            _ => None,
        })
    }

    /// Whether health checks watch a real server.
    pub(super) fn checks(&self, server: IpAddr) -> bool {
        self.facts
            .iter()
            .any(|(fact, _)| matches!(fact, Fact::Check { server: one, .. } if *one == server))
    }
}

/// Whether an address is valid on one segment only.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
