//! Maximum Nash welfare for agents who are all alike: numbers divided into parts whose sums have the largest product.

use num_bigint::BigUint;

use crate::work_meter::WorkMeter;

/// A division of numbers, and what is known about better ones.
pub(crate) struct Partition {
    /// The part of each number.
    pub(crate) part: Vec<usize>,
    /// Whether no division has a larger product (with as many positive parts as possible).
    pub(crate) proven: bool,
    /// No division has a larger product than this.
    pub(crate) bound: BigUint,
}

/// Most numbers that are halved by lists: two lists of `2^20` sums each.
const MOST_HALVED: usize = 40;

/// Bits of a table of subset sums at most.
const MOST_SUMS: u128 = 1 << 26;

/// Subsets looked at in all before the search for more than two parts is given up, a second or two.
const MOST_WORK: u64 = 40_000_000;

/// Divides nonnegative numbers into `parts` parts such that as many as possible are positive and the product of their sums is as large as possible.
///
/// A number that is at least the average of all parts is a part of its own: if it shared one, some other part would be below the average, and passing the
/// rest on to that one would raise the product. Of what remains, the sums can at best be equal up to rounding, and a division that attains that is
/// optimal. Otherwise the part of the largest number goes through all subsets whose sum leaves room for something better (sequential partitioning; Korf
/// 2009), and the last two parts are a subset-sum problem: a table of sums, or two sorted lists of half the numbers' sums (Horowitz and Sahni 1974).
pub(crate) fn product_partition(values: &[i64], parts: usize, meter: &mut WorkMeter<'_>) -> Partition {
    let mut order: Vec<usize> = (0..values.len()).filter(|&item| values[item] > 0).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(values[item]), item));
    let mut part = vec![0; values.len()];
    let mut taken = 0;
    let mut sum: u128 = order.iter().map(|&item| u128::from(values[item].unsigned_abs())).sum();
    let mut alone = BigUint::from(1_u8);
    let mut rest = order.as_slice();
    while let Some((&first, others)) = rest.split_first() {
        let value = u128::from(values[first].unsigned_abs());
        // With no more numbers than parts every number is a part of its own.
        let left = parts - taken;
        if left <= 1 || (rest.len() > left && value * (left as u128) < sum) {
            break;
        }
        part[first] = taken;
        taken += 1;
        sum -= value;
        alone *= value;
        rest = others;
    }
    if rest.is_empty() {
        return Partition { part, proven: true, bound: alone };
    }
    let numbers: Vec<u128> = rest.iter().map(|&item| u128::from(values[item].unsigned_abs())).collect();
    let mut search = Search { numbers: &numbers, parts: parts - taken, best: Vec::new(), product: BigUint::ZERO, work: MOST_WORK, meter };
    search.offer(&greedy(&numbers, parts - taken));
    let ceiling = balanced(sum, parts - taken);
    let all: Vec<usize> = (0..numbers.len()).collect();
    let mut chosen = vec![0; numbers.len()];
    let finished = search.product >= ceiling || search.divide(&all, sum, parts - taken, &BigUint::from(1_u8), &ceiling, &mut chosen);
    for (&item, &own) in rest.iter().zip(&search.best) {
        part[item] = taken + own;
    }
    let bound = if finished { &search.product } else { &ceiling } * alone;
    Partition { part, proven: finished, bound }
}

/// The largest product of `parts` integers that add up to `sum`.
fn balanced(sum: u128, parts: usize) -> BigUint {
    let count = parts as u128;
    let (least, larger) = (sum / count, u32::try_from(sum % count).unwrap_or(u32::MAX));
    let parts = u32::try_from(parts).unwrap_or(u32::MAX);
    BigUint::from(least + 1).pow(larger) * BigUint::from(least).pow(parts - larger)
}

/// Each number, from the largest on, to the part with the least sum.
fn greedy(numbers: &[u128], parts: usize) -> Vec<usize> {
    let mut sums = vec![0_u128; parts];
    numbers
        .iter()
        .map(|number| {
            let least = (0..parts).min_by_key(|&part| sums[part]).unwrap_or(0);
            sums[least] += number;
            least
        })
        .collect()
}

