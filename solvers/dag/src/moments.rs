//! The second moments of the data: all that a Gaussian score needs.

use fathom_opt_problems::dag_learning::{DagLearning, Sample};
use rayon::prelude::*;

use crate::clock::Clock;
use crate::conditioning::{Conditioning, condition};
use crate::doubt::Doubt;
use crate::gram::Gram;
use crate::number::{Number, Twofold};
use crate::precise::precise;
use crate::products::dot;

/// `X'X / n` of the centred data.
///
/// Every variable is kept in a unit of its own, a power of two near its deviation: squares of covariances then stay within the range of numbers, whatever
/// the data's units, and no digit changes.
#[derive(Debug, Clone)]
pub struct Moments {
    d: usize,
    n: usize,
    units: Vec<f64>,
    /// `d x d`, row by row, in the variables' units.
    matrix: Vec<f64>,
    /// The same with a ridge on the diagonal where the data do not determine every regression, so that factorisations exist.
    regular: Vec<f64>,
    /// The diagonal of `regular`, side by side.
    variances: Vec<f64>,
    ridge: f64,
    conditioning: Conditioning,
    /// The same covariances with twice the digits, and their diagonal, where plain numbers lose too many and there is time for it.
    precise: Option<(Vec<Twofold>, Vec<Twofold>)>,
    /// What the numbers with twice the digits leave in doubt; it speaks of the problem's own variables.
    doubt: Option<Doubt>,
}

/// The ridge, relative to each variable's variance: far above rounding, far below anything a score would notice.
const RIDGE: f64 = 1e-9;

/// What of a parent's variance is rounding, in plain numbers and in numbers with twice the digits.
const DEPENDENT: (f64, f64) = (1e-10, 1e-14);

impl Moments {
    /// The moments of the problem's sample.
    pub fn of(problem: &DagLearning) -> Self {
        let (d, n) = (problem.variables(), problem.sample().observations());
        let always = || true;
        // Nobody says stop.
        Self::unless_stopped(problem, &always).unwrap_or_else(|| Self::from_covariance(vec![0.0; d * d], d, n))
    }

    /// The moments of the problem's sample; `None` where the clock says stop first.
    pub(crate) fn within(problem: &DagLearning, clock: &Clock<'_>) -> Option<Self> {
        Self::unless_stopped(problem, &|| clock.may_go_on())
    }

    fn unless_stopped(problem: &DagLearning, may_go_on: &(dyn Fn() -> bool + Sync)) -> Option<Self> {
        let (d, n) = (problem.variables(), problem.sample().observations());
        let (units, matrix) = match problem.sample() {
            Sample::Covariance { matrix, .. } => in_units(matrix.clone(), d),
            Sample::Table { columns } => {
                let mut columns: Vec<Vec<f64>> = columns.iter().map(|column| centred(column)).collect();
                let units = common_unit(columns.iter().map(|column| deviation(column)).collect());
                for (column, unit) in columns.iter_mut().zip(&units) {
                    for value in column {
                        *value /= unit;
                    }
                }
                let matrix = products(&columns, n, may_go_on)?;
                (units, matrix)
            }
        };
        let mut moments = Self::new(units, matrix, n);
        if !moments.conditioning.is_regular() {
            moments.precise = precise(problem.sample(), &moments.units, may_go_on)
                .map(|entries| (entries.clone(), (0..d).map(|j| entries[j * d + j]).collect()));
            moments.doubt = moments.precise().map_or(Some(Doubt::Unseen), |gram| Doubt::about(gram, problem.sample()));
        }
        may_go_on().then_some(moments)
    }

    /// The moments given as a `d x d` covariance of `n` observations, row by row.
    pub fn from_covariance(covariance: Vec<f64>, d: usize, n: usize) -> Self {
        let (units, matrix) = in_units(covariance, d);
        Self::new(units, matrix, n)
    }

    fn new(units: Vec<f64>, matrix: Vec<f64>, n: usize) -> Self {
        let d = units.len();
        let conditioning = condition(&matrix, d, n);
        let mut regular = matrix.clone();
        let ridge = if conditioning.is_singular() { RIDGE } else { 0.0 };
        if conditioning.is_singular() {
            let largest = (0..d).map(|j| matrix[j * d + j]).fold(0.0, f64::max);
            for j in 0..d {
                let own = matrix[j * d + j];
                // A column that does not vary gets a variance that nobody can gain from.
                regular[j * d + j] += if own > 0.0 { RIDGE * own } else { RIDGE * largest };
            }
        }
        let variances = (0..d).map(|j| regular[j * d + j]).collect();
        Self { d, n, units, matrix, regular, variances, ridge, conditioning, precise: None, doubt: None }
    }

