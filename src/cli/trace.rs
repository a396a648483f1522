//! `lvsgen trace`: shows the way of a packet from a client to a service.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::fault::Fault;
use super::print::say;

use super::input::{EXAMPLE, Input, WithoutModel, example_name};
use super::model_file::model_here;
use super::trees::{TreePart, tree};
use super::{ModelArgs, OverlayArgs};
use crate::check::Checked;
use crate::diagnostic::did_you_mean;
use crate::embed::Example;
use crate::given::GivenHost;
use crate::ipvs::Protocol;
use crate::kernel::Moment;
use crate::kernel::ipvs::Packet;
use crate::model::TargetName;
use crate::trace::{Asked, Hosts, Options, Trace, human, json, mermaid, svg};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen trace 192.168.10.100:80\n  lvsgen trace cluster.yaml 192.168.10.100:53/udp --from outside\n  lvsgen trace --root lvs1=lvs1/ --root web1=web1/ 192.168.10.100:80"
)]
pub(super) struct TraceArgs {
    /// The model file, and the VIP with the port, such as `192.168.10.100:80` or `[2001:db8::100]:53/udp`; without a model, cluster.yaml;
    /// without a VIP, every service of the model
    #[arg(num_args = 0..=2, value_names = ["MODEL", "VIP:PORT"])]
    arguments: Vec<String>,
    /// Use a built-in example as the model
    #[arg(
        long, value_name = "NAME", num_args = 0..=1, require_equals = true,
        default_missing_value = EXAMPLE, value_parser = example_name
    )]
    example: Option<Example>,
    /// The target (operating system) of each host that has no `target` of its own in the model
    #[arg(long, value_name = "NAME", value_parser = TargetName::new)]
    target: Option<TargetName>,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Read the files of a host from a copy of its file system, and not the rendered ones; with such hosts alone, no model is needed
    #[arg(long = "root", value_name = "NAME=DIR")]
    roots: Vec<String>,
    /// The client: `outside` (behind the gateway), `on-link`, an address, or a host of the cluster; repeat the option for more [default:
    /// all places]
    #[arg(long = "from", value_name = "CLIENT")]
    from: Vec<String>,
    /// The moment of the kernel parameters: after a boot, after the files were applied, or after `sysctl --system` [default: all]
    #[arg(long, value_enum)]
    moment: Option<MomentArg>,
    /// A host that is down; repeat the option for more
    #[arg(long = "without", value_name = "HOST")]
    without: Vec<String>,
    /// The format of the trace
    #[arg(long, value_enum, default_value_t)]
    format: TraceFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MomentArg {
    /// After a boot
    Boot,
    /// While the host runs, after the files were applied
    Running,
    /// After `sysctl --system`
    Reread,
}

/// The format of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum TraceFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
    /// A sequence diagram of Mermaid, of the first place
    Mermaid,
    /// A drawing of one service, of the first place
    Svg,
}