struct Search<'a, 'b> {
    /// In decreasing order.
    numbers: &'a [u128],
    parts: usize,
    best: Vec<usize>,
    product: BigUint,
    work: u64,
    meter: &'a mut WorkMeter<'b>,
}

impl Search<'_, '_> {
    fn offer(&mut self, part: &[usize]) {
        let mut sums = vec![0_u128; self.parts];
        for (number, &part) in self.numbers.iter().zip(part) {
            sums[part] += number;
        }
        let product = sums.into_iter().fold(BigUint::from(1_u8), |product, sum| product * sum);
        if product > self.product || self.best.is_empty() {
            self.product = product;
            self.best = part.to_vec();
        }
    }

    /// Divides the numbers at the positions `left`, whose sum is `sum`, into `parts` parts, given the product of the parts made before. Whether the search
    /// was finished; it ends early at `ceiling`, which nothing exceeds.
    fn divide(&mut self, left: &[usize], sum: u128, parts: usize, before: &BigUint, ceiling: &BigUint, chosen: &mut [usize]) -> bool {
        if before * balanced(sum, parts) <= self.product {
            return true;
        }
        match parts {
            1 => {
                for &position in left {
                    chosen[position] = 0;
                }
                self.offer(chosen);
                true
            }
            2 => self.halve(left, sum, chosen),
            _ => {
                let suffix = suffix_sums(left.iter().map(|&position| self.numbers[position]));
                let window = self.window(sum, parts, before);
                let mut subset = Subset { left, parts, total: sum, before, ceiling, window, inside: vec![0], rest: Vec::new() };
                self.choose(&mut subset, 1, self.numbers[left[0]], &suffix, chosen)
            }
        }
    }

    /// The least and the largest sum of one part with which the product can still be better: `x` times the balanced product of the rest rises up to the
    /// average and falls from there on.
    fn window(&self, total: u128, parts: usize, before: &BigUint) -> (u128, u128) {
        let better = |own: u128| before * own * balanced(total - own, parts - 1) > self.product;
        let average = total / parts as u128;
        let (mut low, mut good) = (0, average);
        while low < good {
            let middle = low + (good - low) / 2;
            if better(middle) { good = middle } else { low = middle + 1 }
        }
        let (mut good, mut high) = (average + 1, total);
        while good < high {
            let middle = good + (high - good).div_ceil(2);
            if better(middle) { good = middle } else { high = middle - 1 }
        }
        (low, good)
    }

    /// Decides for the positions from `k` on whether they belong to the part of the largest number.
    fn choose(&mut self, subset: &mut Subset<'_>, k: usize, sum: u128, suffix: &[u128], chosen: &mut [usize]) -> bool {
        let (least, most) = subset.window;
        if self.product >= *subset.ceiling || sum > most || sum + suffix[k] < least {
            return true;
        }
        if self.work == 0 || !self.meter.spends(2) {
            return false;
        }
        self.work -= 1;
        if k == subset.left.len() {
            let (inside, rest) = (subset.positions(&subset.inside), subset.positions(&subset.rest));
            for position in inside {
                chosen[position] = subset.parts - 1;
            }
            return self.divide(&rest, subset.total - sum, subset.parts - 1, &(subset.before * sum), subset.ceiling, chosen);
        }
        let number = self.numbers[subset.left[k]];
        subset.inside.push(k);
        let finished = self.choose(subset, k + 1, sum + number, suffix, chosen);
        subset.inside.pop();
        if !finished {
            return false;
        }
        subset.rest.push(k);
        let finished = self.choose(subset, k + 1, sum, suffix, chosen);
        subset.rest.pop();
        finished
    }

    /// The two most equal halves of what is left.
    fn halve(&mut self, left: &[usize], sum: u128, chosen: &mut [usize]) -> bool {
        let numbers: Vec<u128> = left.iter().map(|&position| self.numbers[position]).collect();
        let (method, work) = Halving::of(&numbers, sum);
        if work > self.work {
            return false;
        }
        self.work -= work;
        let Some(inside) = method.and_then(|method| method.run(&numbers, sum / 2, self.meter)) else { return false };
        for (k, &position) in left.iter().enumerate() {
            chosen[position] = usize::from(!inside[k]);
        }
        self.offer(chosen);
        true
    }
}

