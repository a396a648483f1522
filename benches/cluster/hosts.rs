//! The files of hosts: import and trace, beside a program that reads the same bytes.

use std::fmt::Write as _;
use std::path::Path;

use super::model;
use super::process::{lvsgen, median, run};
use super::table::{millis, ratio};

/// Saved rules of 100 services with 99 real servers each.
fn rules() -> String {
    let mut text = String::new();
    for service in 0..100 {
        let port = 1000 + service;
        writeln!(text, "-A -t 10.0.255.100:{port} -s wlc").unwrap();
        for server in 0..99 {
            let at = service * 99 + server;
            let (high, low) = (at / 250, at % 250 + 1);
            writeln!(text, "-a -t 10.0.255.100:{port} -r 10.0.{high}.{low}:{port} -g -w 1")
                .unwrap();
        }
    }
    text
}

/// 500 services of ldirectord with four real servers each.
fn ldirectord() -> String {
    let mut text = String::from("checkinterval=5\n");
    for port in 1000..1500 {
        writeln!(text, "virtual=10.0.255.100:{port}\n\treal=10.0.1.1->10.0.1.4:{port} gate\n\tchecktype=connect\n").unwrap();
    }
    text
}

/// Prints a row for each command: its time, and the ratio to `cat` of the same file.
pub fn report(work: &Path) {
    let answers = [
        "--set=network.interface=ens3",
        "--set=network.subnet=10.0.0.0/16",
        "--set=network.gateway=10.0.255.254",
        "--set=directors.lb.address=10.0.255.1",
        "--model=-",
    ];
    let answers: Vec<&Path> = answers.iter().map(|one| one.as_ref()).collect();
    println!(
        "\n| the files of hosts, as programs | ms | : `cat` | to reach |\n| --- | ---: | ---: | ---: |"
    );
    let files = [
        ("import of 10,000 saved rules", "ipvsadm.rules", rules(), "100 ms"),
        ("import of 500 services of ldirectord", "ldirectord.cf", ldirectord(), "50 ms"),
    ];
    for (name, file, text, wanted) in files {
        let path = work.join(file);
        std::fs::write(&path, text).unwrap();
        let named = format!("lb={}", path.display());
        let arguments = [&["import".as_ref(), named.as_ref()][..], &answers].concat();
        row(name, &path, &arguments, wanted);
    }
    let tutorial = Path::new("golden/tutorial/cluster.yaml");
    let trace = ["trace".as_ref(), tutorial, "192.168.10.100:80".as_ref()];
    row("trace of the tutorial's cluster", tutorial, &trace, "10 ms");
    let path = work.join("traced.yaml");
    std::fs::write(&path, model(10_000, 1)).unwrap();
    let trace = ["trace".as_ref(), &*path, "10.0.255.100:80".as_ref(), "--from=outside".as_ref()];
    row("trace of 10,000 hosts", &path, &trace, "1 s");
}

fn row(name: &str, file: &Path, arguments: &[&Path], wanted: &str) {
    let floor = median(|| run("cat", &[file]));
    let ran = median(|| lvsgen(arguments));
    println!("| {name} | {} | {} | {wanted} |", millis(ran.time), ratio(ran.time, floor.time));
}
