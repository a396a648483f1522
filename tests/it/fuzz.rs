//! Models of every kind, thrown at check and render: nothing panics, and what passes the checks
//! renders to files that mean what the model means.

use std::sync::LazyLock;

use lvsgen::check;
use lvsgen::diagnostic::human;
use lvsgen::ipvs::Scheduler;
use lvsgen::model::{Cluster, Need, TargetName};
use lvsgen::plan::Plan;
use lvsgen::readback::ReadBack;
use lvsgen::source::Source;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{profiles, templates};

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::sample::select(words)
        .prop_map(|word| serde_json::from_str(word).unwrap_or_else(|_| word.into()))
}

/// Addresses from a small pool, so that hosts collide now and then.
fn address() -> impl Strategy<Value = Value> {
    let v4 = (2..250_u8).prop_map(|last| json!(format!("10.0.0.{last}")));
    let v6 = (2..250_u8).prop_map(|last| json!(format!("fd00::{last:x}")));
    let both =
        (2..250_u8).prop_map(|last| json!([format!("10.0.0.{last}"), format!("fd00::{last:x}")]));
    prop_oneof![3 => v4, 1 => v6, 30 => both, 1 => one_of(&["10.0.9.9", "10.0.0.255", "\"x\""])]
}

/// The names of the targets. A strategy for hosts asks for them in each case.
static TARGETS: LazyLock<Vec<String>> =
    LazyLock::new(|| profiles().names().map(str::to_owned).collect());

fn target() -> impl Strategy<Value = Value> {
    prop_oneof![20 => proptest::sample::select(TARGETS.as_slice()).prop_map(Value::from), 1 => Just("nothing".into())]
}

fn mechanisms() -> impl Strategy<Value = Value> {
    let mut names: Vec<(Need, String)> = Vec::new();
    for profile in profiles().iter() {
        for (need, mechanisms) in &profile.needs {
            names.extend(mechanisms.iter().map(|one| (*need, one.mechanism.to_string())));
        }
    }
    let one = proptest::sample::select(names);
    one.prop_map(|(need, name)| json!({ need.as_str(): name }))
}

/// A mapping of which some keys are left out.
fn mapping(keys: Vec<(&'static str, f64, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let entries: Vec<_> = keys
        .into_iter()
        .map(|(key, chance, value)| {
            proptest::option::weighted(chance.clamp(0.001, 0.999), value)
                .prop_map(move |value| value.map(|value| (key, value)))
        })
        .collect();
    let whole = entries.prop_map(|entries| {
        entries.into_iter().flatten().map(|(key, value)| (key.to_owned(), value)).collect()
    });
    whole.prop_map(Value::Object).boxed()
}

fn host(names: &'static [&'static str], title: f64) -> BoxedStrategy<Value> {
    mapping(vec![
        ("name", 1.0, one_of(names).boxed()),
        ("address", 1.0, address().boxed()),
        ("target", 0.2, target().boxed()),
        ("interface", 0.1, one_of(&["eth0", "eth0.100", "bond0", "enx001122334455"]).boxed()),
        ("other_interfaces", 0.1, one_of(&["eth9", "[\"eth8\", \"eth9\"]"]).boxed()),
        ("mechanisms", 0.1, mechanisms().boxed()),
        ("sysctl_files", 0.1, sysctls()),
        ("title", title, one_of(&["Hello", "<b>&"]).boxed()),
    ])
}

fn sysctls() -> BoxedStrategy<Value> {
    let file =
        one_of(&["/etc/sysctl.conf", "/etc/sysctl.d/10-a.conf", "/etc/sysctl.d/99-zzz.conf", "/x"]);
    let key = one_of(&[
        "net.ipv4.conf.all.arp_ignore",
        "net.ipv4.conf.eth0/100.arp_announce",
        "net.ipv4.conf.*.rp_filter",
        "net.ipv4.vs.conntrack",
    ]);
    (file, key, 0..3_u8).prop_map(|(file, key, value)| {
        json!({ file.as_str().unwrap(): { key.as_str().unwrap(): value } })
    })
    .boxed()
}

fn forwarding() -> BoxedStrategy<Value> {
    one_of(&["direct", "tunnel", "masquerade"]).boxed()
}

fn health() -> BoxedStrategy<Value> {
    one_of(&[
        "false",
        "{\"tcp\": true}",
        "{\"http\": \"/a\", \"through\": \"vip\", \"port\": 80}",
        "{\"ping\": true, \"interval\": 9}",
    ])
    .boxed()
}

