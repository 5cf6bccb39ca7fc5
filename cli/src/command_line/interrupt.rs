//! Ctrl-C: once stops cleanly and keeps the best solution so far, twice ends the program.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fathom_opt_core::CancelFlag;

use super::failure::Status;

/// How long a solve or a check may take to stop after it was asked to: with the writing of what there is it ends within two seconds.
pub(super) const PATIENCE: Duration = Duration::from_millis(1500);

/// How often somebody who waits looks whether it was asked to stop.
pub(super) const ATTENTION: Duration = Duration::from_millis(20);

/// A flag that Ctrl-C and SIGTERM raise. The second time ends the program at once.
pub(super) fn cancel_on_interrupt() -> CancelFlag {
    let cancel = CancelFlag::new();
    let raised = cancel.clone();
    let handler = move || {
        if raised.is_raised() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        raised.raise();
    };
    // Without a handler Ctrl-C ends the program, which is what it does elsewhere.
    let _ = ctrlc::set_handler(handler);
    cancel
}

/// [`Status::Interrupted`] as a number.
const INTERRUPTED: u8 = 130;

/// The status of a run that was stopped.
pub(super) fn interrupted() -> Status {
    Status::Interrupted
}

/// Ends the program when work goes on although it was asked to stop; dropped when the work is done.
pub(super) struct Insistence {
    done: Arc<AtomicBool>,
}

impl Insistence {
    /// From now on, work that does not stop within [`PATIENCE`] after `cancel` is raised ends with the program.
    pub(super) fn on(cancel: &CancelFlag) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (cancel, watched) = (cancel.clone(), Arc::clone(&done));
        // Where no thread can be had, a second Ctrl-C still ends the program.
        let _ = thread::Builder::new().name("insistence".into()).spawn(move || {
            let mut asked: Option<Instant> = None;
            while !watched.load(Ordering::Relaxed) {
                if cancel.is_raised() && asked.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    // Nobody is left to tell when standard error is closed.
                    let _ = writeln!(std::io::stderr(), "error: the solver did not stop when asked to; there is no result");
                    std::process::exit(i32::from(INTERRUPTED));
                }
                thread::sleep(ATTENTION);
            }
        });
        Self { done }
    }
}

impl Drop for Insistence {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}
