//! What to know about the data before trusting a graph.

use super::dependence::{self, Dependence};
use super::instance::DagLearning;
use super::moments::Moments;
use super::score::ScoreKind;

/// A residual variance below this share of the variance is a perfect fit, up to rounding.
pub(super) const PERFECT: f64 = 1e-12;

/// Variances that differ by less than this share are those of standardised columns.
const STANDARDISED: f64 = 0.01;

/// Columns that depend on others are looked for where that takes at most so many multiply-adds (`n d^2`).
const COMPARED: usize = 50_000_000;

/// Shares of a variance below this one are rounding.
const COPY: f64 = 1e-13;

pub(super) fn warnings(problem: &DagLearning) -> Vec<String> {
    let mut warnings = Vec::new();
    let variances = problem.sample().variances();
    let (n, d) = (problem.sample().observations(), problem.variables());
    let constant: Vec<usize> = (0..d).filter(|&j| variances[j] == 0.0).collect();
    if !constant.is_empty() {
        warnings.push(format!("{} constant: nothing can be learned about {}", columns(problem, &constant), pronoun(&constant)));
    }
    let moments = if n.saturating_mul(d).saturating_mul(d) <= COMPARED { Moments::of(problem) } else { None };
    if let Some(moments) = &moments {
        let mut found = dependence::dependences(moments);
        // With so few observations every further column is a combination of the others; copies are worth a word still.
        found.retain(|dependence| n > d || dependence.on.len() == 1);
        warnings.extend(found.iter().take(SHOWN).map(|dependence| describe(problem, dependence)));
        if found.len() > SHOWN {
            warnings.push(format!("{} more columns depend on others in the same way", found.len() - SHOWN));
        }
    }
    let kind = problem.score().kind();
    let compares_scales = matches!(kind, ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::L1);
    let (smallest, largest) = variances
        .iter()
        .filter(|&&variance| variance > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &variance| (low.min(variance), high.max(variance)));
    if compares_scales && d > 1 && largest > 0.0 && largest <= smallest * (1.0 + STANDARDISED) {
        warnings.push(format!(
            "the columns look standardised (all variances equal), but the score `{}` finds directions by comparing variances (varsortability): \
             its best graph is not to be trusted here; use the score `nv-bic`, which does not depend on the scale, or the data in their own units",
            kind.name()
        ));
    }
    if compares_scales && let Some(mixed) = moments.as_ref().and_then(|moments| mixed_units(problem, moments, &variances)) {
        warnings.push(mixed);
    }
    if n <= d && kind != ScoreKind::Logistic {
        warnings.push(format!(
            "{n} observations of {d} variables: least squares fit perfectly with enough parents, so orders differ by little but noise"
        ));
    }
    warnings
}

/// What there is to say about the first column that depends on others nearly.
pub(super) fn dependent(problem: &DagLearning, moments: &Moments) -> Option<String> {
    dependence::dependences(moments).first().map(|dependence| describe(problem, dependence))
}

/// So many dependent columns are named.
const SHOWN: usize = 3;

fn describe(problem: &DagLearning, dependence: &Dependence) -> String {
    let name = |k: usize| format!("`{}`", problem.names()[k]);
    let on: Vec<String> = dependence.on.iter().take(4).map(|&k| name(k)).collect();
    let on = format!("{}{}", on.join(", "), more(dependence.on.len(), 4));
    let own = name(dependence.column);
    match (dependence.on.len(), dependence.share < COPY) {
        (1, true) => format!("the columns {on} and {own} hold the same information: directions between them are arbitrary"),
        (_, true) => format!("the column {own} is a linear combination of {on}: directions between them are arbitrary"),
        (1, false) => format!(
            "the column {own} is {on} in another unit but for {:.0e} of its variance: a score sees their difference as a variable of its own",
            dependence.share
        ),
        (_, false) => format!(
            "the column {own} is a linear combination of {on} but for {:.0e} of its variance: a score sees the difference as a variable of its own",
            dependence.share
        ),
    }
}

/// Columns that no equal error variance can explain: an error has at most the variance that a column has in all, and at least what all others together
/// leave of one (in the population `1 / (Sigma^-1)_jj <= sigma^2 <= Sigma_kk` for all `j` and `k`).
fn mixed_units(problem: &DagLearning, moments: &Moments, variances: &[f64]) -> Option<String> {
    if problem.sample().observations() <= problem.variables() {
        return None;
    }
    let shares = moments.unexplained()?;
    let varying = |&k: &usize| variances[k] > 0.0;
    let least = (0..variances.len()).filter(varying).min_by(|&a, &b| variances[a].total_cmp(&variances[b]))?;
    let left = |k: usize| shares[k] * variances[k];
    let most = (0..variances.len()).max_by(|&a, &b| left(a).total_cmp(&left(b)))?;
    (left(most) > MIXED * variances[least]).then(|| {
        let (large, small) = (&problem.names()[most], &problem.names()[least]);
        format!(
            "the columns look like they are in different units: all others together leave a variance of {:.2e} in `{large}`, while `{small}` varies by \
             {:.2e} in all, but the score `{}` takes all errors to have the same variance; use the score `nv-bic`, which does not depend on units",
            left(most),
            variances[least],
            problem.score().kind().name()
        )
    })
}

/// Sampling makes variances that are equal differ by less than this factor.
const MIXED: f64 = 4.0;

fn columns(problem: &DagLearning, which: &[usize]) -> String {
    let names: Vec<String> = which.iter().take(5).map(|&j| format!("`{}`", problem.names()[j])).collect();
    let noun = if which.len() == 1 { "the column" } else { "the columns" };
    let verb = if which.len() == 1 { "is" } else { "are" };
    format!("{noun} {}{} {verb}", names.join(", "), more(which.len(), 5))
}

fn pronoun(which: &[usize]) -> &'static str {
    if which.len() == 1 { "it" } else { "them" }
}

fn more(count: usize, shown: usize) -> String {
    if count > shown { format!(" and {} more", count - shown) } else { String::new() }
}