impl TraceArgs {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let (model, service) = self.model_and_service()?;
        let roots = self.read_roots()?;
        let named = model.model.is_some() || model.example.is_some();
        if !named && !roots.is_empty() && model_here().is_none() {
            let Some(packet) = service else {
                let help = "write the VIP and the port, such as `192.168.10.100:80`";
                return Err(Fault::helped(
                    "no model names the services, and no service is given",
                    help,
                ));
            };
            return self.show(&Hosts::given(roots), &[packet]);
        }
        let input = Input::read(&model, WithoutModel::Refuse)?;
        let cluster = input.cluster()?;
        let (checked, _) = input.checked(&cluster, &model)?;
        let read_back = input.render(&checked, &model.overlay)?;
        let known = |one: &GivenHost| {
            checked.resolved().hosts.iter().any(|view| one.is(view.host.name.value.as_str()))
        };
        if let Some(host) = roots.iter().find(|one| !known(one)) {
            let message = format!("the model has no host `{}`", host.name.as_str());
            return Err(Fault::helped(
                message,
                "write `--root NAME=DIR` with the name of a host of the model",
            ));
        }
        let hosts = Hosts::rendered(&checked, &read_back, roots);
        let packets = match service {
            Some(packet) => vec![packet],
            None => packets(&checked),
        };
        self.show(&hosts, &packets)
    }

    /// The model and the service. A single argument that reads as a service is one.
    fn model_and_service(&self) -> Result<(ModelArgs, Option<Packet>), Fault> {
        let (path, written) = match self.arguments.as_slice() {
            [] => (None, None),
            [only] if is_service(only) => (None, Some(only)),
            [path] => (Some(path), None),
            [service, path, ..] if is_service(service) => (Some(path), Some(service)),
            [path, service, ..] => (Some(path), Some(service)),
        };
        let help = "write the VIP and the port: `192.168.10.100:80`, `[2001:db8::100]:443` or `192.168.10.100:53/udp`";
        let service = written.map(|text| packet(text)).transpose();
        let service = service.map_err(|why| Fault::helped(why, help))?;
        if let (Some(path), Some(_)) = (path, self.example) {
            return Err(Fault::helped(
                format!("the model is `{path}`, and `--example` names another model"),
                "remove one of them",
            ));
        }
        let overlay = OverlayArgs {
            profiles: self.overlay.profiles.clone(),
            templates: self.overlay.templates.clone(),
        };
        let (model, target) = (path.map(PathBuf::from), self.target.clone());
        Ok((ModelArgs { model, example: self.example, target, overlay }, service))
    }

    /// The files of the hosts of `--root`.
    fn read_roots(&self) -> Result<Vec<GivenHost>, Fault> {
        let mut hosts: Vec<GivenHost> = Vec::new();
        let mut unread = 0;
        for written in &self.roots {
            let (name, path) = match written.split_once('=') {
                Some((name, path)) if !name.contains('/') => (Some(name.to_owned()), path),
                _ => (None, written.as_str()),
            };
            let root = Path::new(path);
            if !root.join("etc").is_dir() {
                let help = "name the root directory of a copy of the host's files: it has `etc`";
                return Err(Fault::helped(format!("`{path}` has no directory `etc`"), help));
            }
            let host = tree(name, root, TreePart::WithSystem, &mut unread);
            if hosts.iter().any(|one| one.is(host.name.as_str())) {
                let message =
                    format!("two `--root` options name the host `{}`", host.name.as_str());
                return Err(Fault::helped(message, "write `--root NAME=DIR` with different names"));
            }
            hosts.push(host);
        }
        Ok(hosts)
    }

    fn show(&self, hosts: &Hosts, packets: &[Packet]) -> Result<(), Fault> {
        let names: BTreeSet<&str> = hosts.names().collect();
        if let Some(name) = self.without.iter().find(|name| !names.contains(name.as_str())) {
            let help = did_you_mean(name, names.iter().copied());
            return Err(Fault::Usage { message: format!("there is no host `{name}`"), help });
        }
        let moments = match self.moment {
            Some(MomentArg::Boot) => vec![Moment::Boot],
            Some(MomentArg::Running) => vec![Moment::Running],
            Some(MomentArg::Reread) => vec![Moment::Reread],
            None => Moment::ALL.to_vec(),
        };
        let mut traces = Vec::new();
        for packet in packets {
            let options = Options {
                packet: *packet,
                from: self.from.iter().map(|text| Asked::read(text)).collect(),
                moments: moments.clone(),
                down: self.without.iter().cloned().collect(),
            };
            let help =
                "the clients are `outside`, `on-link`, an address, and the names of the hosts";
            traces.push(Trace::new(hosts, &options).map_err(|why| Fault::helped(why, help))?);
        }
        say(&self.text(&traces, hosts)?)?;
        if traces.iter().all(Trace::is_good) { Ok(()) } else { Err(Fault::Findings) }
    }

    fn text(&self, traces: &[Trace], hosts: &Hosts) -> Result<String, Fault> {
        Ok(match (self.format, traces) {
            (TraceFormat::Human, traces) => human(traces, hosts),
            // A trace of one service is one object.
            (TraceFormat::Json, [one]) => pretty(&json::write(one, hosts))?,
            (TraceFormat::Json, traces) => {
                let all: Vec<_> = traces.iter().map(|one| json::write(one, hosts)).collect();
                pretty(&all.into())?
            }
            (TraceFormat::Svg, [one]) => svg::write(one, hosts),
            (TraceFormat::Svg, _) => {
                let help = "write the VIP and the port, such as `192.168.10.100:80`";
                return Err(Fault::helped("a drawing shows one service", help));
            }
            (TraceFormat::Mermaid, traces) => {
                let diagrams: Vec<String> =
                    traces.iter().map(|trace| mermaid::write(trace, hosts)).collect();
                diagrams.join("\n")
            }
        })
    }
}

fn pretty(value: &serde_json::Value) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// The traces of services for people. A service whose packets go as those of an earlier one is one line.
fn human(traces: &[Trace], hosts: &Hosts) -> String {
    let mut known: Vec<(human::Signature, String)> = Vec::new();
    let mut texts = Vec::new();
    for trace in traces {
        let (key, name) = (human::signature(trace), human::socket(trace));
        match known.iter().find(|(one, _)| *one == key) {
            Some((_, first)) => texts.push(format!("{name}: the packets go as those of {first}\n")),
            None => {
                texts.push(human::write(trace, hosts));
                known.push((key, name));
            }
        }
    }
    texts.join("\n")
}

/// The packets of each service of a model: the first port of each range, for each VIP and each protocol.
fn packets(checked: &Checked<'_>) -> Vec<Packet> {
    let mut packets: Vec<Packet> = Vec::new();
    for view in &checked.resolved().services {
        let mut ports: Vec<u16> = view.service.ports().iter().map(|range| range.first).collect();
        if ports.is_empty() {
            // A service of all ports has no first one.
            ports.push(80);
        }
        for vip in &view.service.vips {
            for protocol in view.service.protocols() {
                let each =
                    ports.iter().map(|port| Packet { address: vip.value.0, port: *port, protocol });
                packets.extend(each.filter(|one| !packets.contains(one)).collect::<Vec<_>>());
            }
        }
    }
    packets
}

/// Whether an argument is meant as a service, and not as a file.
fn is_service(text: &str) -> bool {
    let first = text.split(['/', ':']).next().unwrap_or_default();
    let address = text.starts_with('[') || first.parse::<IpAddr>().is_ok();
    address || packet(text).is_ok() || text.matches(':').count() > 1
}

/// Reads `192.0.2.1:80`, `[2001:db8::1]:80` or `192.0.2.1:53/udp`.
fn packet(text: &str) -> Result<Packet, String> {
    let (socket, protocol) = match text.rsplit_once('/') {
        Some((socket, protocol)) => (socket, Protocol::new(&protocol.to_ascii_lowercase()).ok()),
        None => (text, Some(Protocol::Tcp)),
    };
    let wrong = || format!("`{text}` is no address with a port");
    let socket: SocketAddr = socket.parse().map_err(|_| wrong())?;
    let protocol = protocol.ok_or_else(wrong)?;
    Ok(Packet { address: socket.ip(), port: socket.port(), protocol })
}
