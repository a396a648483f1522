//! The model of the kernel beside the real kernel: random hosts get the same answers from both.
//!
//! `hosts.rs` makes random hosts and probes, and predicts the reaction to each probe. `player.py` sets each host up in a network namespace,
//! and sends the probes. `tables.rs` and `tables.py` do the same for tables of IPVS, in the machine of the lab: the kernel of most build
//! machines has no IPVS. No difference is allowed. A mutant is a host with one rule of the kernel left out: the probes must see each mutant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "a test has its seed from outside")]

mod hosts;
mod mutants;
mod tables;

use std::io::Write as _;
use std::process::{Command, Stdio};

use hosts::{Generated, Random};

/// The number of hosts. `LVSGEN_RANDOM=N` draws 2·N times as many.
fn count() -> usize {
    let more = std::env::var("LVSGEN_RANDOM").ok().and_then(|text| text.parse::<usize>().ok());
    1_000 * more.map_or(1, |more| 2 * more)
}

/// The seed, which `LVSGEN_SEED` can give.
fn seed() -> u64 {
    std::env::var("LVSGEN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7)
}

fn generated() -> Vec<Generated> {
    let mut random = Random::new(seed());
    (0..count()).map(|_| Generated::new(&mut random)).collect()
}

/// The reason why the real kernel cannot be asked here.
fn missing() -> Option<&'static str> {
    let namespace = Command::new("unshare").args(["-n", "ip", "link", "set", "lo", "up"]).output();
    let python = Command::new("python3").arg("--version").output();
    match (namespace, python) {
        (Ok(ran), _) if !ran.status.success() => Some("no network namespace can be made"),
        (Err(_), _) => Some("unshare(1) or ip(8) is missing"),
        (_, Err(_)) => Some("python3 is missing"),
        _ => None,
    }
}

#[test]
fn the_kernel_does_the_same() {
    if let Some(reason) = missing() {
        assert!(std::env::var_os("CI").is_none(), "under CI the kernel is asked: {reason}");
        println!("not run: oracle: {reason}");
        return;
    }
    println!("seed {}, {} hosts", seed(), count());
    // A namespace that ever had a rule stays another one (`fib_has_custom_rules`).
    let (with, without): (Vec<_>, Vec<_>) =
        generated().into_iter().partition(|one| !one.rules.is_empty());
    play(&without);
    play(&with);
}

/// Plays hosts in one namespace, and fails at a difference.
fn play(hosts: &[Generated]) {
    let player = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/player.py");
    // A player that hangs ends the test.
    let mut child = Command::new("timeout")
        .args(["1800", "unshare", "-n", "python3", player])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = hosts.iter().map(|one| one.json(&one.predict()).to_string()).collect();
    // A player that fails says so itself.
    let writer =
        std::thread::spawn(move || lines.iter().try_for_each(|line| writeln!(input, "{line}")));
    let ran = child.wait_with_output().unwrap();
    drop(writer.join());
    assert!(ran.status.success());
    let text = String::from_utf8(ran.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (summary, differences) = lines.split_last().unwrap();
    println!("{summary}, {} differences", differences.len());
    let shown: Vec<&str> = differences.iter().take(20).copied().collect();
    assert!(differences.is_empty(), "seed {}:\n{}", seed(), shown.join("\n"));
    assert!(summary.starts_with(&format!("{} hosts, ", hosts.len())), "{summary}");
}

/// Each rule of the kernel decides at least one probe.
#[test]
fn no_mutant_survives() {
    let hosts = generated();
    let predictions: Vec<_> = hosts.iter().map(Generated::predict).collect();
    for (name, mutant) in mutants::ALL {
        let seen = hosts.iter().zip(&predictions).any(|(host, predicted)| {
            let mutated = mutant(host);
            mutated.predict() != *predicted
        });
        assert!(seen, "no probe sees the mutant {name}");
    }
    assert!(mutants::ALL.len() >= 20);
}

/// Prints the cases of the lab, whose machine runs no Rust: one JSON object a line.
fn print_for_the_lab(all: impl Iterator<Item = serde_json::Value>) {
    all.for_each(|one| println!("{one}"));
}

/// The number of cases of the lab: an emulated machine plays about 100 in a minute.
fn lab_count() -> usize {
    if std::env::var_os("LVSGEN_RANDOM").is_some() { 60 } else { 20 }
}

#[test]
#[ignore = "the lab runs it"]
fn hosts_for_the_lab() {
    let mut random = Random::new(seed());
    let hosts: Vec<_> = (0..lab_count()).map(|_| Generated::new(&mut random)).collect();
    // A namespace that ever had a rule stays another one, so the hosts with rules come last.
    let (with, without): (Vec<_>, Vec<_>) =
        hosts.into_iter().partition(|one| !one.rules.is_empty());
    print_for_the_lab(without.iter().chain(&with).map(|one| one.json(&one.predict())));
}

fn generated_tables() -> Vec<tables::Generated> {
    let mut random = Random::new(seed());
    (0..lab_count()).map(|number| tables::Generated::new(number, &mut random)).collect()
}

#[test]
#[ignore = "the lab runs it"]
fn tables_for_the_lab() {
    print_for_the_lab(generated_tables().iter().map(tables::Generated::json));
}

/// Each rule of the table decides at least one probe of the lab.
#[test]
fn no_mutant_of_a_table_survives() {
    let all = generated_tables();
    for (name, mutant) in tables::MUTANTS {
        let seen = all.iter().any(|one| {
            let mut mutated = one.clone();
            mutant(&mut mutated);
            mutated.predict() != one.predict()
        });
        assert!(seen, "no probe sees the mutant: {name}");
    }
}
