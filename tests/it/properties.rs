//! What must hold for every model: what is accepted reads back as it was meant, and no input adds
//! a line, a key or a command.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lvsgen::check;
use lvsgen::delivery::hosts;
use lvsgen::diagnostic::human;
use lvsgen::embed;
use lvsgen::model::{Cluster, Need, TargetName};
use lvsgen::plan::{Html, Plan};
use lvsgen::readback::ReadBack;
use lvsgen::source::Source;
use proptest::prelude::*;

use super::readers::{self, Rule};
use super::support::{files, profiles, render, templates};

/// A model as its author means it.
#[derive(Clone, Debug)]
struct Meant {
    interface: String,
    export: String,
    mount: String,
    title: String,
    weights: Vec<u16>,
    services: Vec<Service>,
}

#[derive(Clone, Debug)]
struct Service {
    dual: bool,
    protocol: &'static str,
    scheduler: &'static str,
    persistence: Option<(u32, u8, u8)>,
    servers: Vec<usize>,
    fwmark: bool,
}

fn service(hosts: usize) -> impl Strategy<Value = Service> {
    let schedulers = prop::sample::select(vec![
        "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
        "twos",
    ]);
    (
        any::<bool>(),
        prop::sample::select(vec!["tcp", "udp", "sctp"]),
        schedulers,
        prop::option::of((1_u32..2_678_400, 1_u8..=32, 1_u8..=128)),
        prop::sample::subsequence((0..hosts).collect::<Vec<_>>(), 1..=hosts),
        any::<bool>(),
    )
        .prop_map(|(dual, protocol, scheduler, persistence, servers, fwmark)| Service {
            dual,
            protocol,
            scheduler,
            persistence,
            servers,
            fwmark,
        })
}

fn meant() -> impl Strategy<Value = Meant> {
    // Below a directory of its own: the rest of the system is nobody's to share.
    let path = "/srv(/[a-zA-Z0-9._@+-]{0,8}[a-zA-Z0-9_-]){1,3}";
    (
        "[a-z][a-z0-9-]{0,5}(\\.[0-9]{1,3})?".prop_filter("the kernel's own", |name| name != "lo"),
        path,
        path,
        "[ -~]{0,20}[节点测试网页éß€]{0,10}[<>&\"'a-z]{1,10}",
        prop::collection::vec(any::<u16>(), 1..5),
    )
        .prop_flat_map(|(interface, export, mount, title, weights)| {
            let services = prop::collection::vec(service(weights.len()), 1..5);
            services.prop_map(move |services| Meant {
                interface: interface.clone(),
                export: export.clone(),
                mount: mount.clone(),
                title: title.clone(),
                weights: weights.clone(),
                services,
            })
        })
}

fn v4(last: usize) -> IpAddr {
    Ipv4Addr::new(10, 9, 8, u8::try_from(last).unwrap()).into()
}

fn v6(last: usize) -> IpAddr {
    Ipv6Addr::new(0xfd00, 9, 8, 0, 0, 0, 0, u16::try_from(last).unwrap()).into()
}

impl Meant {
    /// The model as YAML, written by a serialiser.
    fn yaml(&self) -> String {
        let host = |name: String, at: usize| serde_json::json!({ "name": name, "address": [v4(at), v6(at)] });
        let services = self.services.iter().enumerate().map(|(at, service)| {
            let vip = if service.dual { vec![v4(100 + at), v6(100 + at)] } else { vec![v4(100 + at)] };
            let servers = service.servers.iter().map(|server| {
                serde_json::json!({ "name": format!("web{server}"), "weight": self.weights[*server] })
            });
            let mut written = serde_json::json!({
                "name": format!("s{at}"),
                "vip": vip,
                "protocol": service.protocol,
                "scheduler": service.scheduler,
                "port": 8000 + at,
                "real_servers": servers.collect::<Vec<_>>(),
            });
            if service.fwmark {
                written["fwmark"] = (at + 1).into();
            }
            if let Some((timeout, netmask, netmask6)) = service.persistence {
                written["persistence"] =
                    serde_json::json!({ "timeout": timeout, "netmask": netmask, "netmask6": netmask6 });
            }
            written
        });
        let dual = self.services.iter().any(|service| service.dual);
        let mut servers = Vec::new();
        for at in 0..self.weights.len() {
            let mut server = host(format!("web{at}"), 10 + at);
            server["title"] = self.title.clone().into();
            servers.push(server);
        }
        let model = serde_json::json!({
            "name": "p",
            "network": { "interface": self.interface, "subnet": ["10.9.8.0/24", "fd00:9:8::/64"] },
            "directors": [host("lvs".into(), 1)],
            "real_servers": servers,
            "virtual_services": services.collect::<Vec<_>>(),
            "mechanisms": { "director_vip": if dual { "nm-dispatcher" } else { "ifcfg" } },
            "web": true,
            "nfs": { "server": host("nfs".into(), 2), "export": self.export, "mount": self.mount },
        });
        lvsgen::yaml::to_string(&model).unwrap()
    }

