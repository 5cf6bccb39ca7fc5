//! Why a worker process ended without an answer.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::sys::signal::Signal;

/// Why a process that ended with `status` gave no answer, told from its diagnostics.
pub(crate) fn reason(status: ExitStatus, stderr: &str, memory_limit: u64) -> String {
    if ran_out_of_memory(stderr) {
        return out_of_memory(memory_limit);
    }
    if stderr.contains("has overflowed its stack") {
        return "stack overflow".into();
    }
    match (status.signal(), status.code()) {
        (Some(signal), _) if signal == Signal::SIGABRT as i32 => format!("aborted (signal {signal})"),
        (Some(signal), _) => match Signal::try_from(signal) {
            Ok(name) => format!("killed by signal {signal} ({name}), not by the harness"),
            Err(_) => format!("killed by signal {signal}, not by the harness"),
        },
        (None, Some(0)) => "no answer (exit status 0)".into(),
        (None, Some(code)) => format!("exit status {code}"),
        (None, None) => "ended without an exit status".into(),
    }
}

/// The reason when the solver panicked.
pub(crate) fn panicked(message: &str, memory_limit: u64) -> String {
    if ran_out_of_memory(message) { out_of_memory(memory_limit) } else { format!("panicked: {message}") }
}

/// The reason when memory was exhausted.
pub(crate) fn out_of_memory(memory_limit: u64) -> String {
    format!("out of memory (limit {memory_limit} MiB)")
}

/// What Rust's allocator, C++'s `new`, the operating system and Python say.
fn ran_out_of_memory(text: &str) -> bool {
    const SIGNS: [&str; 5] = ["memory allocation of", "std::bad_alloc", "Cannot allocate memory", "Out of memory", "MemoryError"];
    SIGNS.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_end_has_its_reason() {
        let signal = ExitStatus::from_raw;
        let code = |code: i32| ExitStatus::from_raw(code << 8);
        let cases = [
            (signal(6), "memory allocation of 8192 bytes failed", "out of memory (limit 64 MiB)"),
            (signal(6), "terminate called after throwing an instance of 'std::bad_alloc'", "out of memory (limit 64 MiB)"),
            (signal(6), "thread 'main' has overflowed its stack", "stack overflow"),
            (signal(6), "", "aborted (signal 6)"),
            (signal(11), "", "killed by signal 11 (SIGSEGV), not by the harness"),
            (signal(9), "", "killed by signal 9 (SIGKILL), not by the harness"),
            (code(0), "", "no answer (exit status 0)"),
            (code(7), "", "exit status 7"),
        ];
        for (status, stderr, expected) in cases {
            assert_eq!(reason(status, stderr, 64), expected);
        }
        assert_eq!(panicked("index out of bounds", 64), "panicked: index out of bounds");
        assert_eq!(panicked("failed to spawn thread: Cannot allocate memory", 64), "out of memory (limit 64 MiB)");
    }
}