    /// The same moments with the variable `numbers[k]` as variable `k`.
    pub(crate) fn renumbered(&self, numbers: &[usize]) -> Self {
        let d = self.d;
        let pick = |from: &[f64]| numbers.iter().flat_map(|&i| numbers.iter().map(move |&j| from[i * d + j])).collect();
        Self {
            d,
            n: self.n,
            units: numbers.iter().map(|&j| self.units[j]).collect(),
            matrix: pick(&self.matrix),
            regular: pick(&self.regular),
            variances: numbers.iter().map(|&j| self.variances[j]).collect(),
            ridge: self.ridge,
            conditioning: self.conditioning,
            doubt: self.doubt,
            precise: self.precise.as_ref().map(|(entries, variances)| {
                (
                    numbers.iter().flat_map(|&i| numbers.iter().map(move |&j| entries[i * d + j])).collect(),
                    numbers.iter().map(|&j| variances[j]).collect(),
                )
            }),
        }
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.d
    }

    /// Number of observations.
    pub fn observations(&self) -> usize {
        self.n
    }

    /// The covariance of `i` and `j`, as the data give it.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.at(i, j) * self.units[i] * self.units[j]
    }

    /// The covariance of `i` and `j` in their units.
    pub(crate) fn at(&self, i: usize, j: usize) -> f64 {
        self.matrix[i * self.d + j]
    }

    /// The unit of variable `j`, a power of two.
    pub(crate) fn unit(&self, j: usize) -> f64 {
        self.units[j]
    }

    /// What a variance of `j` in its unit has to be multiplied by.
    pub(crate) fn square(&self, j: usize) -> f64 {
        self.units[j] * self.units[j]
    }

    /// Row `i` of the covariance that factorisations use, in the variables' units.
    pub(crate) fn regular_row(&self, i: usize) -> &[f64] {
        &self.regular[i * self.d..(i + 1) * self.d]
    }

    /// Entry of the covariance that factorisations use, in the variables' units.
    pub(crate) fn regular(&self, i: usize, j: usize) -> f64 {
        self.regular[i * self.d + j]
    }

    /// The covariances to regress with, in plain numbers.
    pub(crate) fn plain(&self) -> Gram<'_, f64> {
        Gram::new(&self.regular, &self.variances, DEPENDENT.0)
    }

    /// The covariances to regress with where plain numbers lose too many digits.
    pub(crate) fn precise(&self) -> Option<Gram<'_, Twofold>> {
        self.precise.as_ref().map(|(entries, variances)| Gram::new(entries, variances, DEPENDENT.1))
    }

    /// The ridge that had to be added, relative to each variance; 0 when every regression is determined.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// Whether residual variances keep their digits: in plain numbers, or with twice the digits.
    pub(crate) fn is_reliable(&self) -> bool {
        self.conditioning.is_regular() || self.precise.is_some()
    }

    /// Whether every regression, on any parents, comes out accurately enough for a claim about the best of all.
    pub(crate) fn is_certain(&self) -> bool {
        self.conditioning.is_regular() || self.precise.is_some() && self.doubt.is_none()
    }

    /// Why nothing is claimed, of a problem whose variables have these names.
    pub(crate) fn doubtful(&self, names: &[String]) -> String {
        match self.doubt {
            Some(Doubt::Column(column)) => format!(
                "the column `{}` is a combination of others but for less than 1e-13 of its variance: with weights large enough, what is left may explain any \
                 other column, so nothing is claimed about the best graph",
                names[column]
            ),
            Some(Doubt::Unseen) | None => "the data do not determine every regression accurately enough for a proof".into(),
        }
    }

    /// The covariance of each parent with what these weights leave of `node`, in the data's units, and how far rounding may have moved it.
    pub(crate) fn pulls(&self, node: usize, parents: &[usize], weights: &[f64]) -> Vec<(f64, f64)> {
        let terms: Vec<(usize, f64)> = parents
            .iter()
            .zip(weights)
            .filter(|(_, weight)| **weight != 0.0)
            .map(|(&j, &weight)| (j, weight * (self.units[j] / self.units[node])))
            .collect();
        let steps = (terms.len() + 4) as f64 * f64::EPSILON;
        let pull = |&i: &usize| {
            let unit = self.units[i] * self.units[node];
            let size = self.at(i, node).abs() + terms.iter().map(|&(j, weight)| (weight * self.at(i, j)).abs()).sum::<f64>();
            let (value, rounding) = match self.precise() {
                Some(gram) => {
                    let value = terms.iter().fold(gram.at(i, node), |sum, &(j, weight)| sum - gram.at(i, j) * Twofold::new(weight)).value();
                    (value, 1e-12 * steps * size + f64::EPSILON * value.abs())
                }
                None => (self.at(i, node) - terms.iter().map(|&(j, weight)| weight * self.at(i, j)).sum::<f64>(), steps * size),
            };
            (value * unit, rounding * unit)
        };
        parents.iter().map(pull).collect()
    }

    /// Whether plain numbers keep the digits that a claim needs.
    pub(crate) fn is_regular(&self) -> bool {
        self.conditioning.is_regular()
    }

    /// The mean squared residual of `node` with these parents and weights, from the unchanged covariance, in the data's units.
    pub fn residual_variance(&self, node: usize, parents: &[(usize, f64)]) -> f64 {
        if let Some(gram) = self.precise() {
            let terms: Vec<(usize, f64)> = parents.iter().map(|&(i, weight)| (i, -weight * (self.units[i] / self.units[node]))).collect();
            let terms = || terms.iter().copied().chain([(node, 1.0)]);
            let product = |(i, a): (usize, f64)| terms().map(move |(j, b)| Twofold::product_of(a, b) * gram.at(i, j)).sum::<Twofold>();
            return terms().map(product).sum::<Twofold>().value().max(0.0) * self.square(node);
        }
        let mut value = self.covariance(node, node);
        for (k, &(i, weight)) in parents.iter().enumerate() {
            value += weight * (weight * self.covariance(i, i) - 2.0 * self.covariance(i, node));
            let cross: f64 = parents[..k].iter().map(|&(j, other)| other * self.covariance(i, j)).sum();
            value += 2.0 * weight * cross;
        }
        value.max(0.0)
    }
}

