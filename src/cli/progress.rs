//! A progress bar on stderr for a long write, if stderr is a terminal.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::print::quiet;

/// The time after which a command shows the bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// The number of files between two checks of the clock.
const STEP: u64 = 64;

/// The progress of a write.
pub(super) struct Progress {
    began: Instant,
    files: u64,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
    seen: bool,
}

impl Progress {
    /// Makes the progress of a command from its start time and the number of files that it writes.
    pub(super) fn new(began: Instant, files: usize) -> Self {
        let seen = anstream::stderr().is_terminal() && !quiet();
        let files = u64::try_from(files).unwrap_or(u64::MAX);
        Self { began, files, done: AtomicU64::new(0), bar: OnceLock::new(), seen }
    }

    /// Counts one more written file.
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
