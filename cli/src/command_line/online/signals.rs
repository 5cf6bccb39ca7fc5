//! Ctrl-C and the request to end.

/// Why the program is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, or the terminal is gone.
    Terminate,
}

/// Runs `end` in a thread of its own when the program is to end. To be called before other threads are started.
#[cfg(unix)]
pub(super) fn on_signal(mut end: impl FnMut(Signal) + Send + 'static) {
    use nix::sys::signal::{SigSet, Signal as Number};

    let mut awaited = SigSet::empty();
    for signal in [Number::SIGINT, Number::SIGTERM, Number::SIGHUP] {
        awaited.add(signal);
    }
    // Blocked in every thread, they come to the one that waits. Where they cannot be blocked they end the program as they do elsewhere.
    if awaited.thread_block().is_err() {
        return;
    }
    std::thread::spawn(move || {
        while let Ok(signal) = awaited.wait() {
            end(if signal == Number::SIGINT { Signal::Interrupt } else { Signal::Terminate });
        }
    });
}

/// Runs `end` when the program is to end; all signals are taken for Ctrl-C here.
#[cfg(not(unix))]
pub(super) fn on_signal(mut end: impl FnMut(Signal) + Send + 'static) {
    // Without a handler Ctrl-C ends the program, which is what it does elsewhere.
    let _ = ctrlc::set_handler(move || end(Signal::Interrupt));
}
