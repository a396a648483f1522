//! What a cluster costs, by its number of real servers: `cargo bench` prints the table.
//!
//! Times are of this machine and this run; what counts is the last column, which is near 10 where
//! the cost is linear in hosts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "a benchmark prints what it measured")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use lvsgen::check;
use lvsgen::embed::{self, Files};
use lvsgen::model::{Cluster, TargetName};
use lvsgen::plan::Plan;
use lvsgen::profile::ProfileSet;
use lvsgen::proof;
use lvsgen::render::Templates;
use lvsgen::source::Source;

/// The tutorial's cluster with more real servers.
fn model(real_servers: usize) -> String {
    let mut model = String::from(
        "name: bench\ntarget: openeuler\n\
         network: { interface: ens33, subnet: 10.0.0.0/16, gateway: 10.0.255.254 }\n\
         directors: [{ name: lvs1, address: 10.0.255.1 }]\n\
         virtual_services: [{ name: http, vip: 10.0.255.100, port: 80, scheduler: rr }]\n\
         nfs: { server: { name: nfs1, address: 10.0.255.2 }, export: /opt/wwwroot, mount: /var/www/html }\n\
         real_servers:\n",
    );
    for at in 0..real_servers {
        let (high, low) = (at / 250, at % 250 + 1);
        writeln!(model, "  - {{ name: web{at:05}, address: 10.0.{high}.{low} }}").unwrap();
    }
    model
}

/// The median of five runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times = [(); 5].map(|()| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.sort_unstable();
    times[2]
}

fn main() {
    let profiles = ProfileSet::load(&embed::profiles(Files::new())).unwrap();
    let templates = Templates::new(embed::templates(Files::new())).unwrap();
    let fallback = TargetName::new("openeuler").unwrap();
    let sizes = [10, 100, 1_000, 10_000];
    let mut rows: Vec<(&str, Vec<Duration>)> =
        ["parse", "check", "plan", "render", "proof"].map(|name| (name, Vec::new())).into();
    for size in sizes {
        let source = Source::new("model", model(size));
        let (cluster, _) = Cluster::parse(&source);
        let cluster = cluster.unwrap();
        let (checked, report) = check::run(&cluster, &profiles, None, &fallback);
        let checked = checked.unwrap_or_else(|| panic!("{report:?}"));
        let plan = Plan::new(&checked);
        let bundles = templates.bundles(&plan).unwrap();
        let times = [
            median(|| drop(black_box(Cluster::parse(&source)))),
            median(|| drop(black_box(check::run(&cluster, &profiles, None, &fallback)))),
            median(|| drop(black_box(Plan::new(&checked)))),
            median(|| drop(black_box(templates.bundles(&plan).unwrap()))),
            median(|| proof::prove(&checked, &bundles).unwrap()),
        ];
        for (row, time) in rows.iter_mut().zip(times) {
            row.1.push(time);
        }
    }
    println!("| ms | {} | 10,000 : 1,000 |", sizes.map(|size| size.to_string()).join(" | "));
    println!("| --- | {}---: |", "---: | ".repeat(sizes.len()));
    for (name, times) in rows {
        let cells: Vec<String> =
            times.iter().map(|time| format!("{:.2}", time.as_secs_f64() * 1000.0)).collect();
        let growth = times[3].as_secs_f64() / times[2].as_secs_f64();
        println!("| {name} | {} | {growth:.1} |", cells.join(" | "));
    }
}