/// The part that is being chosen.
struct Subset<'a> {
    left: &'a [usize],
    parts: usize,
    total: u128,
    before: &'a BigUint,
    ceiling: &'a BigUint,
    /// Its least and largest sum.
    window: (u128, u128),
    /// Indices into `left` that belong to it, and that do not.
    inside: Vec<usize>,
    rest: Vec<usize>,
}

impl Subset<'_> {
    fn positions(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().map(|&k| self.left[k]).collect()
    }
}

fn suffix_sums(numbers: impl DoubleEndedIterator<Item = u128>) -> Vec<u128> {
    let mut sums = vec![0];
    for number in numbers.rev() {
        sums.push(sums[sums.len() - 1] + number);
    }
    sums.reverse();
    sums
}

/// How a subset is found whose sum is as near to half of all as possible and not above it.
#[derive(Debug, Clone, Copy)]
enum Halving {
    Table,
    Lists,
}

impl Halving {
    /// The way for these numbers, and its work; no way when there are too many and too long ones.
    fn of(numbers: &[u128], sum: u128) -> (Option<Self>, u64) {
        let table = (sum / 2).saturating_mul(numbers.len() as u128);
        if table <= MOST_SUMS {
            (Some(Self::Table), u64::try_from(table / 64).unwrap_or(u64::MAX) + 1)
        } else if numbers.len() <= MOST_HALVED {
            (Some(Self::Lists), 16 << numbers.len().div_ceil(2))
        } else {
            (None, 0)
        }
    }

    /// Which of the numbers belong to the subset; nothing when the run has to stop.
    fn run(self, numbers: &[u128], half: u128, meter: &mut WorkMeter<'_>) -> Option<Vec<bool>> {
        match self {
            Self::Table => by_table(numbers, half, meter),
            Self::Lists => by_lists(numbers, half, meter),
        }
    }
}

/// For each number the sums that the numbers before it reach, as bits.
fn by_table(numbers: &[u128], half: u128, meter: &mut WorkMeter<'_>) -> Option<Vec<bool>> {
    let half = usize::try_from(half).ok()?;
    let words = half / 64 + 1;
    let reaches = |row: &[u64], sum: usize| row[sum / 64] >> (sum % 64) & 1 == 1;
    let mut rows: Vec<Vec<u64>> = Vec::with_capacity(numbers.len() + 1);
    let mut row = vec![0_u64; words];
    row[0] = 1;
    rows.push(row.clone());
    for &number in numbers {
        if !meter.goes_on_after(words as u64) {
            return None;
        }
        if let Some(number) = usize::try_from(number).ok().filter(|&number| number <= half) {
            let (skipped, bits) = (number / 64, number % 64);
            for word in (skipped..words).rev() {
                let low = row[word - skipped] << bits;
                let high = if bits > 0 && word > skipped { row[word - skipped - 1] >> (64 - bits) } else { 0 };
                row[word] |= low | high;
            }
        }
        rows.push(row.clone());
    }
    let mut sum = (0..=half).rev().find(|&sum| reaches(&row, sum))?;
    let mut inside = vec![false; numbers.len()];
    for k in (0..numbers.len()).rev() {
        if !reaches(&rows[k], sum) {
            inside[k] = true;
            sum -= usize::try_from(numbers[k]).ok()?;
        }
    }
    Some(inside)
}

