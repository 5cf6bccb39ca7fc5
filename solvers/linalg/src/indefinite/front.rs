//! A dense front: the rows that a few columns of the matrix share, and their elimination by pivots of order one and two.

use super::dense;

/// Columns of a panel: pivots are applied to the rest of the front in blocks of this many.
pub(super) const PANEL: usize = 32;

/// An entry of a column is nothing but rounding below this part of what was added up to make it (2^-43; sums of some thousand terms round to less).
const ROUNDING: f64 = 1.2e-13;

/// The rows and columns that one step of the elimination works on.
///
/// The first `summed` rows are *fully summed*: nothing will be added to them any more, so their columns can be eliminated. The columns of these are stored
/// whole (`size` entries each, both triangles among themselves); of the rest, the lower triangle.
pub(super) struct Front {
    /// The place in the order of elimination that each row stands for.
    pub index: Vec<u32>,
    /// Fully summed rows.
    pub summed: usize,
    /// Fully summed columns, each of `size()` entries.
    pub columns: Vec<f64>,
    /// The other rows and columns, column-major, `size() - summed` in both directions.
    pub rest: Vec<f64>,
    /// For each row, the magnitudes that were added up in its diagonal entry: the scale of the rounding errors in its row and column.
    pub magnitude: Vec<f64>,
    /// `L D` of the present panel, by columns of `size()` entries.
    panel: Vec<f64>,
    /// For each column how many pivots have been applied to it.
    applied: Vec<usize>,
    /// Diagonal of `D`, one per eliminated pivot.
    pub diagonal: Vec<f64>,
    /// Subdiagonal of `D`: entry `p` couples pivots `p` and `p + 1`, and is zero for pivots of order one.
    pub coupling: Vec<f64>,
}

/// What a look at a column says.
enum Choice {
    /// Eliminate it alone.
    Single,
    /// Eliminate the fully summed row instead.
    Other(usize),
    /// Eliminate it together with this fully summed row.
    Pair(usize),
    /// Nothing is left of it but rounding: an eigenvalue zero.
    Null,
    /// Not now.
    Reject,
}

impl Front {
    /// A front of zeros on the rows `index`, the first `summed` of them fully summed. The buffers are taken over to be used again.
    pub fn new(index: Vec<u32>, summed: usize, mut columns: Vec<f64>, mut rest: Vec<f64>) -> Self {
        let size = index.len();
        let border = size - summed;
        columns.clear();
        columns.resize(size * summed, 0.0);
        rest.clear();
        rest.resize(border * border, 0.0);
        Self {
            index,
            summed,
            columns,
            rest,
            magnitude: vec![0.0; size],
            panel: vec![0.0; size * PANEL.min(summed + 1)],
            applied: vec![0; summed],
            diagonal: Vec::with_capacity(summed),
            coupling: Vec::with_capacity(summed),
        }
    }

    /// Rows.
    pub fn size(&self) -> usize {
        self.index.len()
    }

    /// Pivots eliminated.
    pub fn pivots(&self) -> usize {
        self.diagonal.len()
    }

    /// Adds `value` to the entry in rows `i` and `j` of the front.
    #[inline]
    pub fn add(&mut self, i: usize, j: usize, value: f64) {
        let (size, summed) = (self.size(), self.summed);
        let (low, high) = (i.min(j), i.max(j));
        if low >= summed {
            self.rest[(low - summed) * (size - summed) + high - summed] += value;
            return;
        }
        self.columns[low * size + high] += value;
        if high < summed && low != high {
            self.columns[high * size + low] += value;
        }
    }

    /// Eliminates the fully summed columns as far as stable pivots are found: each has, in its column, at least `threshold` times the largest entry, and
    /// each pivot of order two satisfies the same bound on the growth (Duff and Reid, "The multifrontal solution of indefinite sparse symmetric linear
    /// equations", 1983). Columns without such a pivot stay behind [`Front::pivots`] and are for the parent.
    ///
    /// Ends: every look either eliminates a column or sets it aside, and what was set aside is looked at again only after an elimination.
    pub fn eliminate(&mut self, threshold: f64) {
        let mut panel = self.pivots();
        let mut untested = self.summed;
        let mut progress = false;
        loop {
            let k = self.pivots();
            if k == untested {
                if k == self.summed || !progress {
                    break;
                }
                untested = self.summed;
                progress = false;
            }
            // One place is kept for the second column of a pivot of order two.
            if k - panel + 1 >= PANEL {
                self.apply_panel(panel);
                panel = k;
            }
            match self.look_at(k, panel, threshold) {
                Choice::Single => self.eliminate_single(k, panel),
                Choice::Other(row) => {
                    self.swap(k, row, panel);
                    self.eliminate_single(k, panel);
                }
                Choice::Pair(row) => {
                    self.swap(k + 1, row, panel);
                    // The partner may have been set aside; the untested ones then begin one later.
                    untested = untested.max(k + 2);
                    self.eliminate_pair(k, panel);
                }
                Choice::Null => self.eliminate_null(k, panel),
                Choice::Reject => {
                    untested -= 1;
                    self.swap(k, untested, panel);
                    continue;
                }
            }
            progress = true;
            untested = untested.max(self.pivots());
        }
        self.apply_panel(panel);
    }