    /// The table that the services mean.
    fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (at, service) in self.services.iter().enumerate() {
            let families: &[fn(usize) -> IpAddr] = if service.dual { &[v4, v6] } else { &[v4] };
            for family in families {
                let vip = family(100 + at);
                let socket = |address: IpAddr, port: usize| match address {
                    IpAddr::V4(address) => format!("{address}:{port}"),
                    IpAddr::V6(address) => format!("[{address}]:{port}"),
                };
                let flag = match service.protocol {
                    "tcp" => "-t",
                    "udp" => "-u",
                    _ => "--sctp-service",
                };
                let selector = match (service.fwmark, vip) {
                    (true, IpAddr::V4(_)) => format!("-f {}", at + 1),
                    (true, IpAddr::V6(_)) => format!("-f {} -6", at + 1),
                    (false, _) => format!("{flag} {}", socket(vip, 8000 + at)),
                };
                let mut options = BTreeMap::from([("-s".to_owned(), service.scheduler.to_owned())]);
                if let Some((timeout, netmask, netmask6)) = service.persistence {
                    options.insert("-p".into(), timeout.to_string());
                    match vip {
                        IpAddr::V4(_) if netmask < 32 => {
                            let net =
                                format!("0.0.0.0/{netmask}").parse::<ipnet::Ipv4Net>().unwrap();
                            options.insert("-M".into(), net.netmask().to_string());
                        }
                        IpAddr::V6(_) if netmask6 < 128 => {
                            options.insert("-M".into(), netmask6.to_string());
                        }
                        _ => {}
                    }
                }
                rules.push(Rule::Service(selector.clone(), options));
                let port = if service.fwmark { 0 } else { 8000 + at };
                rules.extend(service.servers.iter().map(|server| {
                    let options =
                        [("-g", String::new()), ("-w", self.weights[*server].to_string())];
                    let options = options.map(|(flag, value)| (flag.to_owned(), value));
                    let destination = socket(family(10 + server), port);
                    Rule::Server(selector.clone(), destination, BTreeMap::from(options))
                }));
            }
        }
        rules
    }
}

