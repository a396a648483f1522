//! The hosts of a trace: the facts of their files, and the parts of the model that no file of lvsgen has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::Checked;
use crate::facts::{Fact, InterfaceRef, Reading};
use crate::formats::Format;
use crate::given::{GivenFile, GivenHost, GivenName, LIVE, Sources};
use crate::ipvs::{Family, Protocol};
use crate::kernel::host::LOOPBACK;
use crate::kernel::{Setting, SysctlFile, in_order};
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
    /// The addresses of hosts of the model that lvsgen does not set up. `None`: no model names the hosts, so any host may be missing.
    pub(super) unmanaged: Option<Vec<IpAddr>>,
}

/// One host.
#[derive(Debug, Default)]
pub(super) struct TracedHost {
    pub(super) name: String,
    /// The addresses that the model gives the host, and no file of lvsgen sets.
    pub(super) base: Vec<(String, IpNet)>,
    /// The same for the default routes.
    pub(super) gateways: Vec<(String, IpAddr)>,
    /// Whether the host is in no segment of the model, so that the model does not know its router.
    pub(super) outside: bool,
    /// The names of NICs by the names in files.
    aliases: BTreeMap<InterfaceRef, String>,
    /// The sysctl files of the system, then those of the host's files.
    pub(super) sysctls: Vec<SysctlFile<'static>>,
    /// The settings of scripts and of other files that no program reads in the order of sysctl.d(5).
    pub(super) scripted: Vec<SysctlFile<'static>>,
    pub(super) conf_at_boot: bool,
    facts: Vec<(Fact, Span)>,
    /// The facts of the host while it runs. They come in the place of the same facts of files.
    live: Vec<(Fact, Span)>,
    /// The places of the default routes that scripts set.
    pub(super) scripts: BTreeSet<Span>,
    /// Whether the files show the kernel parameters of the system itself.
    pub(super) shows_defaults: bool,
    /// The VRRP instances, each with its addresses.
    pub(super) instances: Vec<(Instance, Vec<Moving>)>,
    /// The addresses that keepalived always sets.
    pub(super) fixed: Vec<Moving>,
    /// The tokens of files that a program does not know, or refuses.
    pub(super) faults: Vec<(Span, String)>,
}

/// An address that keepalived sets.
pub(super) type Moving = (InterfaceRef, IpNet, Span);

impl Hosts {
    /// The hosts of a model, with the files that lvsgen renders. `roots`: the files of some hosts, in the place of the rendered ones.
    pub fn rendered(
        checked: &Checked<'_>,
        read_back: &ReadBack<'_>,
        roots: Vec<GivenHost>,
    ) -> Self {
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
            let name = GivenName::Written(name.to_owned());
            given.push(GivenHost { name, files: files.collect() });
        }
        let mut hosts = Self::given(given);
        let views: BTreeMap<&str, &HostView<'_>> = checked
            .resolved()
            .hosts
            .iter()
            .map(|view| (view.host.name.value.as_str(), view))
            .collect();
        for host in &mut hosts.all {
            if let Some(view) = views.get(host.name.as_str()) {
                host.take_model(checked, view);
            }
        }
        hosts.gateways = checked.cluster().gateways().map(|gateway| gateway.0).collect();
        let unmanaged = checked.cluster().hosts().filter(|host| !host.is_managed());
        let addresses = unmanaged.flat_map(|host| host.addresses()).map(|address| address.value.0);
        hosts.unmanaged = Some(addresses.collect());
        hosts
    }

    /// The hosts whose files somebody gives.
    pub fn given(given: Vec<GivenHost>) -> Self {
        let mut sources = Sources::default();
        let mut placed = Vec::new();
        for host in given.into_iter().map(GivenHost::with_written_files) {
            let name = host.name.as_str().to_owned();
            let files: Vec<_> = host.files.into_iter().map(|file| sources.add(file)).collect();
            placed.push((name, files));
        }
        let source = sources.source.take().unwrap_or_else(|| Source::new("", ""));
        let all = placed.into_iter().map(|(name, files)| {
            let mut host = TracedHost { name, conf_at_boot: true, ..TracedHost::default() };
            for file in &files {
                let Some(format) = file.file.format.filter(|_| file.file.inactive().is_none())
                else {
                    continue;
                };
                let reading = file.read(format, &host.name);
                host.take(&file.file, &reading);
            }
            host
        });
        Self { all: all.collect(), source, gateways: Vec::new(), unmanaged: None }
    }

    /// The names of the hosts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|host| host.name.as_str())
    }
}

impl TracedHost {
    /// Takes the facts of a file.
    fn take(&mut self, file: &GivenFile, reading: &Reading) {
        let live = LIVE.iter().any(|(path, _)| *path == file.path);
        let keeps = file.format == Some(Format::Keepalived);
        self.shows_defaults |= file.path.starts_with("/usr/lib/sysctl.d/")
            || live && file.format == Some(Format::Sysctl);
        let (mut settings, mut moving) = (Vec::new(), Vec::new());
        for (fact, span) in reading.placed() {
            let span = Span { start: span.start, end: span.end };
            match fact.clone() {
                Fact::Setting { key, value } => settings.push(Setting {
                    key: key.into(),
                    value: Some(value.into()),
                    span: Some(span),
                    tunes: false,
                }),
                Fact::Address { interface, net } if keeps => moving.push((interface, net, span)),
                // The addresses of an instance stand before the instance.
                Fact::Instance(instance) => {
                    self.instances.push((instance, std::mem::take(&mut moving)));
                }
                fact if live => self.live.push((fact, span)),
                fact => {
                    let routes = matches!(fact, Fact::DefaultRoute { .. });
                    if routes && file.format == Some(Format::Shell) {
                        self.scripts.insert(span);
                    }
                    self.facts.push((fact, span));
                }
            }
        }
        self.fixed.extend(moving);
        if !settings.is_empty() {
            let (path, applied_last) = (file.path.clone().into(), !in_order(&file.path));
            let list = if applied_last { &mut self.scripted } else { &mut self.sysctls };
            list.push(SysctlFile { path, applied_last, settings });
        }
        let faults = reading.faults().filter(|rest| !rest.inside);
        self.faults.extend(faults.map(|rest| {
            let span = Span { start: rest.span.start, end: rest.span.end };
            (span, rest.reason.clone())
        }));
    }

