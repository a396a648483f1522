//! Readers of file formats: every token of a file has its place, and a table is written and read without
//! loss.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lvsgen::embed::EXAMPLE;
use lvsgen::facts::{Fact, InterfaceRef};
use lvsgen::firewall::{Opening, Traffic};
use lvsgen::formats::{Format, firewalld, iptables, ipvsadm, nft, rich_rule};
use lvsgen::ipvs::{
    Affinity, Destination, Endpoint, Family, Forwarding, PortRange, Protocol, Scheduler,
    SchedulerFlag, Service, Timeouts,
};
use proptest::prelude::*;

use super::support::{profiles, render_with, templates, with_mechanism};

/// Every file that the built-in profiles make of the example, once, with its format and path.
fn corpus() -> Vec<(Format, String, String)> {
    let (profiles, templates) = (profiles(), templates());
    let http = "  - { name: http,";
    let model = EXAMPLE.replace(http, &format!("{MARKED}{http}")) + TUNED;
    let mut found = BTreeSet::new();
    for profile in profiles.iter() {
        for (need, mechanisms) in &profile.needs {
            for mechanism in mechanisms {
                let model = with_mechanism(&model, *need, mechanism);
                let hosts = render_with(&model, Some(profile.name.as_str()), &profiles, &templates);
                for file in hosts.iter().flat_map(|host| host.files()) {
                    let format = file.format.unwrap_or_else(|| panic!("no reader: {}", file.path));
                    found.insert((format, file.path.clone(), file.contents.to_string()));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// A second service, by a firewall mark.
const MARKED: &str =
    "  - { name: ftp, vip: 192.168.10.200, fwmark: 7, port: [20, 21], persistence: 300 }\n";

/// Tuning, whose files no other model has.
const TUNED: &str = "tuning: { profile: throughput, conn_tab_bits: 18, queues: { count: auto } }\n";

#[test]
fn every_rendered_file_is_read_whole_and_without_a_fault() {
    let files = corpus();
    for (format, path, text) in &files {
        let reading = format.read(path, text);
        assert_eq!(reading.gap(text), None, "{path}:\n{text}");
        assert_eq!(reading.faults().next(), None, "{path}:\n{text}");
    }
    let seen: BTreeSet<Format> = files.iter().map(|(format, ..)| *format).collect();
    // lvsgen mounts shares by units of systemd, writes the user-data as a script, keepalived does the work of ldirectord, and the others are
    // outputs of programs.
    let others = [
        Format::CloudConfig,
        Format::Fstab,
        Format::IpAddress,
        Format::IpRoute,
        Format::IpRule,
        Format::IpvsList,
        Format::Ldirectord,
        Format::Piranha,
    ];
    let written = Format::ALL.iter().copied().filter(|format| !others.contains(format));
    assert_eq!(seen, written.collect());
}

/// Texts of administrators: forms that lvsgen does not write itself.
#[test]
fn valid_files_of_other_authors_have_no_fault() {
    let route = "192.0.2.1".parse().unwrap();
    for (format, text, facts) in [
        (
            Format::Keyfile,
            "[connection]\ninterface-name=eth0\n[ipv4]\naddress1=192.0.2.2/24, 192.0.2.1\n[match]\npath=x\n",
            vec![
                Fact::Address {
                    interface: InterfaceRef::name("eth0"),
                    net: "192.0.2.2/24".parse().unwrap(),
                },
                Fact::DefaultRoute { gateway: route },
            ],
        ),
        (
            Format::Networkd,
            "[Match]\nName=eth0\n[Network]\nGateway=192.0.2.1\nVXLAN=v\n[DHCPv4]\nUseDNS=no\n",
            vec![Fact::DefaultRoute { gateway: route }],
        ),
        (Format::Systemd, "[Service]\nExecStart=/bin/a \\\n  --b\n", vec![]),
        (Format::Httpd, "LogFormat \\\n  \"%h\" x\n", vec![]),
    ] {
        let reading = format.read("/etc/x", text);
        assert_eq!(reading.gap(text), None, "{text}");
        assert_eq!(reading.faults().next(), None, "{text}");
        let found: Vec<Fact> = reading.facts.into_iter().map(|one| one.fact).collect();
        assert_eq!(found, facts, "{text}");
    }
}

/// A page whose title begins in its first line, which is no `<!DOCTYPE html>`, and ends in the next line.
#[test]
fn a_title_in_a_refused_line_has_one_place() {
    for text in
        ["<title>a\n</title>\n", "x <title>a</title>\n", "<!doctype html><title>\na</title>"]
    {
        let reading = Format::Html.read("/srv/index.html", text);
        assert_eq!(reading.gap(text), None, "{text}");
    }
}

/// The parser of XML takes some declarations for an instruction.
#[test]
fn a_declaration_has_one_place() {
    for head in
        ["<?xml\n version='1.0'?>", "<?xml version='1.0'?>", "<?xml-stylesheet x?>", "<?x y?>"]
    {
        for body in ["<policy/>", "<policy></policy>", "<zone><!-- a --> b</zone>"] {
            let text = format!("{head}\n{body}\n");
            let reading = Format::Firewalld.read("/etc/firewalld/policies/x.xml", &text);
            assert_eq!(reading.gap(&text), None, "{text}");
        }
    }
}

/// One change of a text: a character more, a character less, a line twice, two lines swapped, an end.
#[derive(Clone, Debug)]
enum Change {
    Insert(prop::sample::Index, String),
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    CutOff(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    let more = prop::sample::select(vec![
        " ", "\n", "\t", "#", "\"", "'", "\\", "=", ":", "[", "]", "{", "}", "%", "/", "0", "x",
        "é", "\u{3000}", "\r\n", "-", ",", ";", "<", ">", "&&", "$(", "\u{0}",
    ]);
    prop_oneof![
        4 => (at(), more).prop_map(|(place, text)| Change::Insert(place, text.to_owned())),
        2 => at().prop_map(Change::Remove),
        1 => at().prop_map(Change::Repeat),
        1 => (at(), at()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => at().prop_map(Change::CutOff),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match change {
        Change::Insert(place, more) => {
            let at = place.index(chars.len() + 1);
            chars.splice(at..at, more.chars());
        }
        Change::Remove(place) if !chars.is_empty() => drop(chars.remove(place.index(chars.len()))),
        Change::CutOff(place) => chars.truncate(place.index(chars.len() + 1)),
        Change::Repeat(place) if !lines.is_empty() => {
            let at = place.index(lines.len());
            lines.insert(at, lines[at]);
            return lines.concat();
        }
        Change::Swap(one, other) if !lines.is_empty() => {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
            return lines.concat();
        }
        _ => {}
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(crate::random::config(512))]

    /// Whatever a file holds: each token belongs to one fact, comment or entry of the rest.
    #[test]
    fn every_token_of_a_changed_file_has_one_place(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        thread_local!(static FILES: Vec<(Format, String, String)> = corpus());
        let (format, path, mut text) = FILES.with(|files| files[file.index(files.len())].clone());
        for one in &changes {
            text = changed(&text, one);
        }
        prop_assert_eq!(format.read(&path, &text).gap(&text), None, "{} {}:\n{}", format, path, text);
    }

    /// The same for a text that is of no format.
    #[test]
    fn every_token_of_any_text_has_one_place(
        text in "([a-zA-Z0-9_.:/=,;#\\[\\]{}()<>\"'%$&| \\t-]{0,20}\n?){0,6}",
        free in "\\PC{0,30}",
    ) {
        for format in Format::ALL {
            for text in [&text, &free] {
                let gap = format.read("/etc/sysconfig/network/ifcfg-ens33", text).gap(text);
                prop_assert_eq!(gap, None, "{}:\n{}", format, text);
            }
        }
    }

    /// The files inside a file are read too, whatever they are.
    #[test]
    fn every_token_of_user_data_and_of_a_script_has_one_place(
        lines in prop::collection::vec(prop::sample::select(vec![
            "#cloud-config", "#!/bin/sh", "write_files:", "- path: /etc/sysctl.d/a.conf", "  content: |", "    a = 1",
            "  encoding: b64", "runcmd:", "- [a, 'b c']", "- |", "  cat > /etc/exports <<EOF", "  EOF", "cat <<-'EOF' >> /etc/exports",
            "\ta $b \\$c", "EOF", "sudo tee -a /etc/rc.local <<EOF", "echo x > /etc/modules-load.d/a.conf && b; c", "hostname: a", "x: 1",
            "for A in 1 2; do", "done", "A=/etc/exports", "cat > $A <<EOF", "packages: [a]", "# a comment", "sh -c 'mount -t nfs 192.0.2.1:/a /b'",
        ]), 0..14),
    ) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        for format in [Format::CloudConfig, Format::Shell] {
            for text in [text.clone(), format!("#cloud-config\n{text}"), format!("#!/bin/sh\n{text}")] {
                prop_assert_eq!(format.read("/etc/rc.local", &text).gap(&text), None, "{}:\n{}", format, text);
                for file in format.written(&text) {
                    prop_assert!(file.text.len() <= 16 * text.len() + 64);
                    let gap = file.format.read(&file.path, &file.text).gap(&file.text);
                    prop_assert_eq!(gap, None, "{}:\n{}", file.path, file.text);
                }
            }
        }
    }

    /// What ipvsadm's format says is written and read without loss.
    #[test]
    fn a_table_goes_through_write_and_read_unchanged(
        timeouts in prop::option::of((0_u32..=2_678_400, 0_u32..=2_678_400, 0_u32..=2_678_400)),
        table in prop::collection::vec(entry(), 0..6),
    ) {
        let mut facts = Vec::new();
        let mut text = String::from("# a comment\n");
        if let Some((tcp, tcp_fin, udp)) = timeouts {
            let timeouts = Timeouts { tcp, tcp_fin, udp };
            text += &format!("{}\n", ipvsadm::timeouts(timeouts));
            facts.push(Fact::Timeouts(timeouts));
        }
        for (service, destinations) in table {
            let endpoint = service.endpoint;
            text += &format!("{}\n", ipvsadm::service(&service));
            facts.push(Fact::Service(service));
            for destination in destinations {
                text += &format!("{}\n", ipvsadm::destination(endpoint, &destination));
                facts.push(Fact::Destination { endpoint, destination });
            }
        }
        let reading = ipvsadm::read(&text);
        prop_assert_eq!(reading.gap(&text), None);
        prop_assert_eq!(reading.faults().next(), None);
        let read: Vec<Fact> = reading.facts.into_iter().map(|one| one.fact).collect();
        prop_assert_eq!(read, facts, "{}", text);
    }
}

fn address(family: Family) -> BoxedStrategy<IpAddr> {
    match family {
        Family::Ipv4 => any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).into()).boxed(),
        Family::Ipv6 => any::<u128>().prop_map(|bits| Ipv6Addr::from_bits(bits).into()).boxed(),
    }
}

fn endpoint(family: Family) -> impl Strategy<Value = Endpoint> {
    let protocol = prop::sample::select(Protocol::ALL);
    let socket = (protocol, address(family), any::<u16>())
        .prop_map(|(protocol, address, port)| Endpoint::Socket { protocol, address, port });
    prop_oneof![socket, any::<u32>().prop_map(move |mark| Endpoint::Mark { mark, family })]
}

fn destination(family: Family) -> impl Strategy<Value = Destination> {
    let threshold = || prop::option::of(1_u32..);
    let forwarding = prop::sample::select(Forwarding::ALL);
    (address(family), any::<u16>(), forwarding, any::<u16>(), threshold(), threshold()).prop_map(
        |(address, port, forwarding, weight, upper_threshold, lower_threshold)| Destination {
            address,
            port,
            forwarding,
            weight,
            upper_threshold,
            lower_threshold,
        },
    )
}

/// A service and its destinations, of one family.
fn entry() -> impl Strategy<Value = (Service, Vec<Destination>)> {
    let family = prop::sample::select(&Family::ALL[..]);
    let flags = prop::sample::subsequence(SchedulerFlag::ALL, 0..=SchedulerFlag::ALL.len());
    let whole = (family, prop::sample::select(Scheduler::ALL), flags, any::<bool>());
    whole.prop_flat_map(|(family, scheduler, scheduler_flags, one_packet)| {
        let affinity = (any::<u32>(), 1..=family.host_prefix())
            .prop_map(|(timeout, prefix)| Affinity { timeout, prefix });
        let service = (endpoint(family), prop::option::of(affinity)).prop_map(
            move |(endpoint, persistence)| {
                let scheduler_flags = scheduler_flags.clone();
                Service { endpoint, scheduler, scheduler_flags, persistence, one_packet }
            },
        );
        (service, prop::collection::vec(destination(family), 0..4))
    })
}

/// Openings of every kind, with and without a source and a destination.
fn openings() -> Vec<Opening> {
    let traffic = [
        Traffic::Port(Protocol::Tcp, 80.into()),
        Traffic::Port(Protocol::Udp, PortRange { first: 50000, last: 50100 }),
        Traffic::EveryPort(Protocol::Udp),
        Traffic::FromPort(Protocol::Tcp, 443),
        Traffic::Number(112),
    ];
    let families = [
        (Family::Ipv4, "10.0.0.1", ["10.0.0.2/32", "10.0.0.0/24"]),
        (Family::Ipv6, "2001:db8::1", ["2001:db8::2/128", "2001:db8::/64"]),
    ];
    let mut all = Vec::new();
    for traffic in traffic {
        for (family, to, from) in families {
            let to = [None, Some(to.parse().unwrap())];
            let from = [None, Some(from[0].parse().unwrap()), Some(from[1].parse().unwrap())];
            for to in to {
                all.extend(from.map(|from| Opening { family, from, to, traffic }));
            }
        }
    }
    all
}

/// Each writer of an opening says what its reader reads, and no two openings have the same name.
#[test]
fn openings_are_written_and_read_without_loss() {
    let all = openings();
    let names: BTreeSet<String> = all.iter().map(Opening::name).collect();
    assert_eq!(names.len(), all.len());
    for opening in all {
        let chain = if opening.family == Family::Ipv4 { "ufw" } else { "ufw6" };
        let texts = [
            (Format::RichRules, rich_rule::write(&opening)),
            (
                Format::Firewalld,
                format!(
                    "<policy><ingress-zone name='ANY'/><egress-zone name='HOST'/>{}</policy>",
                    firewalld::write(&opening)
                ),
            ),
            (
                Format::Iptables,
                format!("-I {chain}-before-input {} -j ACCEPT", iptables::write(&opening)),
            ),
            (Format::Nft, format!("{} accept comment \"a b\"", nft::Conditions::from(&opening))),
        ];
        for (format, text) in texts {
            let reading = format.read("/f", &text);
            let facts: Vec<&Fact> = reading.facts.iter().map(|one| &one.fact).collect();
            assert_eq!(facts, [&Fact::Opens(opening)], "{format}: {text}");
        }
    }
}

/// A rule whose conditions lvsgen does not read opens nothing for lvsgen.
#[test]
fn a_rule_with_a_further_condition_is_no_opening() {
    let policy = |rule: &str| {
        format!("<policy><ingress-zone name='ANY'/><egress-zone name='HOST'/>{rule}</policy>")
    };
    let port = "<port port='80' protocol='tcp'/>";
    for (format, text) in [
        (Format::Firewalld, policy(&format!("<rule family='ipv4'>{port}<drop/></rule>"))),
        (Format::Firewalld, policy(&format!("<rule family='ipv4'>{port}<log/><accept/></rule>"))),
        (Format::Firewalld, policy("<rule family='ipv4'><source mac='x'/><accept/></rule>")),
        (Format::Firewalld, format!("<policy><rule family='ipv4'>{port}<accept/></rule></policy>")),
        (Format::RichRules, "rule family=\"ipv4\" port port=\"80\" protocol=\"tcp\" drop".into()),
        (Format::Iptables, "-A ufw-before-input -p tcp --dport 80 -i eth0 -j ACCEPT".into()),
        (Format::Iptables, "-A ufw-before-output -p tcp --dport 80 -j ACCEPT".into()),
        (Format::Nft, "iifname eth0 tcp dport 80 accept".into()),
        (Format::Nft, "ip daddr 10.0.0.1 tcp dport 80 ct state new accept".into()),
    ] {
        let reading = format.read("/f", &text);
        assert!(reading.facts.is_empty() && !reading.rest.is_empty(), "{format}: {text}");
    }
}