fn failover() -> BoxedStrategy<Value> {
    one_of(&[
        "{\"virtual_router_id\": 7}",
        "{\"virtual_router_id\": 10, \"preempt\": true}",
        "{\"virtual_router_id\": 11, \"unicast\": false}",
        "{\"virtual_router_id\": 12, \"interval\": 2, \"sync\": true}",
        "{\"virtual_router_id\": 9, \"authentication\": {\"from\": \"secret:vrrp\"}}",
        "{\"virtual_router_id\": 8, \"sync\": true, \"inside\": [\"10.0.0.9\", \"fd00::9\"]}",
    ])
    .boxed()
}

fn monitoring() -> BoxedStrategy<Value> {
    one_of(&[
        "{\"external\": true, \"from\": \"10.0.9.1\"}",
        "{\"external\": true, \"from\": [\"10.0.9.1\", \"fd00:9::1\"], \"interval\": 60, \"probe\": false}",
        "{\"server\": {\"name\": \"mon1\", \"address\": \"10.0.9.1\", \"target\": \"debian-12\"}}",
        "{\"server\": {\"name\": \"mon1\", \"address\": [\"10.0.9.1\", \"fd00:9::1\"], \"target\": \"ubuntu\"}, \"probe\": false, \"alertmanager\": [\"10.0.9.2:9093\", \"a.example.org:9093\"]}",
        "{\"external\": true, \"from\": \"fd00:9::1\", \"thresholds\": {\"moves\": 30, \"share_percent\": 100}}",
    ])
    .boxed()
}

fn service() -> BoxedStrategy<Value> {
    let schedulers: Vec<&str> = Scheduler::ALL.iter().map(|one| one.as_str()).collect();
    let server = mapping(vec![
        ("name", 1.0, one_of(&["web1", "web2", "web3", "web4"]).boxed()),
        ("forwarding", 0.1, forwarding()),
        ("health", 0.05, health()),
        ("weight", 0.5, (0..4_u16).prop_map(Value::from).boxed()),
        ("port", 0.02, one_of(&["80", "81"]).boxed()),
        ("upper_threshold", 0.1, (1..9_u16).prop_map(Value::from).boxed()),
        ("lower_threshold", 0.02, (1..9_u16).prop_map(Value::from).boxed()),
    ]);
    mapping(vec![
        ("name", 1.0, "[a-z]{1,3}".prop_map(Value::from).boxed()),
        ("vip", 1.0, prop_oneof![30 => address(), 1 => Just(json!("10.0.0.50/24"))].boxed()),
        ("port", 0.9, one_of(&["80", "443", "21", "53", "[20, 21]"]).boxed()),
        ("fwmark", 0.25, (1..5_u8).prop_map(Value::from).boxed()),
        ("forwarding", 0.3, forwarding()),
        ("health", 0.3, health()),
        ("protocol", 0.4, one_of(&["tcp", "udp", "sctp"]).boxed()),
        ("scheduler", 0.7, proptest::sample::select(schedulers).prop_map(Value::from).boxed()),
        (
            "scheduler_flags",
            0.1,
            one_of(&["[\"sh-port\"]", "[\"mh-port\", \"mh-fallback\"]"]).boxed(),
        ),
        ("persistence", 0.3, one_of(&["300", "{\"netmask\": 8, \"netmask6\": 40}"]).boxed()),
        ("one_packet", 0.05, any::<bool>().prop_map(Value::from).boxed()),
        (
            "real_servers",
            0.5,
            proptest::collection::vec(server, 0..4).prop_map(Value::from).boxed(),
        ),
    ])
}

/// Real servers, which seldom share a name.
fn real_servers() -> BoxedStrategy<Value> {
    let hosts = proptest::collection::vec(host(&["web1", "web2", "web3", "web4"], 0.2), 1..=4);
    let renamed = (hosts, proptest::bool::weighted(0.9)).prop_map(|(mut hosts, apart)| {
        for (at, host) in hosts.iter_mut().enumerate().filter(|_| apart) {
            host["name"] = format!("web{}", at + 1).into();
        }
        Value::from(hosts)
    });
    renamed.boxed()
}