    /// Eliminates every fully summed column of a front without other rows. Columns that no stable pivot is left for are taken by any pivot that is more
    /// than rounding, and what then remains is rounding: pivots zero.
    pub fn finish(&mut self) {
        self.eliminate(0.0);
        for k in self.pivots()..self.summed {
            self.eliminate_null(k, k);
        }
    }

    /// Brings column `k` up to date and decides what to do with it.
    fn look_at(&mut self, k: usize, panel: usize, threshold: f64) -> Choice {
        let size = self.size();
        self.bring_up_to_date(k, panel);
        let column = &self.columns[k * size..(k + 1) * size];
        let pivot = column[k].abs();
        let (mut partner, mut among_summed) = (None, 0.0_f64);
        for (row, value) in column.iter().enumerate().take(self.summed).skip(k + 1) {
            if value.abs() > among_summed {
                (partner, among_summed) = (Some(row), value.abs());
            }
        }
        let largest = column[self.summed..].iter().fold(among_summed, |largest, value| largest.max(value.abs()));
        if self.is_rounding(k) {
            return Choice::Null;
        }
        if pivot >= threshold * largest && pivot > ROUNDING * self.magnitude[k] {
            return Choice::Single;
        }
        let Some(row) = partner else { return Choice::Reject };
        self.bring_up_to_date(row, panel);
        let (a, b, c) = (
            column_entry(&self.columns, size, k, k),
            column_entry(&self.columns, size, row, k),
            column_entry(&self.columns, size, row, row),
        );
        let other = &self.columns[row * size..(row + 1) * size];
        // Largest entries of the two columns outside the block of the pivot.
        let (mut first, mut second) = (0.0_f64, 0.0_f64);
        let own = &self.columns[k * size..(k + 1) * size];
        for i in (k + 1..size).filter(|&i| i != row) {
            first = first.max(own[i].abs());
            second = second.max(other[i].abs());
        }
        if c.abs() >= threshold * second.max(b.abs()) && c.abs() > ROUNDING * self.magnitude[row] {
            return Choice::Other(row);
        }
        let determinant = (a * c - b * b).abs();
        let scale = a.abs().max(b.abs()).max(c.abs());
        let regular = determinant > 1e-8 * scale * scale;
        let bounded = threshold * (c.abs() * first + b.abs() * second) <= determinant
            && threshold * (b.abs() * first + a.abs() * second) <= determinant;
        if regular && bounded { Choice::Pair(row) } else { Choice::Reject }
    }

    /// Whether nothing but rounding is left of column `k`.
    fn is_rounding(&self, k: usize) -> bool {
        let size = self.size();
        let column = &self.columns[k * size..(k + 1) * size];
        if column[k].abs() > ROUNDING * self.magnitude[k] {
            return false;
        }
        let scale = ROUNDING * self.magnitude[k].sqrt();
        (k + 1..size).all(|row| column[row].abs() <= scale * self.magnitude[row].sqrt())
    }

    /// Applies the pivots of the present panel to column `c`.
    fn bring_up_to_date(&mut self, c: usize, panel: usize) {
        let (size, k) = (self.size(), self.pivots());
        let from = self.applied[c].max(panel);
        if from < k {
            let (eliminated, open) = self.columns.split_at_mut(k * size);
            let column = &mut open[(c - k) * size..(c - k + 1) * size];
            for p in from..k {
                let factor = eliminated[p * size + c];
                if factor != 0.0 {
                    let update = &self.panel[(p - panel) * size..(p - panel + 1) * size];
                    dense::subtract_multiple(&mut column[k..], &update[k..], factor);
                }
            }
        }
        self.applied[c] = k;
    }

    /// Exchanges rows and columns `i` and `j`, both fully summed.
    fn swap(&mut self, i: usize, j: usize, panel: usize) {
        if i == j {
            return;
        }
        let (i, j) = (i.min(j), i.max(j));
        let size = self.size();
        let (head, tail) = self.columns.split_at_mut(j * size);
        head[i * size..(i + 1) * size].swap_with_slice(&mut tail[..size]);
        for column in self.columns.chunks_exact_mut(size) {
            column.swap(i, j);
        }
        let pivots = self.pivots();
        for column in self.panel.chunks_exact_mut(size).take(pivots - panel) {
            column.swap(i, j);
        }
        self.index.swap(i, j);
        self.magnitude.swap(i, j);
        self.applied.swap(i, j);
    }

