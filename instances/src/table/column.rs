//! What the cells of a column are, its first line left aside.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::cell::is_missing;
use super::number_style::{Evidence, is_percentage};

/// What the cells of a column are, its first line left aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub numbers: usize,
    pub missing: usize,
    pub words: usize,
    /// Numbers with a sign for decimals or an exponent.
    pub fractions: usize,
    /// Numbers with a percent sign, and the line of the first number without one.
    pub percentages: usize,
    pub first_plain_line: usize,
    /// Smallest and largest whole number.
    pub range: Option<(i64, i64)>,
    /// Whether the whole numbers, all of the column, count on by one from 0 or 1.
    pub counts: bool,
    /// Whether no two cells are the same; not known beyond the first columns of a table.
    pub distinct: bool,
    pub evidence: Evidence,
    last: Option<i64>,
    seen: HashSet<u64>,
}

impl Column {
    pub(super) fn new() -> Self {
        Self { counts: true, distinct: true, ..Self::default() }
    }

    /// Takes in the cell of one row; whether two cells are the same is only looked at where `compares`.
    pub(super) fn take(&mut self, line: usize, cell: &str, compares: bool) {
        let whole = cell.parse::<i64>().ok();
        if compares && self.distinct {
            // Hashes are kept, not cells; that two cells have the same one is as good as impossible.
            let mut hasher = DefaultHasher::new();
            cell.hash(&mut hasher);
            self.distinct = self.seen.insert(hasher.finish());
        }
        let next = self.last.map_or_else(|| whole.is_some_and(|whole| whole == 0 || whole == 1), |last| whole == last.checked_add(1));
        self.counts &= next;
        if whole.is_some() {
            self.last = whole;
        }
        if is_missing(cell) {
            self.missing += 1;
            return;
        }
        if !self.evidence.take(line, cell) {
            self.words += 1;
            return;
        }
        self.numbers += 1;
        match whole {
            Some(whole) => self.range = Some(self.range.map_or((whole, whole), |(low, high)| (low.min(whole), high.max(whole)))),
            None => self.fractions += 1,
        }
        if is_percentage(cell) {
            self.percentages += 1;
        } else if self.first_plain_line == 0 {
            self.first_plain_line = line;
        }
    }

    /// Whether it holds numbers and no words.
    pub(super) fn is_numeric(&self) -> bool {
        self.numbers > 0 && self.words == 0
    }

    /// Whether it holds whole numbers alone.
    pub(super) fn is_whole(&self) -> bool {
        self.is_numeric() && self.fractions == 0 && self.missing == 0
    }

    /// Whether it holds words alone.
    pub(super) fn is_words(&self) -> bool {
        self.words > 0 && self.numbers == 0 && self.missing == 0
    }

    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.numbers == 0 && self.words == 0
    }
}
