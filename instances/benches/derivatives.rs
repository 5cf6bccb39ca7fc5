//! What derivatives cost beside values: one evaluation of all functions, a gradient, the Jacobian, the Hessian of the Lagrangian, a product with it.
//!
//! Before Criterion's own figures the ratios are printed that count: a gradient in evaluations (goal: at most 5), the Hessian in evaluations for each colour
//! that a compressed Hessian would take (goal: at most 10).

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use fathom_opt_instances::Generator;
use fathom_opt_instances::nonlinear::{Model, OptimalControl, PdeControl};
use fathom_opt_problems::expression::{Evaluator, Pattern};
use fathom_opt_problems::nonlinear::Nonlinear;
use fathom_opt_problems::{InlineOnly, Problem};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Columns that share no row get one colour, first come, first served: as many products compress a symmetric matrix without using its symmetry.
fn colours(lower: &Pattern) -> usize {
    let n = lower.rows();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); n];
    for row in 0..n {
        for &column in lower.row(row) {
            rows[row].push(column as usize);
            if column as usize != row {
                rows[column as usize].push(row);
            }
        }
    }
    let mut colour = vec![usize::MAX; n];
    let mut most = 0;
    for column in 0..n {
        let mut taken: Vec<usize> = rows[column].iter().flat_map(|&row| &rows[row]).map(|&other| colour[other]).collect();
        taken.sort_unstable();
        taken.dedup();
        // What has no colour yet counts as one beyond all.
        let free = taken.iter().enumerate().position(|(k, &used)| k != used).unwrap_or(taken.len());
        colour[column] = free;
        most = most.max(free + 1);
    }
    most
}

/// The program's functions at a point that changes, so that nothing is remembered.
struct Bench {
    evaluator: Evaluator,
    x: Vec<f64>,
    weights: Vec<f64>,
    n: usize,
    m: usize,
    jacobian: Vec<f64>,
    hessian: Vec<f64>,
    colours: usize,
}

impl Bench {
    fn new(problem: &Nonlinear) -> Self {
        let functions = problem.compiled().clone();
        let (n, m) = (problem.variables().len(), problem.constraints().len());
        let pattern = functions.hessian().expect("a sparse Hessian");
        Self {
            x: (0..n).map(|j| 0.4 + 0.3 * (j as f64).sin()).collect(),
            weights: vec![0.7; m + 1],
            n,
            m,
            jacobian: vec![0.0; functions.jacobian(1).entries()],
            hessian: vec![0.0; pattern.entries()],
            colours: colours(pattern),
            evaluator: Evaluator::new(&functions),
        }
    }

    fn moved(&mut self) {
        self.x[0] += 1e-9;
    }

    fn values(&mut self) -> f64 {
        self.moved();
        let (mut f, mut c) = ([0.0], vec![0.0; self.m]);
        self.evaluator.values(0, &self.x, &mut f).expect("a value");
        self.evaluator.values(1, &self.x, &mut c).expect("values");
        f[0] + c.iter().sum::<f64>()
    }

    fn gradient(&mut self) -> f64 {
        self.moved();
        let mut gradient = vec![0.0; self.n];
        self.evaluator.weighted_gradient(&self.x, &self.weights, &mut gradient).expect("a gradient");
        gradient[0]
    }

    fn jacobian(&mut self) -> f64 {
        self.moved();
        self.evaluator.jacobian(1, &self.x, &mut self.jacobian).expect("a Jacobian");
        self.jacobian[0]
    }

    fn hessian(&mut self) -> f64 {
        self.moved();
        self.evaluator.weighted_hessian(&self.x, &self.weights, &mut self.hessian).expect("a Hessian");
        self.hessian[0]
    }

    fn product(&mut self) -> f64 {
        self.moved();
        let (direction, mut product) = (vec![1.0; self.n], vec![0.0; self.n]);
        self.evaluator.weighted_hessian_product(&self.x, &self.weights, &direction, &mut product).expect("a product");
        product[0]
    }
}

/// The least seconds of several calls.
fn least(mut work: impl FnMut() -> f64) -> f64 {
    let timed = (0..30).map(|_| {
        let before = Instant::now();
        black_box(work());
        before.elapsed().as_secs_f64()
    });
    timed.fold(f64::INFINITY, f64::min)
}

/// A dense chain of few variables with costly operators, as text.
fn chained(n: usize) -> Nonlinear {
    let terms: Vec<String> = (1..n).map(|k| format!("exp(-(x{k} - x{0})^2) * sin(x{k} * x{0}) / (1 + x{k}^2)", k - 1)).collect();
    let variables: Vec<String> = (0..n).map(|k| format!("{{\"name\": \"x{k}\"}}")).collect();
    let text = format!("{{\"variables\": [{}], \"objective\": {{\"expression\": \"{}\"}}}}", variables.join(","), terms.join(" + "));
    Nonlinear::from_data(serde_json::from_str(&text).expect("a document"), &mut InlineOnly).expect("a program")
}

fn derivatives(criterion: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let control = |model| OptimalControl { model, intervals: 3333, horizon: 5.0 };
    let models = [
        ("van-der-pol, 10,002 variables", control(Model::VanDerPol).generate(&mut rng).expect("a program")),
        ("pendulum, 10,002 variables", control(Model::Pendulum).generate(&mut rng).expect("a program")),
        ("pde-control, 5,000 variables", PdeControl { grid: 50, weight: 0.05 }.generate(&mut rng).expect("a program")),
        ("chain of exp, sin and division, 500 variables", chained(500)),
    ];
    for (name, problem) in &models {
        let mut bench = Bench::new(problem);
        let value = least(|| bench.values());
        let [gradient, jacobian, hessian, product] =
            [least(|| bench.gradient()), least(|| bench.jacobian()), least(|| bench.hessian()), least(|| bench.product())]
                .map(|seconds| seconds / value);
        let by_colour = hessian / bench.colours as f64;
        println!(
            "{name}: {:.1} us a value; in values: gradient {gradient:.2}, Jacobian {jacobian:.2}, Hessian {hessian:.2} ({} colours: {by_colour:.2} each), product {product:.2}",
            1e6 * value,
            bench.colours
        );
    }
    for (name, problem) in &models {
        let mut bench = Bench::new(problem);
        criterion.bench_function(&format!("values: {name}"), |b| b.iter(|| bench.values()));
        criterion.bench_function(&format!("gradient: {name}"), |b| b.iter(|| bench.gradient()));
        criterion.bench_function(&format!("Hessian: {name}"), |b| b.iter(|| bench.hessian()));
    }
}

criterion_group!(benches, derivatives);
criterion_main!(benches);