/// All subset sums of either half of the numbers, sorted, and the best pair by two fingers.
fn by_lists(numbers: &[u128], half: u128, meter: &mut WorkMeter<'_>) -> Option<Vec<bool>> {
    let (first, second) = numbers.split_at(numbers.len() / 2);
    let mut sums = |numbers: &[u128]| -> Option<Vec<(u128, u32)>> {
        let mut sums = vec![(0_u128, 0_u32)];
        for (k, number) in numbers.iter().enumerate() {
            if !meter.goes_on_after(sums.len() as u64) {
                return None;
            }
            let with: Vec<(u128, u32)> = sums.iter().map(|&(sum, code)| (sum + number, code | 1 << k)).collect();
            sums.extend(with);
        }
        sums.sort_unstable();
        meter.goes_on_after(16 * sums.len() as u64).then_some(sums)
    };
    let (first_sums, second_sums) = (sums(first)?, sums(second)?);
    let mut best: Option<(u128, u32, u32)> = None;
    let mut finger = second_sums.len();
    for &(sum, code) in &first_sums {
        while finger > 0 && sum + second_sums[finger - 1].0 > half {
            finger -= 1;
        }
        if finger == 0 {
            break;
        }
        let (other, other_code) = second_sums[finger - 1];
        if best.is_none_or(|(most, ..)| sum + other > most) {
            best = Some((sum + other, code, other_code));
        }
    }
    let (_, code, other_code) = best?;
    let inside = (0..first.len()).map(|k| code >> k & 1 == 1);
    Some(inside.chain((0..second.len()).map(|k| other_code >> k & 1 == 1)).collect())
}

#[cfg(test)]
mod tests {
    use fathom_opt_core::Run;
    use proptest::prelude::*;

    use super::*;

    fn score(values: &[i64], part: impl Fn(usize) -> usize, parts: usize) -> (usize, BigUint) {
        let mut sums = vec![0_i64; parts];
        for (k, value) in values.iter().enumerate() {
            sums[part(k)] += value;
        }
        let positive = sums.iter().filter(|&&sum| sum > 0);
        (positive.clone().count(), positive.fold(BigUint::from(1_u8), |product, &sum| product * sum.unsigned_abs()))
    }

    fn solve(values: &[i64], parts: usize) -> Partition {
        product_partition(values, parts, &mut WorkMeter::new(&Run::default()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_product_is_what_enumeration_finds(
            values in proptest::collection::vec(prop_oneof![0_i64..9, 1_i64..1000, 1_i64..1_000_000_000_000], 1..8),
            parts in 1_usize..5,
        ) {
            let found = solve(&values, parts);
            let codes = 0..parts.pow(u32::try_from(values.len()).unwrap());
            let best = codes.map(|code| score(&values, |k| code / parts.pow(u32::try_from(k).unwrap()) % parts, parts)).max().unwrap();
            prop_assert!(found.proven);
            prop_assert_eq!(score(&values, |k| found.part[k], parts), best.clone());
            prop_assert!(found.bound >= best.1);
        }
    }

    #[test]
    fn the_published_fault_is_solved() {
        let values = [52456, 83298, 74106, 53400, 14098, 10499, 26647, 26901, 51813, 24605, 62313, 72001];
        let found = solve(&values, 2);
        assert!(found.proven);
        assert_eq!(found.bound, BigUint::from(276_066_u64) * 276_071_u64);
        assert_eq!(score(&values, |k| found.part[k], 2), (2, found.bound));
    }

    #[test]
    fn lists_and_tables_find_the_same_half() {
        let numbers: Vec<u128> = (0..23).map(|k: u128| 1000 + k * k * 7919 % 5003).collect();
        let half = numbers.iter().sum::<u128>() / 2;
        let run = Run::default();
        let sum = |inside: Vec<bool>| numbers.iter().zip(inside).filter(|(_, inside)| *inside).map(|(number, _)| number).sum::<u128>();
        let by_table = sum(by_table(&numbers, half, &mut WorkMeter::new(&run)).unwrap());
        assert_eq!(by_table, sum(by_lists(&numbers, half, &mut WorkMeter::new(&run)).unwrap()));
        assert!(by_table <= half);
    }

    #[test]
    fn numbers_too_many_and_too_long_to_halve_leave_a_bound() {
        let values: Vec<i64> = (0..60).map(|k: i64| (1 << 60) + k * k * 1_234_567_891).collect();
        let found = solve(&values, 2);
        let (positive, product) = score_wide(&values, &found.part);
        assert_eq!(positive, 2);
        assert!(product <= found.bound && (found.proven || product < found.bound));
    }

    fn score_wide(values: &[i64], part: &[usize]) -> (usize, BigUint) {
        let sum = |own: usize| {
            values.iter().zip(part).filter(|(_, part)| **part == own).map(|(value, _)| u128::from(value.unsigned_abs())).sum::<u128>()
        };
        (2, BigUint::from(sum(0)) * sum(1))
    }
}