fn model() -> BoxedStrategy<Value> {
    let list = |of: BoxedStrategy<Value>, most| {
        proptest::collection::vec(of, 1..=most).prop_map(Value::from).boxed()
    };
    let both = "{\"interface\": \"ens33\", \"subnet\": [\"10.0.0.0/24\", \"fd00::/64\"], \"gateway\": [\"10.0.0.1\", \"fd00::1\"]}";
    let one = "{\"interface\": \"ens33\", \"subnet\": \"10.0.0.0/24\"}";
    let networks: &'static [&'static str] = Box::leak(Box::new([both, one]));
    mapping(vec![
        ("name", 1.0, Just("p".into()).boxed()),
        ("target", 0.9, target().boxed()),
        ("network", 1.0, one_of(networks).boxed()),
        ("mechanisms", 0.1, mechanisms().boxed()),
        ("timeouts", 0.1, one_of(&["{\"tcp\": 9, \"tcp_fin\": 10}", "{\"udp\": 5}"]).boxed()),
        ("directors", 1.0, list(host(&["lvs1", "lvs2"], 0.0), 2)),
        ("failover", 0.3, failover()),
        ("health", 0.2, health()),
        ("real_servers", 1.0, real_servers()),
        ("virtual_services", 1.0, list(service(), 3)),
        (
            "nfs",
            0.4,
            mapping(vec![
                ("server", 1.0, host(&["nfs1"], 0.0)),
                ("export", 1.0, one_of(&["/srv/pages", "/etc"]).boxed()),
                ("mount", 1.0, one_of(&["/var/www/html", "/srv/a-b", "/var/www"]).boxed()),
                ("clients", 0.5, one_of(&["subnet", "real_servers", "everyone"]).boxed()),
                ("version", 0.3, one_of(&["3", "4.0", "4.1", "4.2"]).boxed()),
                ("writable", 0.3, any::<bool>().prop_map(Value::from).boxed()),
            ]),
        ),
        ("web", 0.2, any::<bool>().prop_map(Value::from).boxed()),
        ("web", 0.2, one_of(&["zh", "en"]).prop_map(|one| json!({ "language": one })).boxed()),
        ("sysctl_files", 0.1, sysctls()),
        ("monitoring", 0.1, monitoring()),
        (
            "allow",
            0.2,
            one_of(&[
                "[{\"check\": \"single-director\", \"reason\": \"x\"}]",
                "[{\"check\": \"x\", \"reason\": \"y\"}]",
            ])
            .boxed(),
        ),
    ])
}

/// The NICs of a host in some of three segments, in any order and with any families. `last`: the last part of its addresses.
fn nics(last: u8, count: std::ops::RangeInclusive<usize>) -> BoxedStrategy<Value> {
    let segments = Just([0_u8, 1, 2]).prop_shuffle();
    let families =
        proptest::collection::vec(one_of(&["4", "6", "46", "46", "46", "46", "46", "46"]), 3);
    (segments, families, count)
        .prop_map(move |(segments, families, count)| {
            let nic = |(segment, families): (&u8, &Value)| {
                let v4 = json!(format!("10.0.{segment}.{last}"));
                let v6 = json!(format!("fd00:{segment}::{last}"));
                match families.to_string().as_str() {
                    "4" => json!({ "address": v4 }),
                    "6" => json!({ "address": v6 }),
                    _ => json!({ "address": [v4, v6] }),
                }
            };
            segments.iter().zip(&families).take(count).map(nic).collect::<Vec<_>>().into()
        })
        .boxed()
}

