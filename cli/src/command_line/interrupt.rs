//! Ctrl-C: once stops cleanly and keeps the best solution so far, twice ends the program.

use fathom_opt_core::CancelFlag;

use super::failure::Status;

/// A flag that Ctrl-C raises. The second Ctrl-C ends the program at once.
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
