//! Generated programs have the sizes, values and derivatives that their definitions say.

use fathom_opt_problems::nonlinear::{DerivativeCheck, ExpressionNlp, Nlp, Nonlinear};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::generator::{FileGenerator, Generator};
use crate::input_file::InputFile;
use crate::inputs::Inputs;
use crate::nonlinear::{LogisticRegression, Model, OptimalControl, PdeControl};

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(5)
}

/// A vector without special values.
fn generic(n: usize, size: f64) -> Vec<f64> {
    (0..n).map(|k| size * (1.3 + 2.1 * k as f64).sin()).collect()
}

#[track_caller]
fn assert_differentiable(problem: &Nonlinear) {
    let mut nlp = ExpressionNlp::new(problem);
    let (n, m) = (nlp.variables(), nlp.constraints());
    let check = DerivativeCheck::at(&mut nlp, &generic(n, 0.7), &generic(n, 1.1), 1.0, &generic(m, 0.9)).unwrap();
    assert!(check.worst() < 1e-6, "{check:?}");
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} against {expected}");
}

/// Three samples with two features and labels 1, -1, 1.
const SAMPLES: &str = "+1 1:0.5 2:-2\n-1 2:1\n+1 1:-1 2:0.25\n";

fn logistic(file: InputFile, options: &LogisticRegression) -> Result<Nonlinear, String> {
    let read = |_: InputFile| Err(crate::error::InstanceError::about(std::path::Path::new("none"), "no instance is wanted"));
    options.generate(&Inputs::new(vec![("data", file)], &read), &mut rng()).map_err(|error| error.to_string())
}

#[test]
fn logistic_regression_is_the_mean_logistic_loss_of_the_samples() {
    let options = LogisticRegression { equations: 1, regularization: 0.3, start: 0.5, ..LogisticRegression::default() };
    let problem = logistic(InputFile::of_bytes("a.libsvm", SAMPLES.into()), &options).unwrap();
    assert_eq!((problem.variables().len(), problem.constraints().len()), (2, 2));
    let w: [f64; 2] = [0.4, -1.1];
    let loss = |margin: f64| (1.0 + (-margin).exp()).ln();
    let margins = [0.5 * w[0] - 2.0 * w[1], -w[1], -w[0] + 0.25 * w[1]];
    let expected = margins.iter().map(|&margin| loss(margin)).sum::<f64>() / 3.0 + 0.15 * (w[0] * w[0] + w[1] * w[1]);
    let mut nlp = ExpressionNlp::new(&problem);
    assert_close(nlp.objective(&w).unwrap(), expected);
    let mut c = [0.0; 2];
    nlp.constraint_values(&w, &mut c).unwrap();
    assert_close(c[1], w[0] * w[0] + w[1] * w[1]);
    assert_eq!((nlp.constraint_sides().0[1], nlp.constraint_sides().1[1], nlp.start()), (1.0, 1.0, &[0.5, 0.5][..]));
    assert_differentiable(&problem);
    // A table is the same data.
    let table = "a,b,label\n0.5,-2,1\n0,1,-1\n-1,0.25,1\n";
    let again = logistic(InputFile::of_bytes("a.csv", table.into()), &options).unwrap();
    assert_close(ExpressionNlp::new(&again).objective(&w).unwrap(), expected);
    // The same seed draws the same equations; large margins do not overflow.
    let mut other = [0.0; 2];
    ExpressionNlp::new(&again).constraint_values(&w, &mut other).unwrap();
    assert_eq!(c, other);
    assert_close(nlp.objective(&[-2000.0, 2000.0]).unwrap(), (5000.0 + 2000.0) / 3.0 + 0.15 * 8e6);
}

#[test]
fn logistic_regression_refuses_what_it_cannot_do() {
    let with = |text: &str, options: LogisticRegression| logistic(InputFile::of_bytes("a.libsvm", text.into()), &options).unwrap_err();
    let all = LogisticRegression::default;
    assert!(with(SAMPLES, all()).contains("at most the number of features"));
    assert!(with(SAMPLES, LogisticRegression { equations: 0, regularization: -1.0, ..all() }).contains("a number from 0 on"));
    assert!(with("1 1:1\n", all()).contains("samples of two labels"));
}

