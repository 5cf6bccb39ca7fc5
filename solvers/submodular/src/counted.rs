//! An oracle whose calls are counted and whose answers are looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::OracleFault;
use crate::oracle::{LevelOracle, reaches};
use crate::work::Work;

/// How far below 0 a gain of a monotone function may lie, relative to the function's value: rounding.
const ROUNDING: f64 = 1e-9;

/// An oracle that counts what is asked of it, so that no engine can forget to, and refuses answers that no submodular function gives.
#[derive(Clone)]
pub(crate) struct Counted<O> {
    oracle: O,
    work: Work,
    gains: Vec<f64>,
    interrupt: Option<Interrupt>,
    /// The bits of what each element is worth alone, of NaN where nobody asked yet. Shared by all that work on the function: it is asked once.
    singles: Arc<[AtomicU64]>,
}

/// Says whether to stop; asked now and then from whichever thread is at work.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// Evaluations between two questions whether to stop.
const INTERRUPT_INTERVAL: u64 = 512;

impl<O: LevelOracle> Counted<O> {
    /// An oracle with nothing on its stack, whatever `oracle` has on its own.
    pub(crate) fn new(oracle: &O) -> Self {
        let mut oracle = oracle.clone();
        oracle.truncate(0);
        let singles = (0..oracle.elements()).map(|_| AtomicU64::new(f64::NAN.to_bits())).collect();
        Self { oracle, work: Work::default(), gains: Vec::new(), interrupt: None, singles }
    }

    /// The same function with an empty stack, nothing counted yet.
    pub(crate) fn fresh(&self) -> Self {
        let mut oracle = self.oracle.clone();
        oracle.truncate(0);
        Self { oracle, work: Work::default(), gains: Vec::new(), interrupt: self.interrupt.clone(), singles: Arc::clone(&self.singles) }
    }

    /// Takes over what `element` is known to be worth alone.
    pub(crate) fn remember(&self, element: u32, single: f64) {
        self.singles[element as usize].store(single.to_bits(), Ordering::Relaxed);
    }

    /// Stops with [`OracleFault::Interrupted`] when `interrupt` says so.
    pub(crate) fn set_interrupt(&mut self, interrupt: Interrupt) {
        self.interrupt = Some(interrupt);
    }

    pub(crate) fn work(&self) -> Work {
        self.work
    }

    /// Takes over what was counted before a state was saved.
    pub(crate) fn set_work(&mut self, work: Work) {
        self.work = work;
    }

    pub(crate) fn oracle(&self) -> &O {
        &self.oracle
    }

    pub(crate) fn height(&self) -> usize {
        self.oracle.height()
    }

    pub(crate) fn value(&self) -> f64 {
        self.oracle.value()
    }

    pub(crate) fn push(&mut self, element: u32) {
        self.work.pushes += 1;
        self.oracle.push(element as usize);
    }

    pub(crate) fn truncate(&mut self, height: usize) {
        self.oracle.truncate(height);
    }

    /// `f(set)`, with the pushes counted; the stack is empty afterwards.
    pub(crate) fn value_of(&mut self, set: &[u32]) -> f64 {
        self.truncate(0);
        for &element in set {
            self.push(element);
        }
        let value = self.value();
        self.truncate(0);
        value
    }

    /// The gain of `element` against the prefix of `level`. What it is worth alone is evaluated once.
    pub(crate) fn gain(&mut self, element: u32, level: usize) -> Result<f64, OracleFault> {
        if level > 0 {
            return self.evaluate(element, level);
        }
        let known = f64::from_bits(self.singles[element as usize].load(Ordering::Relaxed));
        if !known.is_nan() {
            return Ok(known);
        }
        let single = self.evaluate(element, 0)?;
        self.remember(element, single);
        Ok(single)
    }

    fn evaluate(&mut self, element: u32, level: usize) -> Result<f64, OracleFault> {
        self.work.evaluations += 1;
        if self.work.evaluations.is_multiple_of(INTERRUPT_INTERVAL)
            && let Some(interrupt) = &self.interrupt
            && interrupt()
        {
            return Err(OracleFault::Interrupted);
        }
        let gain = self.oracle.gain(element as usize, level);
        self.sound(element, gain)
    }

    /// Whether the gain of `element` against the prefix of `level` reaches `threshold`.
    pub(crate) fn reaches(&mut self, element: u32, level: usize, threshold: f64) -> Result<bool, OracleFault> {
        Ok(reaches(self.gain(element, level)?, threshold))
    }

    /// The last of `levels` (increasing) against whose prefix the gain of `element` reaches `threshold`, as a position in `levels`. The first one is known to
    /// be reached and is not looked at. Gains fall along prefixes, so this is a binary search; the last level is looked at first, since most candidates reach it or
    /// stop early.
    pub(crate) fn deepest(&mut self, element: u32, threshold: f64, levels: Levels<'_>) -> Result<usize, OracleFault> {
        let (mut reached, mut beyond) = (0, levels.len());
        if beyond <= 1 {
            return Ok(0);
        }
        let (from, to) = (levels.at(1), levels.at(beyond - 1));
        let mut gains = std::mem::take(&mut self.gains);
        gains.clear();
        let profiled = self.oracle.profile(element as usize, from, to, &mut gains) && gains.len() == to - from + 1;
        self.work.passes += u64::from(profiled);
        let mut result = Ok(());
        let mut middle = beyond - 1;
        while beyond - reached > 1 {
            let level = levels.at(middle);
            let gain = if profiled {
                self.work.evaluations += 1;
                self.sound(element, gains[level - from])
            } else {
                self.gain(element, level)
            };
            match gain {
                Ok(gain) if reaches(gain, threshold) => reached = middle,
                Ok(_) => beyond = middle,
                Err(fault) => {
                    result = Err(fault);
                    break;
                }
            }
            middle = reached.midpoint(beyond);
        }
        self.gains = gains;
        result.map(|()| reached)
    }

    fn sound(&self, element: u32, gain: f64) -> Result<f64, OracleFault> {
        if !gain.is_finite() {
            return Err(OracleFault::NotFinite { element, gain });
        }
        if gain < 0.0 && self.oracle.is_monotone() && gain < -ROUNDING * self.oracle.value().abs() {
            return Err(OracleFault::Negative { element, gain });
        }
        Ok(gain)
    }
}

/// The levels that a search goes through.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Levels<'a> {
    /// All levels from the first to the last, both included.
    Every(usize, usize),
    /// These.
    Of(&'a [usize]),
}

impl Levels<'_> {
    fn len(self) -> usize {
        match self {
            Self::Every(first, last) => (last + 1).saturating_sub(first),
            Self::Of(levels) => levels.len(),
        }
    }

    fn at(self, position: usize) -> usize {
        match self {
            Self::Every(first, _) => first + position,
            Self::Of(levels) => levels[position],
        }
    }
}
