//! The course of a run: its best objective and its bound over time, sampled.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use fathom_opt_core::{Observer, Progress, Trace};
use serde::{Deserialize, Serialize};

/// What a run had at one moment, as it said itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds since the solve started.
    pub seconds: f64,
    /// The best objective so far.
    pub incumbent: Option<f64>,
    /// The best bound so far.
    pub bound: Option<f64>,
}

/// The course of a run: what it had over time, in the run's own criterion, as it said itself. Samples come in order; between two of them nothing is known to
/// have changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Course(pub Vec<Sample>);

/// A course has at most this many samples: where more come, those that are closest to each other are merged.
const MOST: usize = 1000;

impl Course {
    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The course in a trace that has the columns `seconds` and `objective` or `bound`.
    pub(crate) fn of_trace(trace: &Trace) -> Self {
        let column = |name: &str| trace.columns().iter().position(|column| column == name);
        let (Some(seconds), objective, bound) = (column("seconds"), column("objective"), column("bound")) else { return Self::default() };
        let mut samples = Sampler::default();
        if objective.or(bound).is_some() {
            for row in trace.rows() {
                let at = |k: Option<usize>| k.map(|k| row[k]);
                samples.add(row[seconds], at(objective), at(bound));
            }
        }
        samples.course
    }

    /// CSV with a header line; what is not known is an empty cell.
    pub(crate) fn to_csv(&self) -> String {
        let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let lines = self.0.iter().map(|sample| format!("{},{},{}\n", sample.seconds, cell(sample.incumbent), cell(sample.bound)));
        std::iter::once("seconds,incumbent,bound\n".to_owned()).chain(lines).collect()
    }

    /// What [`to_csv`](Course::to_csv) wrote; lines that are none are left out.
    pub(crate) fn of_csv(text: &str) -> Self {
        let sample = |line: &str| {
            let mut cells = line.split(',').map(|cell| cell.parse::<f64>().ok());
            Some(Sample { seconds: cells.next()??, incumbent: cells.next()?, bound: cells.next()? })
        };
        Self(text.lines().skip(1).filter_map(sample).collect())
    }
}

/// Makes a course of what comes, within [`MOST`] samples.
#[derive(Debug, Default)]
struct Sampler {
    course: Course,
    /// Samples closer than so many seconds are merged.
    spacing: f64,
}

impl Sampler {
    fn add(&mut self, seconds: f64, incumbent: Option<f64>, bound: Option<f64>) {
        let samples = &mut self.course.0;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let last = samples.last().copied();
        let sample = Sample {
            seconds,
            // What is not repeated is still there.
            incumbent: finite(incumbent).or(last.and_then(|last| last.incumbent)),
            bound: finite(bound).or(last.and_then(|last| last.bound)),
        };
        if !seconds.is_finite() || (sample.incumbent, sample.bound) == last.map_or((None, None), |last| (last.incumbent, last.bound)) {
            return;
        }
        samples.push(sample);
        if samples.len() > MOST {
            let span = seconds - samples[0].seconds;
            self.spacing = (2.0 * self.spacing).max(2.0 * span / MOST as f64);
            merge(samples, self.spacing);
        }
    }
}

/// Merges samples in the same stretch of `spacing` seconds into the last of them: it never shows a value before it was there.
fn merge(samples: &mut Vec<Sample>, spacing: f64) {
    let start = samples[0].seconds;
    let stretch = |sample: &Sample| if spacing > 0.0 { ((sample.seconds - start) / spacing).floor() } else { 0.0 };
    let mut kept: Vec<Sample> = Vec::with_capacity(samples.len() / 2 + 2);
    for (k, sample) in samples.iter().enumerate() {
        match kept.last_mut() {
            // The first is when there was anything at all.
            Some(last) if k > 1 && (stretch(last) - stretch(sample)).abs() < 0.5 => *last = *sample,
            _ => kept.push(*sample),
        }
    }
    *samples = kept;
}

/// Notes down the course of a run that goes on.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Instant,
    sampler: Mutex<Sampler>,
}

impl Recorder {
    /// A recorder of a run that starts now.
    pub fn new() -> Self {
        Self { start: Instant::now(), sampler: Mutex::new(Sampler::default()) }
    }

    /// Now the run has this.
    pub fn note(&self, incumbent: Option<f64>, bound: Option<f64>) {
        let seconds = self.start.elapsed().as_secs_f64();
        self.sampler.lock().unwrap_or_else(PoisonError::into_inner).add(seconds, incumbent, bound);
    }

    /// What was noted down so far.
    pub fn course(&self) -> Course {
        self.sampler.lock().unwrap_or_else(PoisonError::into_inner).course.clone()
    }
}

impl Observer for Recorder {
    fn observe(&self, progress: &Progress) {
        self.note(progress.objective, progress.bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_samples_and_what_is_not_repeated_stays() {
        let mut sampler = Sampler::default();
        for (seconds, incumbent, bound) in
            [(0.0, None, None), (1.0, Some(5.0), None), (2.0, None, Some(9.0)), (3.0, Some(5.0), None), (4.0, Some(f64::NAN), Some(8.0))]
        {
            sampler.add(seconds, incumbent, bound);
        }
        let shown: Vec<_> = sampler.course.0.iter().map(|sample| (sample.seconds, sample.incumbent, sample.bound)).collect();
        assert_eq!(shown, [(1.0, Some(5.0), None), (2.0, Some(5.0), Some(9.0)), (4.0, Some(5.0), Some(8.0))]);
    }

    #[test]
    fn a_long_course_keeps_its_first_and_last_sample_and_its_order() {
        let mut sampler = Sampler::default();
        for k in 0..100_000 {
            sampler.add(f64::from(k) * 1e-3, Some(f64::from(k)), None);
        }
        let samples = &sampler.course.0;
        assert!(samples.len() <= MOST && samples.len() > MOST / 8, "{}", samples.len());
        assert_eq!((samples[0].seconds, samples[samples.len() - 1].incumbent), (0.0, Some(99_999.0)));
        assert!(samples.windows(2).all(|pair| pair[0].seconds < pair[1].seconds && pair[0].incumbent < pair[1].incumbent));
        let mut at_once = Sampler::default();
        (0..5000).for_each(|k| at_once.add(1.0, Some(f64::from(k)), None));
        assert!(at_once.course.0.len() <= MOST);
    }

    #[test]
    fn a_course_survives_as_csv() {
        let course = Course(vec![
            Sample { seconds: 0.1 + 0.2, incumbent: Some(-1e-300), bound: None },
            Sample { seconds: 1.0, incumbent: None, bound: Some(1e21) },
        ]);
        assert_eq!(Course::of_csv(&course.to_csv()), course);
        assert!(Course::of_csv("").is_empty());
    }

    #[test]
    fn a_trace_with_the_usual_columns_is_a_course() {
        let mut trace = Trace::new(["iteration", "objective", "seconds"]);
        trace.push(&[1.0, 8.0, 0.5]);
        trace.push(&[2.0, f64::NAN, 0.6]);
        trace.push(&[3.0, 7.0, 0.7]);
        let course = Course::of_trace(&trace);
        assert_eq!(course.0.len(), 2);
        assert_eq!(course.0[1], Sample { seconds: 0.7, incumbent: Some(7.0), bound: None });
        assert!(Course::of_trace(&Trace::new(["iteration"])).is_empty());
    }
}
