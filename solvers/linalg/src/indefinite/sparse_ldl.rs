//! The factor as its users meet it: analysed once, factored again and again, solved with refinement.

use super::error::LdlError;
use super::factor::{Elimination, Entries, Factor};
use super::inertia::Inertia;
use super::ordering::order;
use super::pattern::SymmetricPattern;
use super::scaling::equilibrate;
use super::tree::AssemblyTree;

/// How to factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LdlOptions {
    /// A pivot's least size beside the largest entry of its column, in (0, 1/2]. Larger is more accurate, smaller delays fewer pivots and fills less.
    pub pivot_threshold: f64,
    /// Numbers that the factor and the fronts in work may hold together.
    pub max_entries: usize,
}

impl Default for LdlOptions {
    /// Threshold 0.01 (the customary compromise of multifrontal codes), no limit on memory.
    fn default() -> Self {
        Self { pivot_threshold: 0.01, max_entries: usize::MAX }
    }
}

/// A sparse factorization `A = L D L^T` of a symmetric indefinite matrix, with pivots of order one and two chosen for stability, and the true inertia of `A`.
///
/// Multifrontal (Duff and Reid, "The multifrontal solution of indefinite sparse symmetric linear equations", 1983): columns whose pivots are too small are
/// delayed to the parent front, so that no pivot is ever perturbed. The matrix is equilibrated by powers of two.
///
/// ```
/// use fathom_opt_linalg::{LdlOptions, SparseLdl, SymmetricPattern};
///
/// // min x^2 + y^2 subject to x + y = 1: its KKT matrix has two positive eigenvalues and a negative one.
/// let (pattern, positions) = SymmetricPattern::from_entries(3, &[(0, 0), (1, 1), (2, 0), (2, 1)])?;
/// let mut values = vec![0.0; pattern.entries()];
/// for (position, value) in positions.into_iter().zip([2.0, 2.0, 1.0, 1.0]) {
///     values[position] += value;
/// }
/// let mut ldl = SparseLdl::analyse(pattern, &values, LdlOptions::default())?;
/// let inertia = ldl.factor(&values, &|| false)?;
/// assert_eq!((inertia.positive, inertia.negative, inertia.zero), (2, 1, 0));
/// let mut x = [0.0; 3];
/// ldl.solve_refined(&[0.0, 0.0, 1.0], &mut x);
/// assert!((x[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), fathom_opt_linalg::LdlError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SparseLdl {
    pattern: SymmetricPattern,
    options: LdlOptions,
    tree: AssemblyTree,
    entries: Entries,
    values: Vec<f64>,
    /// Of each variable.
    scales: Vec<f64>,
    factor: Factor,
    factored: bool,
}

/// How a refined solve ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refined {
    /// Corrections made.
    pub steps: usize,
    /// Normwise relative backward error of the returned solution, `max|b - A x| / (max row sum of |A| max|x| + max|b|)`, in double precision.
    pub backward_error: f64,
}

/// Corrections of a refined solve, at most; each has to halve the error, and two are customary.
const MAX_REFINEMENTS: usize = 10;

impl SparseLdl {
    /// Finds an order of elimination for matrices of this pattern. `values` are those of a typical matrix: where diagonals are weak, they decide which
    /// variables are eliminated in pairs.
    ///
    /// # Errors
    /// Another number of values than entries, values that are not finite, or too little memory.
    pub fn analyse(pattern: SymmetricPattern, values: &[f64], options: LdlOptions) -> Result<Self, LdlError> {
        check(&pattern, values)?;
        let scales = equilibrate(&pattern, values);
        let order = order(&pattern, &scaled(&pattern, values, &scales))?;
        let tree = AssemblyTree::new(&pattern, &order);
        let entries = Entries::new(&pattern, &tree.places)?;
        Ok(Self { pattern, options, tree, entries, values: Vec::new(), scales, factor: Factor::default(), factored: false })
    }

    /// Rows of the matrix.
    pub fn dimension(&self) -> usize {
        self.pattern.dimension()
    }