#[test]
fn pde_control_tracks_the_state_under_the_discrete_poisson_equation() {
    let n = 3;
    let problem = PdeControl { grid: n, weight: 0.05 }.generate(&mut rng()).unwrap();
    assert_eq!((problem.variables().len(), problem.constraints().len()), (18, 9));
    let x = generic(18, 1.0);
    let state = |i: usize, j: usize| if (1..=n).contains(&i) && (1..=n).contains(&j) { x[(i - 1) * n + j - 1] } else { 0.0 };
    let mut objective = 0.0;
    let mut nlp = ExpressionNlp::new(&problem);
    let mut c = [0.0; 9];
    nlp.constraint_values(&x, &mut c).unwrap();
    for i in 1..=n {
        for j in 1..=n {
            let slope = 0.1 / 15.0_f64.sqrt();
            let wanted = (4.0 + slope * (i as f64 - 2.0)).sin() + (3.0 + slope * (j as f64 - 2.0)).cos();
            let control = x[9 + (i - 1) * n + j - 1];
            objective += 0.5 * (state(i, j) - wanted).powi(2) + 0.05 * control * control;
            // h is 2 / (n + 1) = 1/2.
            let laplacian = (state(i - 1, j) + state(i + 1, j) + state(i, j - 1) + state(i, j + 1) - 4.0 * state(i, j)) / 0.25;
            assert_close(c[(i - 1) * n + j - 1], laplacian + control);
        }
    }
    assert_close(nlp.objective(&x).unwrap(), objective);
    assert!(nlp.constraint_sides().0.iter().chain(nlp.constraint_sides().1).all(|side| *side == 0.0));
    assert_differentiable(&problem);
    assert!(PdeControl { grid: 0, weight: 1.0 }.generate(&mut rng()).is_err());
    assert!(PdeControl { grid: 3, weight: 0.0 }.generate(&mut rng()).is_err());
}

#[test]
fn optimal_control_holds_the_equations_by_the_trapezoidal_rule() {
    for (model, derivative) in [
        (Model::VanDerPol, (|[p, q, u]: [f64; 3]| (1.0 - q * q) * p - q + u) as fn([f64; 3]) -> f64),
        (Model::Pendulum, |[_, q, u]| u - q.sin()),
    ] {
        let (intervals, horizon) = (4, 2.0);
        let problem = OptimalControl { model, intervals, horizon }.generate(&mut rng()).unwrap();
        assert_eq!((problem.variables().len(), problem.constraints().len()), (15, 8));
        let x = generic(15, 0.8);
        let at = |k: usize| [x[3 * k], x[3 * k + 1], x[3 * k + 2]];
        let cost = |[p, q, u]: [f64; 3]| if model == Model::VanDerPol { p * p + q * q + u * u } else { u * u };
        let step = horizon / 4.0;
        let objective: f64 = (0..4).map(|k| 0.5 * step * (cost(at(k)) + cost(at(k + 1)))).sum();
        let mut nlp = ExpressionNlp::new(&problem);
        assert_close(nlp.objective(&x).unwrap(), objective);
        let mut c = [0.0; 8];
        nlp.constraint_values(&x, &mut c).unwrap();
        for k in 1..=intervals {
            let (old, now) = (at(k - 1), at(k));
            assert_close(c[2 * k - 2], now[0] - old[0] - 0.5 * step * (derivative(now) + derivative(old)));
            assert_close(c[2 * k - 1], now[1] - old[1] - 0.5 * step * (now[0] + old[0]));
        }
        // The first state is given; the pendulum's last one as well.
        let (lower, upper) = nlp.variable_bounds();
        let fixed = (0..15).filter(|&j| lower[j] == upper[j]).count();
        assert_eq!(fixed, if model == Model::Pendulum { 4 } else { 2 });
        assert_differentiable(&problem);
    }
    assert!(OptimalControl { intervals: 1, ..OptimalControl::default() }.generate(&mut rng()).is_err());
    assert!(OptimalControl { horizon: f64::NAN, ..OptimalControl::default() }.generate(&mut rng()).is_err());
}

#[test]
fn sizes_reach_from_a_hundred_to_a_hundred_thousand_variables() {
    for (intervals, variables) in [(33, 102), (33_333, 100_002)] {
        let problem = OptimalControl { intervals, ..OptimalControl::default() }.generate(&mut rng()).unwrap();
        assert_eq!(problem.variables().len(), variables);
        let pattern = problem.compiled().hessian().expect("a sparse Hessian");
        assert!(pattern.entries() <= 2 * variables, "{}", pattern.entries());
    }
    let problem = PdeControl { grid: 80, weight: 0.05 }.generate(&mut rng()).unwrap();
    assert_eq!((problem.variables().len(), problem.constraints().len()), (12_800, 6_400));
    assert_eq!(problem.compiled().hessian().expect("a sparse Hessian").entries(), 12_800);
}
