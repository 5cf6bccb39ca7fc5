//! The gate of a matroid: an element comes in if it fits, or if it is worth twice what it drives out.

use super::gate::Gate;
use super::levels::Frame;
use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::oracle::{LevelOracle, reaches};

/// A gain of at least the floor, and room in the matroid or a gain of twice the weight of the lightest element whose removal makes room (Chakrabarti and Kale,
/// Mathematical Programming 2015).
///
/// The weight of an element is its gain when it was chosen, on top of all elements ever chosen, those driven out included. The test is monotone: gains fall
/// along the levels, and the elements of at least a given weight span ever more, since whoever drives one of them out is heavier and completes a circuit of
/// elements no lighter than it.
pub(crate) struct SwapGate {
    floor: f64,
    constraint: Constraint,
    /// The independent set after each level, level 0 first, with weights.
    kept: Vec<Vec<(u32, f64)>>,
}

/// What a candidate would do to the independent set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It does not pass.
    Fails,
    /// There is room for it.
    Fits,
    /// It takes the place of this element.
    DrivesOut(u32),
}

impl SwapGate {
    /// What `element` would drive out after `level` elements, if it passes: nothing, or one element.
    fn verdict(&self, element: u32, level: usize, gain: f64) -> Verdict {
        if !reaches(gain, self.floor) {
            return Verdict::Fails;
        }
        let kept: Vec<u32> = self.kept[level].iter().map(|&(other, _)| other).collect();
        if self.constraint.can_add(&kept, element) {
            return Verdict::Fits;
        }
        let Constraint::Matroid(matroid) = &self.constraint else { return Verdict::Fails };
        let circuit = matroid.circuit(&kept, element);
        let in_circuit = self.kept[level].iter().filter(|(other, _)| circuit.contains(other));
        match in_circuit.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))) {
            Some(lightest) if reaches(gain, 2.0 * lightest.1) => Verdict::DrivesOut(lightest.0),
            _ => Verdict::Fails,
        }
    }
}

impl Gate for SwapGate {
    fn new(frame: &Frame) -> Self {
        Self { floor: frame.threshold, constraint: frame.constraint.clone(), kept: vec![Vec::new()] }
    }

    fn passes<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, level: usize) -> Result<bool, OracleFault> {
        let gain = oracle.gain(element, level)?;
        Ok(self.verdict(element, level, gain) != Verdict::Fails)
    }

    fn deepest<O: LevelOracle>(&self, oracle: &mut Counted<O>, element: u32, first: usize, last: usize) -> Result<usize, OracleFault> {
        let (mut passed, mut failed) = (first, last + 1);
        while failed - passed > 1 {
            let middle = passed.midpoint(failed);
            if self.passes(oracle, element, middle)? {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        Ok(passed)
    }

    fn choose<O: LevelOracle>(&mut self, oracle: &mut Counted<O>, element: u32) {
        let level = oracle.height();
        let before = oracle.value();
        oracle.push(element);
        let weight = oracle.value() - before;
        let mut kept = self.kept[level].clone();
        // The element passed, so it fits or drives out the lightest of its circuit; rounding of the weight must not keep both.
        if let Verdict::DrivesOut(out) = self.verdict(element, level, f64::MAX) {
            kept.retain(|&(other, _)| other != out);
        }
        kept.push((element, weight));
        self.kept.truncate(level + 1);
        self.kept.push(kept);
    }

    fn truncate(&mut self, height: usize) {
        self.kept.truncate(height + 1);
    }

    fn is_full(&self, _: usize) -> bool {
        false
    }

    fn failing_is_gaining_less(&self) -> bool {
        false
    }

    fn kept(&self, stack: &[u32]) -> Vec<u32> {
        self.kept[stack.len()].iter().map(|&(element, _)| element).collect()
    }
}
