//! Maximin shares: dividing one agent's items into parts of which the least is as valuable as possible.

use std::collections::HashSet;

/// The largest worth that the least of `parts` parts of `values` can have, with such a division; `None` when `goes_on` said no.
///
/// Branch and bound over the items by decreasing magnitude, with the target raised to one more than the best division so far; a state that differs from
/// a failed one only in the names of the parts is not entered again.
pub(crate) fn maximin_share(values: &[i64], parts: usize, goes_on: &mut dyn FnMut() -> bool) -> Option<(i128, Vec<usize>)> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(values[item].unsigned_abs()), item));
    let mut goods_left = vec![(0_i128, 0_usize); values.len() + 1];
    for (k, &item) in order.iter().enumerate().rev() {
        let (worth, count) = goods_left[k + 1];
        goods_left[k] = if values[item] > 0 { (worth + i128::from(values[item]), count + 1) } else { (worth, count) };
    }
    let total: i128 = values.iter().copied().map(i128::from).sum();
    let ceiling = total.div_euclid(i128::try_from(parts).unwrap_or(i128::MAX));
    let mut best = (total.min(if parts > 1 { 0 } else { total }), vec![0; values.len()]);
    while best.0 < ceiling {
        let mut search = Search {
            values,
            order: &order,
            goods_left: &goods_left,
            target: best.0 + 1,
            worth: vec![0; parts],
            part: vec![0; values.len()],
            failed: HashSet::new(),
            goes_on,
        };
        if !search.descend(0)? {
            break;
        }
        best = (search.worth.iter().copied().min().unwrap_or(0), search.part);
    }
    Some(best)
}

/// Failed states kept at most, so that memory stays bounded.
const MOST_STATES: usize = 1 << 20;

struct Search<'a> {
    values: &'a [i64],
    order: &'a [usize],
    goods_left: &'a [(i128, usize)],
    target: i128,
    worth: Vec<i128>,
    part: Vec<usize>,
    failed: HashSet<(usize, Vec<i128>)>,
    goes_on: &'a mut dyn FnMut() -> bool,
}

impl Search<'_> {
    fn descend(&mut self, k: usize) -> Option<bool> {
        if !(self.goes_on)() {
            return None;
        }
        let lacking = || self.worth.iter().map(|worth| self.target - worth).filter(|lack| *lack > 0);
        if lacking().sum::<i128>() > self.goods_left[k].0 || lacking().count() > self.goods_left[k].1 {
            return Some(false);
        }
        if k == self.order.len() {
            return Some(true);
        }
        let mut state = self.worth.clone();
        state.sort_unstable();
        if self.failed.contains(&(k, state.clone())) {
            return Some(false);
        }
        let item = self.order[k];
        let value = i128::from(self.values[item]);
        let mut choices: Vec<usize> = (0..self.worth.len()).collect();
        choices.sort_by_key(|&part| if value < 0 { -self.worth[part] } else { self.worth[part] });
        choices.dedup_by_key(|part| self.worth[*part]);
        for part in choices {
            self.worth[part] += value;
            self.part[item] = part;
            if self.descend(k + 1)? {
                return Some(true);
            }
            self.worth[part] -= value;
        }
        if self.failed.len() < MOST_STATES {
            self.failed.insert((k, state));
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_share_is_what_enumeration_finds(values in proptest::collection::vec(-6_i64..7, 1..7), parts in 1_usize..4) {
            let worth_of = |part: &dyn Fn(usize) -> usize| {
                let mut worth = vec![0_i128; parts];
                for (k, value) in values.iter().enumerate() {
                    worth[part(k)] += i128::from(*value);
                }
                worth.into_iter().min().unwrap()
            };
            let best = (0..parts.pow(u32::try_from(values.len()).unwrap()))
                .map(|code| worth_of(&|k| code / parts.pow(u32::try_from(k).unwrap()) % parts))
                .max()
                .unwrap();
            let (share, part) = maximin_share(&values, parts, &mut || true).unwrap();
            prop_assert_eq!(share, best);
            prop_assert_eq!(worth_of(&|k| part[k]), best);
        }
    }
}