    /// Takes the parts of the model that no file of lvsgen has.
    fn take_model(&mut self, checked: &Checked<'_>, view: &HostView<'_>) {
        let cluster = checked.cluster();
        let is_vip = |address: IpAddr| cluster.vips().any(|vip| vip.0 == address);
        // The files of a real host show its own addresses and gateways.
        let own = self.facts.iter().chain(&self.live).any(|(fact, _)| match fact {
            Fact::Address { interface, net } => {
                let wide = net.prefix_len() < net.max_prefix_len();
                wide && self.nic(interface) != LOOPBACK && !is_vip(net.addr())
            }
            _ => false,
        });
        for nic in &view.nics {
            let name = nic.name().as_str();
            self.outside |= nic.segment.is_none();
            for address in nic.addresses.iter().filter(|_| !own) {
                let subnets =
                    nic.segment.into_iter().flat_map(|id| cluster.segment(id).subnet.iter());
                let subnet = subnets.map(|one| one.0).find(|net| net.contains(&address.0));
                let single = Family::of(address.0).host_prefix();
                let prefix = subnet.map_or(single, |net| net.prefix_len());
                let net = IpNet::new(address.0, prefix).ok();
                self.base.extend(net.map(|net| (name.to_owned(), net)));
            }
            let gateways = nic.gateways.iter().filter(|_| !own);
            self.gateways.extend(gateways.map(|gateway| (name.to_owned(), gateway.0)));
            let id = InterfaceRef::NetplanId(nic.interface.netplan_id().to_owned());
            let file = InterfaceRef::NetworkFile(nic.interface.network_file().into_owned());
            self.aliases.insert(id, name.to_owned());
            self.aliases.insert(file, name.to_owned());
        }
        if let Some(profile) = view.profile {
            let setting = |(key, value): (&String, &Option<String>)| Setting {
                key: key.clone().into(),
                value: value.clone().map(Into::into),
                span: None,
                tunes: false,
            };
            let files = profile.kernel.sysctl_files.iter().map(|(path, settings)| SysctlFile {
                path: path.clone().into(),
                applied_last: false,
                settings: settings.iter().map(setting).collect(),
            });
            let own = std::mem::take(&mut self.sysctls);
            self.sysctls = files.chain(own).collect();
            self.conf_at_boot = !profile.kernel.ignores_sysctl_conf;
            self.shows_defaults = true;
        }
    }

    /// The name of a NIC. A label such as `ens33:0` names the NIC before the colon.
    pub(super) fn nic(&self, interface: &InterfaceRef) -> String {
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

    /// The facts of a kind: those of the host while it runs, if they are given.
    pub(super) fn of_kind(&self, kind: fn(&Fact) -> bool) -> impl Iterator<Item = &(Fact, Span)> {
        let live = self.live.iter().any(|(fact, _)| kind(fact));
        let all = if live { &self.live } else { &self.facts };
        all.iter().filter(move |(fact, _)| kind(fact))
    }

    /// Whether the addresses are those of the host while it runs.
    pub(super) fn has_live_addresses(&self) -> bool {
        self.live.iter().any(|(fact, _)| matches!(fact, Fact::Address { .. }))
    }

    /// Whether a file shows a web server on a port. The files of the system, which lvsgen does not have, may show more ports.
    pub(super) fn listens(&self, protocol: Protocol, wanted: u16) -> bool {
        let listens = |fact: &Fact| matches!(fact, Fact::Listens { port, .. } if *port == wanted);
        protocol == Protocol::Tcp && self.facts.iter().any(|(fact, _)| listens(fact))
    }

    /// The device that takes packets out of a tunnel.
    pub(super) fn tunnel(&self, outer: Family, inner: Family) -> Option<(&str, Span)> {
        let begins: &[&str] = match (outer, inner) {
            (Family::Ipv4, Family::Ipv4) => &["tunl", "ipip"],
            (Family::Ipv4, Family::Ipv6) => &["sit"],
            (Family::Ipv6, _) => &["ip6tnl", "ip6tun"],
        };
        self.facts.iter().find_map(|(fact, span)| match fact {
            Fact::DeviceUp(device) if begins.iter().any(|begin| device.starts_with(begin)) => {
                Some((device.as_str(), *span))
            }
            _ => None,
        })
    }

    /// Whether health checks watch a real server.
    pub(super) fn checks(&self, server: IpAddr) -> bool {
        let of = |fact: &Fact| matches!(fact, Fact::Check { server: one, .. } if *one == server);
        self.facts.iter().any(|(fact, _)| of(fact))
    }

    /// Whether the host shares its connections with another director.
    pub(super) fn synchronises(&self) -> bool {
        self.facts.iter().any(|(fact, _)| matches!(fact, Fact::SyncDaemon { .. }))
    }
}
