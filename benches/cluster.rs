//! What a cluster costs, by its number of real servers, and beside what else does the same work:
//! `benches/run` prints the tables.
//!
//! Times are of this machine and this run; what counts are the ratios to the floors of the same run:
//! `cp -r` and `diff -r` of the very trees, Jinja2 and Ansible on the very templates.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "a benchmark prints what it measured")]

#[path = "cluster/hosts.rs"]
mod hosts;
#[path = "cluster/modules.rs"]
mod modules;
#[path = "cluster/process.rs"]
mod process;
#[path = "cluster/table.rs"]
mod table;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use modules::{NAMES, RENDER, jobs, measure as measure_modules};
use process::{Ran, lvsgen};
use table::{line, millis, ratio};

/// Numbers of real servers.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The tutorial's cluster with more real servers, one of them with a weight of its own.
fn model(real_servers: usize, weight: u16) -> String {
    let mut model = String::from(
        "name: bench\ntarget: openeuler\n\
         network: { interface: ens33, subnet: 10.0.0.0/16, gateway: 10.0.255.254 }\n\
         directors: [{ name: lvs1, address: 10.0.255.1 }]\n\
         nfs: { server: { name: nfs1, address: 10.0.255.2 }, export: /opt/wwwroot, mount: /var/www/html }\n\
         real_servers:\n",
    );
    for at in 0..real_servers {
        let (high, low) = (at / 250, at % 250 + 1);
        writeln!(model, "  - {{ name: web{at:05}, address: 10.0.{high}.{low} }}").unwrap();
    }
    model += "virtual_services:\n  - name: http\n    vip: 10.0.255.100\n    port: 80\n    scheduler: wrr\n    real_servers:\n";
    for at in 0..real_servers {
        let weight = if at == 0 { weight } else { 1 };
        writeln!(model, "      - {{ name: web{at:05}, weight: {weight} }}").unwrap();
    }
    model
}

/// One size, measured as processes.
struct Measured {
    render: Ran,
    copy: Ran,
    again: Ran,
    compare: Ran,
    one_change: Ran,
    diff: Ran,
    /// Of all that was rendered.
    bytes: u64,
    files: usize,
}

fn measure(work: &Path, size: usize) -> Measured {
    let [one, other] = [1, 2].map(|weight| {
        let path = work.join(format!("model-{weight}.yaml"));
        std::fs::write(&path, model(size, weight)).unwrap();
        path
    });
    let (tree, copy) = (work.join("tree"), work.join("copy"));
    let gone = |path: &Path| drop(std::fs::remove_dir_all(path));
    let render = |model: &Path| lvsgen(&["render".as_ref(), model, "-o".as_ref(), &tree]);
    let written = process::median(|| {
        gone(&tree);
        render(&one)
    });
    let copied = process::median(|| {
        gone(&copy);
        process::run("cp", &["-r".as_ref(), &tree, &copy])
    });
    let again = process::median(|| render(&one));
    let compare = process::median(|| process::run("diff", &["-r".as_ref(), &tree, &copy]));
    let mut turn = 0;
    let one_change = process::median(|| {
        turn += 1;
        render(if turn % 2 == 0 { &one } else { &other })
    });
    let now = if turn % 2 == 0 { &other } else { &one };
    let diff = process::median(|| lvsgen(&["diff".as_ref(), now, "-o".as_ref(), &tree]));
    let paths = ::lvsgen::output::files_below(&tree).unwrap();
    let size_of = |path: &String| std::fs::metadata(tree.join(path)).unwrap().len();
    let bytes = paths.iter().map(size_of).sum();
    gone(&tree);
    gone(&copy);
    let (render, copy, files) = (written, copied, paths.len());
    Measured { render, copy, again, compare, one_change, diff, bytes, files }
}