proptest! {
    #![proptest_config(crate::random::config(200))]

    #[test]
    fn what_is_accepted_reads_back_as_it_was_meant(meant in meant()) {
        let yaml = meant.yaml();
        let (cluster, report) = Cluster::parse(&Source::new("model", yaml.as_str()));
        prop_assert!(cluster.is_some(), "{report:?}\n{yaml}");
        let bundles = render(&yaml, Some("openeuler"));

        let director = files(&bundles[0]);
        prop_assert_eq!(readers::rules(director["/etc/sysconfig/ipvsadm"]), meant.rules());
        let sysctls = readers::sysctls(director["/etc/sysctl.d/99-zz-lvsgen-p.conf"]);
        let key = format!("net/ipv4/conf/{}/send_redirects", meant.interface);
        prop_assert!(sysctls.contains_key(&key), "{key} is not in {sysctls:?}");
        prop_assert_eq!(sysctls.len(), 3);
        let vips = meant.services.len();
        if let Some(script) = director.get("/etc/NetworkManager/dispatcher.d/50-lvsgen-p") {
            let starts = script.lines().filter(|line| line.trim_start().starts_with("ip address replace "));
            let wanted: usize =
                meant.services.iter().map(|service| if service.dual { 2 } else { 1 }).sum();
            prop_assert_eq!(starts.count(), wanted);
        } else {
            for at in 0..vips {
                let device = format!("{}:{at}", meant.interface);
                let path = format!("/etc/sysconfig/network-scripts/ifcfg-{device}");
                let alias = readers::assignments(director[path.as_str()]);
                let vip = v4(100 + at).to_string();
                let wanted =
                    [("DEVICE", device.as_str()), ("IPADDR", &vip), ("ONPARENT", "yes"), ("PREFIX", "32")];
                prop_assert_eq!(alias, BTreeMap::from(wanted));
            }
        }

        for (at, bundle) in bundles[1..bundles.len() - 1].iter().enumerate() {
            let web = files(bundle);
            let carried: Vec<usize> =
                (0..vips).filter(|service| meant.services[*service].servers.contains(&at)).collect();
            let wanted: usize = carried.iter().map(|service| if meant.services[*service].dual { 2 } else { 1 }).sum();
            match web.get("/etc/rc.d/rc.local") {
                None => prop_assert_eq!(wanted, 0),
                Some(script) => {
                    let commands = readers::block(script);
                    prop_assert_eq!(commands.len(), wanted);
                    for command in commands {
                        prop_assert_eq!(&command[..3], ["ip", "address", "replace"]);
                        let alone = command[3].ends_with("/32") || command[3].ends_with("/128");
                        prop_assert!(alone && command[4..6] == ["dev", "lo"], "{command:?}");
                    }
                }
            }
            let provision = bundle.provisions.iter().find(|one| one.first_need() == Need::NfsMount).unwrap();
            let unit = readers::unit(&provision.files[0].contents);
            prop_assert_eq!(readers::setting(&unit, "Mount", "Where"), meant.mount.as_str());
            let what = format!("10.9.8.2:{}", meant.export);
            prop_assert_eq!(readers::setting(&unit, "Mount", "What"), what);
            if let Some(page) = web.get("/var/www/lvs-node-p/index.html") {
                let title = Html::escape(&meant.title);
                let heading = format!("<h1>{}</h1>", title.as_str());
                prop_assert!(page.contains(&heading));
                prop_assert_eq!(page.matches('<').count(), 15, "{}", page);
            }
        }
        let nfs = files(bundles.last().unwrap());
        let exports = readers::exports(nfs["/etc/exports.d/lvsgen-p.exports"]);
        let clients: Vec<_> = exports.iter().map(|(path, client, _)| (*path, *client)).collect();
        let export = meant.export.as_str();
        let servers = (0..meant.weights.len()).map(|at| v4(10 + at).to_string());
        let servers: Vec<String> =
            servers.chain((0..meant.weights.len()).map(|at| v6(10 + at).to_string())).collect();
        let wanted: Vec<_> = servers.iter().map(|server| (export, server.as_str())).collect();
        prop_assert_eq!(clients, wanted);
    }
}

/// The places of the example where a user's word stands, each with the word.
const WORDS: [(&str, &str); 10] = [
    ("name: web\n", "web"),
    ("interface: ens33", "ens33"),
    ("name: lvs1", "lvs1"),
    ("name: web1", "web1"),
    ("name: http", "http"),
    ("vip: 192.168.10.100", "192.168.10.100"),
    ("export: /opt/wwwroot", "/opt/wwwroot"),
    ("mount: /var/www/html", "/var/www/html"),
    ("scheduler: rr", "rr"),
    ("  mount: /var/www/html", "  mount: /var/www/html"),
];