    fn eliminate_single(&mut self, k: usize, panel: usize) {
        let size = self.size();
        let column = &mut self.columns[k * size..(k + 1) * size];
        let update = &mut self.panel[(k - panel) * size..(k - panel + 1) * size];
        let pivot = column[k];
        update[k + 1..].copy_from_slice(&column[k + 1..]);
        for row in k + 1..size {
            column[row] /= pivot;
            self.magnitude[row] += (update[row] * column[row]).abs();
        }
        column[k] = 1.0;
        self.diagonal.push(pivot);
        self.coupling.push(0.0);
    }

    fn eliminate_pair(&mut self, k: usize, panel: usize) {
        let size = self.size();
        let (first, second) = self.columns[k * size..(k + 2) * size].split_at_mut(size);
        let at = (k - panel) * size;
        let (update_first, update_second) = self.panel[at..at + 2 * size].split_at_mut(size);
        let (a, b, c) = (first[k], first[k + 1], second[k + 1]);
        let determinant = a * c - b * b;
        for row in k + 2..size {
            let (u, v) = (first[row], second[row]);
            (update_first[row], update_second[row]) = (u, v);
            first[row] = (c * u - b * v) / determinant;
            second[row] = (a * v - b * u) / determinant;
            let (left, right) = (first[row].abs(), second[row].abs());
            self.magnitude[row] += left * left * a.abs() + 2.0 * left * right * b.abs() + right * right * c.abs();
        }
        (first[k], first[k + 1], second[k + 1]) = (1.0, 0.0, 1.0);
        self.diagonal.extend([a, c]);
        self.coupling.extend([b, 0.0]);
    }

    /// A column of nothing but rounding: a pivot zero, whose row and column are left out.
    fn eliminate_null(&mut self, k: usize, panel: usize) {
        let size = self.size();
        self.columns[k * size + k..(k + 1) * size].fill(0.0);
        self.columns[k * size + k] = 1.0;
        self.panel[(k - panel) * size..(k - panel + 1) * size].fill(0.0);
        self.diagonal.push(0.0);
        self.coupling.push(0.0);
    }

    /// Applies the panel that begins at pivot `panel` to all fully summed columns that are left.
    fn apply_panel(&mut self, panel: usize) {
        let (size, k) = (self.size(), self.pivots());
        let mut c = k;
        while c < self.summed {
            let from = self.applied[c].max(panel);
            // Columns that nobody has looked at since the panel began stand together and are updated together.
            let together = (c..self.summed).take_while(|&c| self.applied[c].max(panel) == from).count();
            if from < k {
                let (eliminated, open) = self.columns.split_at_mut(k * size);
                dense::subtract_product(
                    &mut dense::Block { data: &mut open[(c - k) * size..(c - k + together) * size], stride: size, skip: k },
                    dense::Factor { data: &self.panel[(from - panel) * size..(k - panel) * size], stride: size, skip: k },
                    dense::Factor { data: &eliminated[from * size..], stride: size, skip: c },
                    dense::Shape { rows: size - k, columns: together, depth: k - from },
                );
            }
            self.applied[c..c + together].fill(k);
            c += together;
        }
    }

    /// Subtracts `L D L^T` of all pivots from the rows that are not fully summed.
    pub fn update_rest(&mut self) {
        let (size, k, summed) = (self.size(), self.pivots(), self.summed);
        let border = size - summed;
        if border == 0 || k == 0 {
            return;
        }
        let mut scaled = std::mem::take(&mut self.panel);
        scaled.clear();
        scaled.resize(border * k, 0.0);
        let mut p = 0;
        while p < k {
            let first = &self.columns[p * size + summed..(p + 1) * size];
            let b = self.coupling[p];
            if b == 0.0 {
                for (value, entry) in scaled[p * border..(p + 1) * border].iter_mut().zip(first) {
                    *value = entry * self.diagonal[p];
                }
                p += 1;
            } else {
                let second = &self.columns[(p + 1) * size + summed..(p + 2) * size];
                let (left, right) = scaled[p * border..(p + 2) * border].split_at_mut(border);
                for row in 0..border {
                    left[row] = self.diagonal[p] * first[row] + b * second[row];
                    right[row] = b * first[row] + self.diagonal[p + 1] * second[row];
                }
                p += 2;
            }
        }
        let factor = dense::Factor { data: &self.columns[..k * size], stride: size, skip: summed };
        dense::subtract_symmetric_product(&mut self.rest, border, factor, &scaled, k);
        self.panel = scaled;
    }

    /// Whether every number of the front is finite.
    pub fn is_finite(&self) -> bool {
        self.columns.iter().chain(&self.rest).all(|value| value.is_finite())
    }
}

#[inline]
fn column_entry(columns: &[f64], size: usize, row: usize, column: usize) -> f64 {
    columns[column * size + row]
}
