//! The optimum at a query, by looking at every feasible set.

use super::constraint::Constraint;
use super::function::Function;

/// The largest value of a feasible set of `live` elements; `None` where there are more than `most_sets` sets to look at.
///
/// For a monotone function under a cardinality constraint only the sets that are as large as allowed are looked at, otherwise every feasible set.
pub(super) fn optimum(function: &Function, constraint: &Constraint, live: &[usize], most_sets: u64) -> Option<f64> {
    let mut search = Search { function, constraint, live, left: most_sets, best: 0.0, chosen: Vec::new(), only_full: None };
    if let Constraint::Cardinality(most) = constraint {
        let size = live.len().min(*most as usize);
        if function.is_monotone() {
            search.only_full = Some(size);
        }
        // Refused before anything is looked at: most queries are too large, and say so at once.
        if sets(live.len(), size, search.only_full.is_some()).is_none_or(|sets| sets > most_sets) {
            return None;
        }
    }
    search.extend(0).then_some(search.best)
}

/// How many sets of exactly (or at most) `size` of `n` elements there are, as far as 64 bits hold it.
fn sets(n: usize, size: usize, exactly: bool) -> Option<u64> {
    let mut binomial = 1_u64;
    let mut sum = 1_u64;
    for j in 1..=size {
        binomial = binomial.checked_mul((n - j + 1) as u64)? / j as u64;
        sum = sum.checked_add(binomial)?;
    }
    Some(if exactly { binomial } else { sum })
}

struct Search<'a> {
    function: &'a Function,
    constraint: &'a Constraint,
    live: &'a [usize],
    left: u64,
    best: f64,
    chosen: Vec<usize>,
    /// Only sets of this size count.
    only_full: Option<usize>,
}

impl Search<'_> {
    /// Looks at every feasible set that adds elements from position `next` on; false when there are too many.
    fn extend(&mut self, next: usize) -> bool {
        let full = self.only_full.is_none_or(|size| self.chosen.len() == size);
        if full {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            self.best = self.best.max(self.function.value(&self.chosen));
            if self.only_full.is_some() {
                return true;
            }
        }
        for position in next..self.live.len() {
            if self.only_full.is_some_and(|size| self.live.len() - position < size - self.chosen.len()) {
                break;
            }
            self.chosen.push(self.live[position]);
            let goes_on = !self.constraint.allows(&self.chosen) || self.extend(position + 1);
            self.chosen.pop();
            if !goes_on {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submodular_stream::{Matroid, Rows};

    #[test]
    fn every_feasible_set_is_looked_at() {
        let sets: Rows<u32> = vec![vec![0, 1], vec![1, 2, 3], vec![0, 4], vec![4]].into_iter().collect();
        let coverage = Function::from(crate::submodular_stream::Coverage::new(None, sets).unwrap());
        let live = [0, 1, 2, 3];
        assert_eq!(optimum(&coverage, &Constraint::Cardinality(1), &live, 100), Some(3.0));
        assert_eq!(optimum(&coverage, &Constraint::Cardinality(2), &live, 100), Some(5.0));
        assert_eq!(optimum(&coverage, &Constraint::Cardinality(9), &live, 1), Some(5.0));
        assert_eq!(optimum(&coverage, &Constraint::Cardinality(2), &live, 5), None);
        let parts = Matroid::Partition { parts: vec![0, 0, 0, 1], capacities: vec![1, 1] };
        assert_eq!(optimum(&coverage, &Constraint::Matroid(parts), &live, 100), Some(4.0));
        let values = Function::modular(vec![1.0, -2.0, 3.0, -1.0]).unwrap();
        assert_eq!(optimum(&values, &Constraint::Cardinality(4), &live, 100), Some(4.0));
    }
}
