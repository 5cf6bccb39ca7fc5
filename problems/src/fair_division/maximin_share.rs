//! Maximin shares by multiway partition.

use super::amount::Amount;

/// Whether items can be divided into parts that are all worth a certain amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Partition {
    /// They can: the part of each item.
    Found(Vec<usize>),
    /// They cannot; the search was finished.
    Impossible,
    /// The work ran out first.
    Undecided,
}

/// The search goes as deep as there are items; more than these would not be decided anyway.
const MOST_ITEMS: usize = 4000;

/// Looks for a division of `values` into `parts` parts each worth at least `target`, with at most `work` placements tried (and counted off).
///
/// Depth first over the items by decreasing magnitude, a good to the poorest part first. A branch ends when what the parts lack together exceeds the
/// goods that are left, or when more parts lack something than goods are left. Parts of equal worth are tried once.
pub(super) fn partition<A: Amount>(values: &[A], parts: usize, target: &A, work: &mut u64) -> Partition {
    let total = values.iter().fold(A::zero(), |sum, value| sum.plus(value));
    if target.times(parts as u64) > total {
        return Partition::Impossible;
    }
    if values.len() > MOST_ITEMS {
        return Partition::Undecided;
    }
    let magnitude = |value: &A| if value.is_negative() { A::zero().minus(value) } else { value.clone() };
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&x, &y| magnitude(&values[y]).cmp(&magnitude(&values[x])));
    let mut goods_left = vec![(A::zero(), 0); values.len() + 1];
    for (k, &item) in order.iter().enumerate().rev() {
        let (worth, count) = &goods_left[k + 1];
        goods_left[k] = if values[item].is_positive() { (worth.plus(&values[item]), count + 1) } else { (worth.clone(), *count) };
    }
    let mut search = Search { values, target, order, goods_left, worth: vec![A::zero(); parts], part: vec![0; values.len()], work };
    match search.descend(0) {
        Some(true) => Partition::Found(search.part),
        Some(false) => Partition::Impossible,
        None => Partition::Undecided,
    }
}

struct Search<'a, A> {
    values: &'a [A],
    target: &'a A,
    order: Vec<usize>,
    /// Worth and number of the goods at positions `k` and later.
    goods_left: Vec<(A, usize)>,
    worth: Vec<A>,
    part: Vec<usize>,
    work: &'a mut u64,
}

impl<A: Amount> Search<'_, A> {
    fn descend(&mut self, k: usize) -> Option<bool> {
        let (goods, count) = &self.goods_left[k];
        let mut lacking = A::zero();
        let mut poor = 0;
        for worth in self.worth.iter().filter(|worth| *worth < self.target) {
            lacking = lacking.plus(&self.target.minus(worth));
            poor += 1;
        }
        if lacking > *goods || poor > *count {
            return Some(false);
        }
        if k == self.order.len() {
            return Some(true);
        }
        let item = self.order[k];
        let value = &self.values[item];
        let mut choices: Vec<usize> = (0..self.worth.len()).collect();
        if value.is_negative() {
            choices.sort_by(|&x, &y| self.worth[y].cmp(&self.worth[x]));
        } else {
            choices.sort_by(|&x, &y| self.worth[x].cmp(&self.worth[y]));
        }
        choices.dedup_by(|x, y| self.worth[*x] == self.worth[*y]);
        for choice in choices {
            *self.work = self.work.checked_sub(1)?;
            let before = self.worth[choice].clone();
            self.worth[choice] = before.plus(value);
            self.part[item] = choice;
            if self.descend(k + 1)? {
                return Some(true);
            }
            self.worth[choice] = before;
        }
        Some(false)
    }
}

/// The largest worth that the least part of a division into `parts` parts can have, or nothing when `work` does not suffice.
pub(super) fn maximin_share<A: Amount>(values: &[A], parts: usize, work: &mut u64) -> Option<A> {
    // Everything in one part is a division too.
    let mut best = least_worth(values, &vec![0; values.len()], parts);
    loop {
        match partition(values, parts, &best.plus(&A::one()), work) {
            Partition::Found(part) => best = least_worth(values, &part, parts),
            Partition::Impossible => return Some(best),
            Partition::Undecided => return None,
        }
    }
}

/// The worth of the least part.
pub(super) fn least_worth<A: Amount>(values: &[A], part: &[usize], parts: usize) -> A {
    let mut worth = vec![A::zero(); parts];
    for (value, &part) in values.iter().zip(part) {
        worth[part] = worth[part].plus(value);
    }
    worth.into_iter().min().unwrap_or_else(A::zero)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_share_is_what_enumeration_finds(values in proptest::collection::vec(-6_i128..7, 1..7), parts in 1_usize..4) {
            let count = parts.pow(u32::try_from(values.len()).unwrap());
            let best = (0..count)
                .map(|code| {
                    let mut worth = vec![0; parts];
                    for (k, value) in values.iter().enumerate() {
                        worth[code / parts.pow(u32::try_from(k).unwrap()) % parts] += value;
                    }
                    worth.into_iter().min().unwrap()
                })
                .max()
                .unwrap();
            prop_assert_eq!(maximin_share(&values, parts, &mut 1_000_000), Some(best));
        }
    }

    #[test]
    fn a_search_that_is_cut_says_so() {
        let values: Vec<i128> = (1..30).map(|k| k * k * 7 % 101 + 1000).collect();
        assert_eq!(partition(&values, 5, &(values.iter().sum::<i128>() / 5), &mut 20), Partition::Undecided);
    }
}
