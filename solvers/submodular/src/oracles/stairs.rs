//! Numbers that change from level to level, of which most change seldom.

/// For each of many places the levels at which its number changed, with the numbers after. All start at 0.
#[derive(Debug, Clone)]
pub(super) struct Stairs {
    steps: Vec<Vec<(u32, f64)>>,
    /// The places that each level changed, one level after another.
    changed: Vec<u32>,
    ends: Vec<usize>,
}

impl Stairs {
    pub(super) fn new(places: usize) -> Self {
        Self { steps: vec![Vec::new(); places], changed: Vec::new(), ends: Vec::new() }
    }

    pub(super) fn height(&self) -> usize {
        self.ends.len()
    }

    /// The number at `place` after `level` levels.
    pub(super) fn at(&self, place: u32, level: usize) -> f64 {
        let steps = &self.steps[place as usize];
        steps.iter().rev().find(|step| step.0 as usize <= level).map_or(0.0, |step| step.1)
    }

    /// Sets the number at `place` for the level that is being built.
    pub(super) fn set(&mut self, place: u32, value: f64) {
        self.steps[place as usize].push((self.ends.len() as u32 + 1, value));
        self.changed.push(place);
    }

    /// Ends the level that is being built.
    pub(super) fn end_level(&mut self) {
        self.ends.push(self.changed.len());
    }

    pub(super) fn truncate(&mut self, height: usize) {
        self.ends.truncate(height);
        let end = self.ends.last().copied().unwrap_or(0);
        for &place in &self.changed[end..] {
            self.steps[place as usize].pop();
        }
        self.changed.truncate(end);
    }
}