    /// The pattern that was analysed.
    pub fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }

    /// Numbers in the factor: of the last one, or as foreseen where none was made.
    pub fn factor_entries(&self) -> usize {
        if self.factored { self.factor.entries.len() } else { self.tree.factor_entries() }
    }

    /// Multiplications of a factorization, each with its addition, as foreseen (delayed pivots add to them).
    pub fn operations(&self) -> f64 {
        self.tree.operations()
    }

    /// Pivots that were delayed in the last factorization, each counted once per front that it left.
    pub fn delayed_pivots(&self) -> usize {
        self.factor.delayed
    }

    /// The inertia of the last matrix factored, if there is one.
    pub fn inertia(&self) -> Option<Inertia> {
        self.factored.then_some(self.factor.inertia)
    }

    /// Changes the pivot threshold of the factorizations to come.
    pub fn set_pivot_threshold(&mut self, threshold: f64) {
        self.options.pivot_threshold = threshold;
    }

    /// Factors the matrix with these values, asking `stop` at every front.
    ///
    /// # Errors
    /// Another number of values than entries, values that are not finite, an overflow, too little memory, or `stop` said so. There is no factor then.
    pub fn factor(&mut self, values: &[f64], stop: &dyn Fn() -> bool) -> Result<Inertia, LdlError> {
        self.factored = false;
        check(&self.pattern, values)?;
        self.values.clear();
        self.values.extend_from_slice(values);
        self.scales = equilibrate(&self.pattern, values);
        let scales: Vec<f64> = self.tree.variables.iter().map(|&variable| self.scales[variable as usize]).collect();
        let elimination = Elimination {
            tree: &self.tree,
            entries: &self.entries,
            values,
            scales: &scales,
            threshold: self.options.pivot_threshold.clamp(0.0, 0.5),
            max_entries: self.options.max_entries,
        };
        elimination.run(&mut self.factor, stop)?;
        self.factored = true;
        Ok(self.factor.inertia)
    }

    /// `x = A^-1 b` with the last factor, without refinement; components of null pivots are zero. Zero without a factor.
    pub fn solve(&self, b: &[f64], x: &mut [f64]) {
        if !self.factored {
            x.fill(0.0);
            return;
        }
        let mut ordered: Vec<f64> =
            self.tree.variables.iter().map(|&variable| b[variable as usize] * self.scales[variable as usize]).collect();
        self.factor.solve_in_place(&mut ordered);
        for (&variable, value) in self.tree.variables.iter().zip(ordered) {
            x[variable as usize] = value * self.scales[variable as usize];
        }
    }

    /// `x = A^-1 b` with the last factor, refined as long as each correction halves the backward error.
    ///
    /// Returns the error reached, which says whether the matrix was too ill-conditioned (or singular with an inconsistent `b`).
    pub fn solve_refined(&self, b: &[f64], x: &mut [f64]) -> Refined {
        let n = self.dimension();
        self.solve(b, x);
        let row_sum = self.largest_row_sum();
        let (mut residual, mut correction, mut trial) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut best = self.backward_error(row_sum, b, x, &mut residual);
        let mut steps = 0;
        while steps < MAX_REFINEMENTS && best > f64::EPSILON {
            self.solve(&residual, &mut correction);
            for ((trial, x), correction) in trial.iter_mut().zip(&*x).zip(&correction) {
                *trial = x + correction;
            }
            let error = self.backward_error(row_sum, b, &trial, &mut residual);
            steps += 1;
            let halved = error < 0.5 * best;
            // Also false for NaN: the solution returned is never worse than the first.
            if error < best {
                x.copy_from_slice(&trial);
                best = error;
            }
            if !halved {
                break;
            }
        }
        Refined { steps, backward_error: best }
    }

    fn largest_row_sum(&self) -> f64 {
        let mut sums = vec![0.0; self.dimension()];
        for j in 0..self.dimension() {
            for at in self.pattern.column(j) {
                let (i, magnitude) = (self.pattern.rows()[at] as usize, self.values.get(at).map_or(0.0, |value| value.abs()));
                sums[j] += magnitude;
                if i != j {
                    sums[i] += magnitude;
                }
            }
        }
        sums.into_iter().fold(0.0, f64::max)
    }

    /// The backward error of `x`; `residual` becomes `b - A x`.
    fn backward_error(&self, row_sum: f64, b: &[f64], x: &[f64], residual: &mut [f64]) -> f64 {
        if !self.factored {
            residual.copy_from_slice(b);
            return f64::INFINITY;
        }
        self.pattern.multiply(&self.values, x, residual);
        // A NaN counts as infinite: `max` alone would overlook it.
        let largest = |values: &[f64]| {
            values.iter().fold(0.0_f64, |largest, value| largest.max(if value.is_nan() { f64::INFINITY } else { value.abs() }))
        };
        for (residual, b) in residual.iter_mut().zip(b) {
            *residual = b - *residual;
        }
        let scale = row_sum * largest(x) + largest(b);
        let error = largest(residual);
        if error == 0.0 {
            0.0
        } else if error.is_finite() {
            error / scale
        } else {
            f64::INFINITY
        }
    }
}

/// Whether the values fit the pattern and are finite.
fn check(pattern: &SymmetricPattern, values: &[f64]) -> Result<(), LdlError> {
    if values.len() != pattern.entries() {
        return Err(LdlError::Values { found: values.len(), expected: pattern.entries() });
    }
    for column in 0..pattern.dimension() {
        for at in pattern.column(column) {
            if !values[at].is_finite() {
                return Err(LdlError::NotFinite { row: pattern.rows()[at] as usize, column });
            }
        }
    }
    Ok(())
}

/// The equilibrated values.
fn scaled(pattern: &SymmetricPattern, values: &[f64], scales: &[f64]) -> Vec<f64> {
    let mut scaled = Vec::with_capacity(values.len());
    for j in 0..pattern.dimension() {
        scaled.extend(pattern.column(j).map(|at| values[at] * scales[j] * scales[pattern.rows()[at] as usize]));
    }
    scaled
}