fn placed(
    name: String,
    last: u8,
    nic_count: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<Value> {
    mapping(vec![
        ("name", 1.0, Just(name.into()).boxed()),
        ("nics", 1.0, nics(last, nic_count)),
        ("target", 0.3, target().boxed()),
        ("managed", if (20..30).contains(&last) { 0.05 } else { 0.0 }, Just(false.into()).boxed()),
    ])
}

/// Clusters whose hosts have NICs in several segments.
pub(crate) fn segments() -> BoxedStrategy<Value> {
    let hosts =
        |name: &'static str, first: u8, most: u8, nic_count: std::ops::RangeInclusive<usize>| {
            let all: Vec<_> = (0..most)
                .map(|at| placed(format!("{name}{}", at + 1), first + at, nic_count.clone()))
                .collect();
            (all, 1..=usize::from(most))
                .prop_map(|(all, count)| Value::from(all[..count].to_vec()))
                .boxed()
        };
    let vip = one_of(&[
        "10.0.0.200",
        "10.0.1.200",
        "fd00:0::200",
        "fd00:1::200",
        "[\"10.0.0.201\", \"fd00:1::201\"]",
        "[\"10.0.1.202\", \"10.0.1.203\"]",
    ]);
    let service = mapping(vec![
        ("name", 1.0, "[a-z]{2,3}".prop_map(Value::from).boxed()),
        ("vip", 1.0, vip.boxed()),
        ("port", 1.0, one_of(&["80", "443", "8080", "53"]).boxed()),
        ("fwmark", 0.1, (1..5_u8).prop_map(Value::from).boxed()),
        ("forwarding", 0.4, forwarding()),
        ("health", 0.4, health()),
        ("segment", 0.05, one_of(&["front", "back"]).boxed()),
    ]);
    let network = "{\"front\": {\"interface\": \"ens33\", \"subnet\": [\"10.0.0.0/24\", \"fd00:0::/64\"], \"gateway\": [\"10.0.0.1\", \"fd00:0::1\"]}, \
        \"back\": {\"interface\": \"ens34\", \"subnet\": [\"10.0.1.0/24\", \"fd00:1::/64\"], \"gateway\": \"10.0.1.1\"}, \
        \"store\": {\"interface\": \"bond0.9\", \"subnet\": [\"10.0.2.0/24\", \"fd00:2::/64\"]}}";
    let inside =
        "{\"virtual_router_id\": 8, \"sync\": true, \"inside\": [\"10.0.1.9\", \"fd00:1::9\"]}";
    let failovers: &'static [&'static str] =
        Box::leak(Box::new(["{\"virtual_router_id\": 7, \"sync\": true}", inside, inside]));
    mapping(vec![
        ("name", 1.0, Just("p".into()).boxed()),
        ("target", 0.9, target().boxed()),
        ("segments", 1.0, one_of(Box::leak(Box::new([network]))).boxed()),
        ("mechanisms", 0.1, mechanisms().boxed()),
        ("firewall", 0.6, any::<bool>().prop_map(Value::from).boxed()),
        ("directors", 1.0, hosts("lvs", 10, 2, 2..=3)),
        ("failover", 0.6, one_of(failovers).boxed()),
        ("health", 0.5, health()),
        ("real_servers", 1.0, hosts("web", 20, 3, 1..=3)),
        (
            "virtual_services",
            1.0,
            proptest::collection::vec(service, 1..=2).prop_map(Value::from).boxed(),
        ),
        (
            "nfs",
            0.4,
            mapping(vec![
                ("server", 1.0, placed("nas".into(), 40, 1..=2)),
                ("export", 1.0, Just("/srv/pages".into()).boxed()),
                ("mount", 1.0, Just("/var/www/html".into()).boxed()),
                ("clients", 0.3, one_of(&["subnet", "real_servers", "everyone"]).boxed()),
            ]),
        ),
        ("web", 0.2, one_of(&["\"nginx\"", "{\"ports\": [80, 8080]}", "false"]).boxed()),
        ("monitoring", 0.5, monitoring()),
    ])
}

/// Checks and renders models, and reads the files back. Each kind of outcome comes `least` times or more.
fn checked_means_right(models: &BoxedStrategy<Value>, cases: u32, least: [u32; 3]) {
    let (profiles, templates) = (profiles(), templates());
    let fallback = TargetName::new(lvsgen::profile::DEFAULT_TARGET).unwrap();
    // Passed, refused by the checks, refused for the shape.
    let counts = std::cell::RefCell::new([0_u32; 3]);
    let mut runner = proptest::test_runner::TestRunner::new(crate::random::config(cases));
    runner
        .run(models, |model| {
            let source = Source::new("model", lvsgen::yaml::to_string(&model).unwrap());
            let (cluster, report) = Cluster::parse(&source);
            let Some(cluster) = cluster else {
                let _ = human::report(&report, Some(&source), human::View::Folded, human::WIDTH);
                counts.borrow_mut()[2] += 1;
                return Ok(());
            };
            let (checked, report) = check::run(&cluster, &profiles, None, &fallback);
            let _ = human::report(&report, Some(&source), human::View::Folded, human::WIDTH);
            let Some(checked) = checked else {
                counts.borrow_mut()[1] += 1;
                return Ok(());
            };
            counts.borrow_mut()[0] += 1;
            let rendered = templates.render(profiles.engine(), Plan::new(&checked), None);
            let rendered = rendered.map_err(|error| {
                TestCaseError::fail(format!("{error}\n{}", source.main().text()))
            })?;
            ReadBack::new(&checked, rendered).map(drop).map_err(|mismatches| {
                TestCaseError::fail(format!("{mismatches:#?}\n{}", source.main().text()))
            })
        })
        .unwrap();
    let counts = counts.into_inner();
    assert!(counts.iter().zip(least).all(|(count, least)| *count >= least), "{counts:?}");
}

#[test]
fn what_passes_the_checks_renders_to_what_it_means() {
    checked_means_right(&model(), 5000, [100, 100, 100]);
}

#[test]
fn what_passes_the_checks_in_several_segments_renders_to_what_it_means() {
    checked_means_right(&segments(), 1000, [100, 100, 0]);
}
