//! The best packing so far, and what no packing exceeds.

use super::number::Number;
use super::program::Program;

/// The best packing so far and what no packing exceeds, in whole units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Incumbent<N> {
    /// Value of the best packing.
    pub(super) best: N,
    /// Its items, as positions in the program.
    pub(super) chosen: Vec<usize>,
    /// No packing has a larger value.
    pub(super) upper: N,
}

impl<N: Number> Incumbent<N> {
    /// The greedy packing by density and Dantzig's bound.
    pub(super) fn greedy(program: &Program<N>) -> Self {
        let (mut room, mut best, mut upper) = (program.capacity, N::default(), None);
        let mut chosen = Vec::new();
        for (k, item) in program.items.iter().enumerate() {
            if item.weight <= room {
                room -= item.weight;
                best += item.value;
                chosen.push(k);
            } else if upper.is_none() {
                upper = Some(program.linear_bound(k, best, room));
            }
        }
        let upper = upper.unwrap_or(best);
        let dearest = (0..program.items.len()).max_by_key(|&k| program.items[k].value);
        if let Some(k) = dearest.filter(|&k| program.items[k].value > best) {
            (best, chosen) = (program.items[k].value, vec![k]);
        }
        Self { best, chosen, upper }
    }

    /// Takes the items at these positions of the instance, which fit together, if they are worth more.
    pub(super) fn improve(&mut self, program: &Program<N>, inside: &[bool]) {
        let chosen: Vec<usize> = (0..program.items.len()).filter(|&k| inside[program.items[k].position]).collect();
        let value = chosen.iter().fold(N::default(), |sum, &k| sum + program.items[k].value);
        if value > self.best {
            (self.best, self.chosen) = (value, chosen);
        }
    }
}
