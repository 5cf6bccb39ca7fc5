//! Programs in which rows may be missed at a price: least squares and the augmented Lagrangian.

use crate::barrier::{BARRIER_SHARE, Barrier, CondensedSystem, End, Iterate, Private, Program, Watch, run};
use crate::reduced::Reduced;
use crate::settings::Settings;

/// The penalty parameter at the start, by what it grows, and its largest value.
const FIRST_PENALTY: f64 = 10.0;
const GROWTH: f64 = 10.0;
const LARGEST_PENALTY: f64 = 1e12;
/// Violations have to fall by this from one subproblem to the next, or the penalty grows.
const DECREASE: f64 = 0.25;
/// Subproblems of the augmented Lagrangian, at most.
const MAX_SUBPROBLEMS: i32 = 60;
/// Multipliers are kept within these (safeguards of E. G. Birgin and J. M. Martinez, "Practical Augmented Lagrangian Methods", 2014).
const LARGEST_MULTIPLIER: f64 = 1e12;
/// A violation below this, scaled, counts as none.
const FEASIBLE: f64 = 1e-6;

/// `program` with a free variable in each row for which `chosen` says so, at `curvature / 2` times its square.
fn relaxed(mut program: Program, v: &mut Vec<f64>, g: &[f64], curvature: f64, chosen: impl Fn(usize) -> bool) -> Program {
    for row in (0..program.rows()).filter(|&row| chosen(row)) {
        program.push(Private { row, sign: -1.0, cost: 0.0, curvature, lower: f64::NEG_INFINITY, upper: f64::INFINITY });
        v.push(g[row]);
    }
    program
}

/// Minimises half the sum of the squares of the equations' violations, with the other rows and the bounds as they are.
pub(crate) fn least_squares(
    at: (Program, Vec<f64>),
    settings: Settings,
    nlp: &mut Reduced<'_>,
    system: &mut CondensedSystem,
    watch: &mut Watch<'_>,
) -> Result<(End, Barrier), End> {
    let (mut program, mut v) = at;
    program.factor = 0.0;
    let mut g = vec![0.0; program.rows()];
    program.values(nlp, &v, &mut g).map_err(End::Evaluation)?;
    let slacks: Vec<usize> = program.privates.iter().map(|slack| slack.row).collect();
    let mut equation = vec![true; program.rows()];
    for row in slacks {
        equation[row] = false;
    }
    let program = relaxed(program, &mut v, &g, 1.0, |row| equation[row]);
    let l = g.iter().zip(&equation).map(|(g, equation)| if *equation { *g } else { 0.0 }).collect();
    let at = Iterate::new(&program, nlp, v, l, |_| 1.0).map_err(End::Evaluation)?;
    let mut barrier = Barrier::new(program, at, settings.barrier, BARRIER_SHARE * settings.tolerance);
    let end = run(&mut barrier, nlp, system, settings.tolerance, watch, &mut |_, _| true);
    Ok((end, barrier))
}

/// The augmented Lagrangian method with bounds and slacks kept by a barrier. With a free variable `r` in each row,
///
/// ```text
/// minimise f(x) + l' r + penalty / 2 ||r||^2   subject to   c(x) - r = sides,
/// ```
///
/// is its subproblem, whose Newton systems stay regular where rows are dependent; the rows' multipliers at its solution are the next `l`.
pub(crate) fn augmented_lagrangian(
    at: (Program, Vec<f64>),
    settings: Settings,
    nlp: &mut Reduced<'_>,
    system: &mut CondensedSystem,
    watch: &mut Watch<'_>,
    confirm: &mut dyn FnMut(&Barrier, &mut Reduced<'_>) -> bool,
) -> Result<(End, Barrier), End> {
    let (program, mut v) = at;
    let mut g = vec![0.0; program.rows()];
    program.values(nlp, &v, &mut g).map_err(End::Evaluation)?;
    let program = relaxed(program, &mut v, &g, FIRST_PENALTY, |_| true);
    let first = program.privates.len() - program.rows();
    let l = g.iter().map(|g| (FIRST_PENALTY * g).clamp(-LARGEST_MULTIPLIER, LARGEST_MULTIPLIER)).collect();
    let at = Iterate::new(&program, nlp, v, l, |_| 1.0).map_err(End::Evaluation)?;
    let mut barrier = Barrier::new(program, at, settings.barrier, settings.barrier);
    let (mut penalty, mut before) = (FIRST_PENALTY, f64::INFINITY);
    for pass in 0..MAX_SUBPROBLEMS {
        let least = BARRIER_SHARE * settings.tolerance;
        barrier.least_mu = (settings.barrier * 0.1_f64.powi(pass)).max(least);
        barrier.mu = barrier.mu.max(barrier.least_mu);
        let asked = (10.0 * barrier.least_mu).max(settings.tolerance);
        let end = run(&mut barrier, nlp, system, asked, watch, &mut |_, _| true);
        if matches!(end, End::Stopped(_) | End::Iterations | End::Diverging | End::Factor(_)) {
            return Ok((end, barrier));
        }
        let violations = &barrier.at.v[barrier.program.n + first..];
        let violation = violations.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
        if violation <= FEASIBLE && barrier.least_mu <= least && confirm(&barrier, nlp) {
            return Ok((End::Converged, barrier));
        }
        if violation > (DECREASE * before).max(settings.tolerance) {
            if penalty >= LARGEST_PENALTY {
                let stationary = matches!(end, End::Converged) && violation > FEASIBLE;
                return Ok((if stationary { End::LocallyInfeasible } else { End::Blocked }, barrier));
            }
            penalty *= GROWTH;
        }
        before = violation;
        let costs: Vec<f64> = barrier.at.l.iter().map(|l| l.clamp(-LARGEST_MULTIPLIER, LARGEST_MULTIPLIER)).collect();
        barrier.program.price(first, &costs, penalty);
        barrier.filter.clear();
        if let Err(error) = barrier.at.evaluate(&barrier.program, nlp) {
            return Ok((End::Evaluation(error), barrier));
        }
    }
    Ok((End::Blocked, barrier))
}