/// The power of two next below `value`, which is above 0.
fn power_below(value: f64) -> f64 {
    value.log2().floor().exp2()
}

/// A unit for every deviation; a variable that does not vary gets the largest of the others'.
fn common_unit(deviations: Vec<f64>) -> Vec<f64> {
    let largest = deviations.iter().copied().fold(0.0, f64::max);
    let unit = |deviation: f64| if deviation > 0.0 { power_below(deviation) } else { 1.0 };
    deviations.into_iter().map(|deviation| unit(if deviation > 0.0 { deviation } else { largest })).collect()
}

/// A covariance in units of its own.
fn in_units(mut covariance: Vec<f64>, d: usize) -> (Vec<f64>, Vec<f64>) {
    let units = common_unit((0..d).map(|j| covariance[j * d + j].max(0.0).sqrt()).collect());
    for (k, entry) in covariance.iter_mut().enumerate() {
        *entry = *entry / units[k / d] / units[k % d];
    }
    (units, covariance)
}

/// The column less its mean.
pub(crate) fn centred(column: &[f64]) -> Vec<f64> {
    let Some(&first) = column.first() else { return Vec::new() };
    let mean = first + column.iter().map(|value| value - first).sum::<f64>() / column.len() as f64;
    let mut left: Vec<f64> = column.iter().map(|value| value - mean).collect();
    // Beside a large common offset the mean itself is rounded; what is left of it shows.
    let rest = left.iter().sum::<f64>() / column.len() as f64;
    if rest.abs() > 1e-13 * deviation(&left) {
        for value in &mut left {
            *value -= rest;
        }
    }
    // One and the same number has no deviation, whatever rounding says.
    if column.iter().all(|&value| value == first) {
        left.fill(0.0);
    }
    left
}

/// The root mean square, without squares beyond the range of numbers.
fn deviation(centred: &[f64]) -> f64 {
    let largest = centred.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let unit = power_below(largest);
    unit * (centred.iter().map(|value| (value / unit).powi(2)).sum::<f64>() / centred.len() as f64).sqrt()
}

/// Observations per block: two blocks of columns stay in the cache.
const BLOCK: usize = 512;

/// `X'X / n`. Each entry is summed block by block in the order of the observations, whatever the number of threads; `None` where there is no time for it.
fn products(columns: &[Vec<f64>], n: usize, may_go_on: &(dyn Fn() -> bool + Sync)) -> Option<Vec<f64>> {
    let d = columns.len();
    let mut lower: Vec<Vec<f64>> = (0..d).map(|i| vec![0.0; i + 1]).collect();
    lower.par_iter_mut().enumerate().for_each(|(i, row)| {
        for start in (0..n).step_by(BLOCK) {
            if start.is_multiple_of(16 * BLOCK) && !may_go_on() {
                return;
            }
            let end = (start + BLOCK).min(n);
            let own = &columns[i][start..end];
            for (entry, other) in row.iter_mut().zip(columns) {
                *entry += dot(own, &other[start..end]);
            }
        }
    });
    if !may_go_on() {
        return None;
    }
    let mut matrix = vec![0.0; d * d];
    for (i, row) in lower.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            matrix[i * d + j] = value / n as f64;
            matrix[j * d + i] = value / n as f64;
        }
    }
    Some(matrix)
}