/// How many lines each host's files have, by need.
fn shape_of(model: &str) -> Option<Vec<(Need, usize, usize)>> {
    let (cluster, _) = Cluster::parse(&Source::new("model", model));
    let cluster = cluster?;
    let (profiles, fallback) =
        (profiles(), TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap());
    let (checked, _) = check::run(&cluster, &profiles, None, &fallback);
    let checked = checked?;
    // Whatever a user wrote, lvsgen's own invariants hold: a model never leads to exit 70.
    let rendered = templates().render(profiles.engine(), Plan::new(&checked), None).unwrap();
    let read_back = ReadBack::new(&checked, rendered).unwrap();
    // Nor does any path leave its host's directory.
    for file in hosts::pack(&read_back) {
        let parts: Vec<&str> = file.path.split('/').collect();
        assert!(parts.len() > 2 && parts[0] == "hosts", "{}", file.path);
        assert!(!parts.iter().any(|part| matches!(*part, "" | "." | "..")), "{}", file.path);
    }
    let rendered = read_back.rendered();
    let provisions = rendered.hosts.iter().flat_map(|host| rendered.of(host));
    let files = provisions.flat_map(|one| one.files.iter().map(|file| (one.first_need(), file)));
    let lines = files.map(|(need, one)| {
        // The characters that open or end something in one of the formats; in HTML `;` ends lvsgen's own
        // escapes.
        let marks: &[char] =
            if one.path.ends_with(".html") { &['<', '>', '"'] } else { &['<', '"', '`', '$', ';'] };
        let ascii_tags = one.contents.matches(marks).count();
        (need, one.contents.lines().count(), ascii_tags)
    });
    Some(lines.collect())
}

proptest! {
    #![proptest_config(crate::random::config(1500))]

    #[test]
    fn no_input_adds_a_line_a_key_or_a_command(
        place in 0..WORDS.len(),
        word in prop_oneof![
            any::<String>(),
            "[a-z0-9/.:;$`\"'<>|&(){}\\[\\] \n\t\\\\%#=*-]{0,24}",
            "[a-z0-9/._-]{1,12}(\n|; |\\$\\(|`|%n|=)[a-z0-9]{0,8}",
            "/[a-z]{1,8}(/\\.\\./|//| |\n)[a-z]{0,8}",
            "[a-z][a-z0-9-]{0,10}[a-z0-9]",
            "/srv/[a-z0-9._@+-]{1,10}x",
        ],
    ) {
        let (line, old) = WORDS[place];
        let quoted = serde_json::to_string(&word).unwrap();
        // The last place is that of a title: free text, where most words are good ones.
        let new = if place == WORDS.len() - 1 { format!("{old}\n  title: {quoted}") } else { quoted };
        let model = embed::EXAMPLE.replace(line, &line.replace(old, &new));
        prop_assert_ne!(&model, embed::EXAMPLE);
        if let Some(shape) = shape_of(&model) {
            // A share that is not the web server's own site has lines of its own.
            let moved = line.starts_with("mount:") && word != "/var/www/html";
            let base = if moved { "mount: /srv/elsewhere" } else { "mount: /var/www/html" };
            let base = embed::EXAMPLE.replace("mount: /var/www/html", base);
            prop_assert_eq!(Some(shape), shape_of(&base), "{}", model);
        }
    }

    #[test]
    fn no_text_is_a_panic(text in any::<String>()) {
        let source = Source::new("model", text);
        let (_, report) = Cluster::parse(&source);
        let _ = human::report(&report, Some(&source), human::View::Folded, human::WIDTH);
    }

    #[test]
    fn no_damage_to_a_model_is_a_panic(at in 0..embed::EXAMPLE.len(), len in 0..40_usize, new in ".{0,8}") {
        let bytes = embed::EXAMPLE.as_bytes();
        let end = (at + len).min(bytes.len());
        let mut damaged = bytes[..at].to_vec();
        damaged.extend(new.as_bytes());
        damaged.extend(&bytes[end..]);
        let text = String::from_utf8_lossy(&damaged).into_owned();
        let _ = shape_of(&text);
        let source = Source::new("model", text);
        let (cluster, mut report) = Cluster::parse(&source);
        let (profiles, fallback) = (profiles(), TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap());
        if let Some(cluster) = &cluster {
            report = check::run(cluster, &profiles, None, &fallback).1;
        }
        let _ = human::report(&report, Some(&source), human::View::Folded, human::WIDTH);
    }
}
