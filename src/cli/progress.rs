//! A bar on stderr for a write that takes long, where somebody looks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

/// How long a command may take before it shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Files between two looks at the clock.
const STEP: u64 = 64;

/// How far a write is.
pub(super) struct Progress {
    began: Instant,
    files: u64,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
    seen: bool,
}

impl Progress {
    /// Of a command that began at a time and writes so many files.
    pub(super) fn new(began: Instant, files: usize) -> Self {
        let seen = anstream::stderr().is_terminal();
        let files = u64::try_from(files).unwrap_or(u64::MAX);
        Self { began, files, done: AtomicU64::new(0), bar: OnceLock::new(), seen }
    }

    /// One more file is written.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed);
        if !self.seen || !done.is_multiple_of(STEP) || self.began.elapsed() < PATIENCE {
            return;
        }
        let target = ProgressDrawTarget::stderr;
        let bar = || ProgressBar::with_draw_target(Some(self.files), target());
        self.bar.get_or_init(bar).set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