fn main() {
    let base = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let work = tempfile::tempdir_in(base).unwrap();
    let work = work.path();
    let modules = SIZES.map(|size| measure_modules(&model(size, 1)));
    let trees = SIZES.map(|size| measure(work, size));

    println!(
        "Milliseconds, medians, by the number of real servers; the last column is near 10 where cost is linear.\n"
    );
    let sizes = SIZES.map(|size| size.to_string());
    println!("| in one process | {} | 10,000 : 1,000 |", sizes.join(" | "));
    println!("| --- | {}---: |", "---: | ".repeat(SIZES.len()));
    for (at, name) in NAMES.iter().enumerate() {
        println!("{}", line(name, &SIZES.map(|size| modules[place(size)].times[at])));
    }
    println!("\n| as programs | {} | 10,000 : 1,000 |", sizes.join(" | "));
    println!("| --- | {}---: |", "---: | ".repeat(SIZES.len()));
    let row = |name, of: fn(&Measured) -> &Ran| {
        println!("{}", line(name, &SIZES.map(|size| of(&trees[place(size)]).time)));
    };
    row("`lvsgen render`, nothing there", |one| &one.render);
    row("`cp -r` of the tree", |one| &one.copy);
    row("`lvsgen render`, nothing changed", |one| &one.again);
    row("`diff -r` of two equal trees", |one| &one.compare);
    row("`lvsgen render`, one weight changed", |one| &one.one_change);
    row("`lvsgen diff`, one weight changed", |one| &one.diff);

    let (most, memory) = (&trees[3], &modules[3]);
    let others = process::others(work, &jobs(&model(10_000, 1)), &jobs(&model(20, 1)));
    println!("\nAt 10,000 real servers: {} files, {} MB.\n", most.files, most.bytes / 1_000_000);
    println!("| | measured | to reach |\n| --- | ---: | ---: |");
    let report =
        |what: &str, measured: String, wanted: &str| println!("| {what} | {measured} | {wanted} |");
    report("render to disk : `cp -r`", ratio(most.render.time, most.copy.time), "0.75");
    report("unchanged render : `diff -r`", ratio(most.again.time, most.compare.time), "0.60");
    report(
        "render with one change : `diff -r`",
        ratio(most.one_change.time, most.compare.time),
        "0.60",
    );
    let growth = most.render.time.as_secs_f64() / trees[2].render.time.as_secs_f64();
    report("render of 10,000 : of 1,000", format!("{growth:.1}"), "11");
    let peak = most
        .render
        .peak
        .map_or("–".into(), |peak| format!("{:.2}", peak as f64 * 1024.0 / most.bytes as f64));
    report("peak memory : output", peak, "2");
    let times = |other: Option<f64>, ours: f64| {
        other.map_or("–".to_owned(), |other| format!("{:.0} ×", other / ours))
    };
    let ours = memory.times[RENDER].as_secs_f64();
    report("Jinja2 : render to memory, hosts' files", times(others.jinja, ours), "50 ×");
    report(
        "Jinja2 and writing : render to disk, hosts' files",
        times(others.jinja_written, others.ours_written),
        "12 ×",
    );
    let each = most.render.time.as_secs_f64() / 10_000.0;
    report("Ansible's `template` : render to disk, each host", times(others.ansible, each), "–");
    let tutorial = process::median(|| {
        let _ = std::fs::remove_dir_all(work.join("tutorial"));
        lvsgen(&[
            "render".as_ref(),
            "golden/tutorial/cluster.yaml".as_ref(),
            "-o".as_ref(),
            &work.join("tutorial"),
        ])
    });
    report(
        "the tutorial's cluster, from start to the last file",
        format!("{} ms", millis(tutorial.time)),
        "10 ms",
    );

    let tutorial: &std::path::Path = "golden/tutorial/cluster.yaml".as_ref();
    let check = process::median(|| lvsgen(&["check".as_ref(), tutorial]));
    let nothing = process::median(|| process::run("true", &[]));
    report("`lvsgen check` of the tutorial : `true`", ratio(check.time, nothing.time), "–");

    hosts::report(work);

    let model_path = work.join("counted.yaml");
    std::fs::write(&model_path, model(1_000, 1)).unwrap();
    println!(
        "\nInstructions for 1,000 real servers, which hardly depend on the machine (valgrind, one thread):\n"
    );
    println!("| | millions |\n| --- | ---: |");
    let row = |command: &str, of: &str, model: &std::path::Path| {
        let counted = process::instructions(command, model, &work.join("counted"));
        let counted = counted.map_or("–".into(), |count| (count / 1_000_000).to_string());
        println!("| `lvsgen {command}`{of} | {counted} |");
    };
    row("check", "", &model_path);
    row("render", "", &model_path);
    row("check", " of the tutorial's cluster", tutorial);
}

fn place(size: usize) -> usize {
    SIZES.iter().position(|one| *one == size).unwrap()
}
