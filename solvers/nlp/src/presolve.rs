//! What can be said of a program before it is solved: rows that bounds make redundant, and bounds or rows that contradict each other.

use fathom_opt_problems::nonlinear::Nonlinear;

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Presolve {
    /// Rows that hold wherever the bounds do.
    pub redundant: Vec<bool>,
    /// Why no point meets all requirements, where that was seen.
    pub contradiction: Option<String>,
}

/// Requirements that miss each other by less than this, relative to their size, are taken for met: the checker's tolerance, and a margin.
const TOLERANCE: f64 = 4e-6;
/// A row is redundant only if its sides are farther than this from what it can reach, relative to the magnitudes of its terms.
const ROUNDING: f64 = 1e-12;

/// Looks at bounds, sides and the ranges that affine rows have within the bounds.
pub(crate) fn presolve(problem: &Nonlinear) -> Presolve {
    let (variables, rows, compiled) = (problem.variables(), problem.constraints(), problem.compiled());
    let mut found = Presolve { redundant: vec![false; rows.len()], contradiction: None };
    // `low` lies above `high` although it should not. False where one of them is infinite the harmless way.
    let apart = |low: f64, high: f64| low.is_finite() && high.is_finite() && low - high > TOLERANCE * low.abs().max(high.abs()).max(1.0);
    for (j, variable) in variables.iter().enumerate() {
        if apart(variable.lower, variable.upper) {
            let why = format!("the bounds of {} contradict each other: [{}, {}]", problem.variable_name(j), variable.lower, variable.upper);
            found.contradiction.get_or_insert(why);
        }
    }
    for (i, row) in rows.iter().enumerate() {
        if apart(row.lower, row.upper) {
            let why = format!("the sides of {} contradict each other: [{}, {}]", problem.constraint_name(i), row.lower, row.upper);
            found.contradiction.get_or_insert(why);
        }
        if !compiled.is_affine(1 + i) {
            continue;
        }
        let constant = compiled.constant(1 + i);
        let (mut least, mut most) = (constant, constant);
        let (mut least_terms, mut most_terms) = (constant.abs(), constant.abs());
        for &(j, coefficient) in compiled.linear(1 + i).iter().filter(|(_, coefficient)| *coefficient != 0.0) {
            let variable = &variables[j as usize];
            let (a, b) = (coefficient * variable.lower, coefficient * variable.upper);
            least += a.min(b);
            most += a.max(b);
            least_terms += a.min(b).abs();
            most_terms += a.max(b).abs();
        }
        // What is infinite needs no margin, and stays what it is.
        let down = if least.is_finite() { least - ROUNDING * least_terms } else { least };
        let up = if most.is_finite() { most + ROUNDING * most_terms } else { most };
        if down >= row.lower && up <= row.upper {
            found.redundant[i] = true;
        } else if apart(down, row.upper) || apart(row.lower, up) {
            let why = format!(
                "within the bounds of its variables, {} lies in [{least}, {most}] and never in [{}, {}]",
                problem.constraint_name(i),
                row.lower,
                row.upper
            );
            found.contradiction.get_or_insert(why);
        }
    }
    found
}
