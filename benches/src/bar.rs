//! The progress bar on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::{Progress, Watch};

/// Draws progress as a bar on standard error, when that is a terminal; otherwise draws nothing.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Bar {
    /// A bar that appears with the first report and goes when dropped.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl Watch for Bar {
    fn observe(&mut self, progress: &Progress) {
        self.bar.set_length(progress.total as u64);
        self.bar.set_position(progress.done as u64);
        self.bar.set_message(message(progress));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn message(progress: &Progress) -> String {
    let left = progress.seconds_left.map_or_else(String::new, |seconds| format!("{} left  ", people(seconds)));
    format!("{left}{}", progress.running.join(", "))
}

/// A duration to the precision that an estimate has.
fn people(seconds: f64) -> String {
    let whole = Duration::from_secs_f64(seconds.clamp(0.0, 1e9)).as_secs();
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_tells_what_runs_and_how_long_it_will_take() {
        let mut progress = Progress { running: vec!["a on x".into(), "b on y".into()], ..Progress::default() };
        assert_eq!(message(&progress), "a on x, b on y");
        for (seconds, text) in
            [(0.4, "0 s left"), (75.0, "1 min 15 s left"), (7300.0, "2 h 1 min left"), (f64::INFINITY, "277777 h 46 min left")]
        {
            progress.seconds_left = Some(seconds);
            assert!(message(&progress).starts_with(text), "{}", message(&progress));
        }
    }
}
