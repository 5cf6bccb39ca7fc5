//! How long a worker may take beyond a solve's time limit.

use std::time::Duration;

/// How long a worker may take beyond a solve's time limit before it is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grace {
    /// Seconds that every solve gets on top of its time limit.
    pub constant: f64,
    /// The fraction of its time limit that it gets as well.
    pub fraction: f64,
    /// Seconds for reading or generating the instance.
    pub reading: f64,
    /// Seconds for checking the outcome.
    pub checking: f64,
}

impl Default for Grace {
    fn default() -> Self {
        Self { constant: 2.0, fraction: 0.1, reading: 300.0, checking: 300.0 }
    }
}

impl Grace {
    /// When a solve of `time_limit` seconds is killed, counted from its start.
    pub(crate) fn solving(&self, time_limit: f64) -> Duration {
        seconds(time_limit + self.constant + self.fraction * time_limit)
    }
}

/// Why a solve of `time_limit` seconds was killed that had no answer after `killed_after`.
pub(crate) fn overtime(time_limit: f64, killed_after: f64) -> String {
    // To milliseconds, for people.
    let beyond = ((killed_after - time_limit) * 1000.0).round() / 1000.0;
    format!("killed: no answer {beyond} s after its time limit")
}

/// A duration of at most a century, however large or odd the number.
pub(crate) fn seconds(value: f64) -> Duration {
    const CENTURY: f64 = 3.2e9;
    Duration::from_secs_f64(if value > 0.0 { value.min(CENTURY) } else { 0.0 })
}
