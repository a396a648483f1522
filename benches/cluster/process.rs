//! Programs, run and measured from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// One run of a program.
#[derive(Clone, Copy)]
pub struct Ran {
    pub time: Duration,
    /// The most memory that it had, in KiB, where the system tells.
    pub peak: Option<u64>,
}

/// The median of five runs by time.
pub fn median(run: impl FnMut() -> Ran) -> Ran {
    let mut runs: Vec<Ran> = std::iter::repeat_with(run).take(5).collect();
    runs.sort_by_key(|ran| ran.time);
    runs[2]
}

/// The program itself; differences are no failure.
pub fn lvsgen(arguments: &[&Path]) -> Ran {
    run(env!("CARGO_BIN_EXE_lvsgen"), arguments)
}

pub fn run(program: &str, arguments: &[&Path]) -> Ran {
    let start = Instant::now();
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = command.spawn().unwrap();
    let status = format!("/proc/{}/status", running.id());
    // The kernel tells the most that a process had while it lives, and no longer.
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let mut most = None;
        while end.recv_timeout(Duration::from_millis(5)) == Err(RecvTimeoutError::Timeout) {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let now = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
            most = most.max(now);
        }
        most
    });
    let status = running.wait().unwrap();
    let time = start.elapsed();
    assert!(status.code().is_some_and(|code| code <= 1), "{program}: {status}");
    drop(ended);
    Ran { time, peak: watch.join().unwrap() }
}

/// What other engines take for the same files, in seconds; none where they could not run.
pub struct Others {
    pub jinja: Option<f64>,
    pub jinja_written: Option<f64>,
    /// lvsgen, from the model to the same files on disk.
    pub ours_written: f64,
    /// For each host.
    pub ansible: Option<f64>,
}

pub fn others(work: &Path, all: &str, few: &str) -> Others {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let [all_jobs, few_jobs] = [("all.jobs", all), ("few.jobs", few)].map(|(name, jobs)| {
        let path = work.join(name);
        fs::write(&path, jobs).unwrap();
        path
    });
    let model = work.join("model-1.yaml");
    let tree = work.join("bare");
    let ours = median(|| {
        let _ = fs::remove_dir_all(&tree);
        let none: [&Path; 6] = [
            "render".as_ref(),
            &model,
            "-o".as_ref(),
            &tree,
            "--delivery".as_ref(),
            "none".as_ref(),
        ];
        lvsgen(&none)
    });
    let _ = fs::remove_dir_all(&tree);
    let jinja = python("jinja.py", &[&templates, &all_jobs, &work.join("jinja")]);
    let _ = fs::remove_dir_all(work.join("jinja"));
    let ansible = python("ansible.py", &[&templates, &few_jobs, &work.join("ansible")]);
    Others {
        jinja: jinja.first().copied(),
        jinja_written: jinja.get(1).copied(),
        ours_written: ours.time.as_secs_f64(),
        ansible: ansible.first().copied(),
    }
}

/// The numbers that a script prints; none where it fails, and says why.
fn python(script: &str, arguments: &[&Path]) -> Vec<f64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/others").join(script);
    let Ok(ran) = Command::new("python3").arg(path).args(arguments).output() else {
        return Vec::new();
    };
    if !ran.status.success() {
        eprintln!("{script}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// How many instructions a command takes on a model, by valgrind's count.
pub fn instructions(command: &str, model: &Path, tree: &Path) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(env!("CARGO_BIN_EXE_lvsgen")).arg(command).arg(model);
    if command == "render" {
        valgrind.arg("-o").arg(tree);
    }
    let ran = valgrind.env("RAYON_NUM_THREADS", "1").output().ok()?;
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    let line = told.lines().find_map(|line| line.split("Collected : ").nth(1))?;
    line.trim().parse().ok()
}
