//! The source paper's i.i.d. experiment: SOR on shifted Laplacians, every arm's count for every instance.

use std::ops::ControlFlow;

use fathom_opt_core::Run;
use fathom_opt_learners::{Bandit, Draw};
use fathom_opt_linalg::{Ending, Goal, RelaxationFactor, Sor, SplitMatrix, norm};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, StandardNormal};

/// Points per side; 100 unknowns.
const SIDE: usize = 10;
/// Arms: factors 1, 1.05, ..., 1.95.
pub const ARMS: usize = 20;
/// The context range that the paper's learners are told.
pub const RANGE: (f64, f64) = (-0.15, 0.65);

/// The factor of an arm.
pub fn omega(arm: usize) -> f64 {
    1.0 + 0.05 * arm as f64
}

/// How shifts are distributed: `-0.15 + 0.6 Beta(a, b)`.
#[derive(Debug, Clone, Copy)]
pub struct Shifts {
    pub name: &'static str,
    pub a: f64,
    pub b: f64,
}

pub const LOW_VARIANCE: Shifts = Shifts { name: "low variance", a: 2.0, b: 6.0 };
pub const HIGH_VARIANCE: Shifts = Shifts { name: "high variance", a: 0.5, b: 1.5 };

/// One instance: its shift, the sweeps of each arm, and those of the factor that the closed form gives for its shift.
pub struct Instance {
    pub shift: f64,
    pub sweeps: Vec<f64>,
    pub informed: f64,
}

fn laplacian() -> SplitMatrix {
    let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::new(), Vec::new());
    for at in 0..SIDE * SIDE {
        let (row, col) = (at / SIDE, at % SIDE);
        let mut push = |column: usize, value: f64| {
            columns.push(u32::try_from(column).unwrap());
            values.push(value);
        };
        if row > 0 {
            push(at - SIDE, -1.0);
        }
        if col > 0 {
            push(at - 1, -1.0);
        }
        push(at, 4.0);
        if col + 1 < SIDE {
            push(at + 1, -1.0);
        }
        if row + 1 < SIDE {
            push(at + SIDE, -1.0);
        }
        starts.push(u32::try_from(columns.len()).unwrap());
    }
    SplitMatrix::from_rows(SIDE * SIDE, &starts, &columns, &values).unwrap()
}

/// `count` instances with the given seed, by two threads.
pub fn table(shifts: Shifts, count: usize, seed: u64) -> Vec<Instance> {
    let beta = Beta::new(shifts.a, shifts.b).unwrap();
    let mut rng = Run::new(seed).stream("shifted laplacians");
    let draws: Vec<(f64, Vec<f64>)> = (0..count)
        .map(|_| {
            let shift = -0.15 + 0.6 * beta.sample(&mut rng);
            loop {
                let b: Vec<f64> = (0..SIDE * SIDE).map(|_| StandardNormal.sample(&mut rng)).collect();
                if norm(&b) <= SIDE as f64 {
                    return (shift, b);
                }
            }
        })
        .collect();
    let (first, second) = draws.split_at(count / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| solve_all(second));
        let mut instances = solve_all(first);
        instances.extend(other.join().unwrap());
        instances
    })
}

fn solve_all(draws: &[(f64, Vec<f64>)]) -> Vec<Instance> {
    let mut matrix = laplacian();
    let mut sor = Sor::new();
    let mut x = vec![0.0; SIDE * SIDE];
    draws
        .iter()
        .map(|(shift, b)| {
            matrix.set_shift(*shift).unwrap();
            let goal = Goal { residual: 1e-8 * norm(b), max_iterations: 10_000 };
            let mut sweeps = |omega: RelaxationFactor| {
                x.fill(0.0);
                let solved = sor.solve(&matrix, omega, b, &mut x, &goal, |_, _| ControlFlow::Continue(()));
                assert_eq!(solved.ending, Ending::Converged);
                solved.iterations as f64
            };
            let radius = 4.0 * (std::f64::consts::PI / (SIDE + 1) as f64).cos() / (4.0 + shift);
            let informed = sweeps(RelaxationFactor::optimal(radius).unwrap());
            let sweeps = (0..ARMS).map(|arm| sweeps(RelaxationFactor::new(omega(arm)).unwrap())).collect();
            Instance { shift: *shift, sweeps, informed }
        })
        .collect()
}

/// Total sweeps of one arm.
pub fn fixed(table: &[Instance], arm: usize) -> f64 {
    table.iter().map(|instance| instance.sweeps[arm]).sum()
}

/// The best fixed arm and its total.
pub fn best_fixed(table: &[Instance]) -> (usize, f64) {
    (0..ARMS).map(|arm| (arm, fixed(table, arm))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

/// Total sweeps of a learner on the table, in order.
pub fn play(table: &[Instance], learner: &mut dyn Bandit, rng: &mut ChaCha8Rng) -> f64 {
    let mut total = 0.0;
    for instance in table {
        let draw: Draw = learner.draw(instance.shift, rng);
        let loss = instance.sweeps[draw.arm];
        learner.observe(instance.shift, draw, loss);
        total += loss;
    }
    total
}

/// Mean total over so many seeds.
pub fn mean_total(table: &[Instance], seeds: u64, make: impl Fn() -> Box<dyn Bandit + Send>) -> f64 {
    (0..seeds).map(|seed| play(table, make().as_mut(), &mut Run::new(seed).stream("arms"))).sum::<f64>() / seeds as f64
}
