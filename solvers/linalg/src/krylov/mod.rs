//! Krylov methods for systems that need not be definite.

mod gmres;
mod minres;

pub use gmres::Gmres;
pub use minres::Minres;

/// What a Krylov method is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KrylovGoal {
    /// Stop when `||b - A x||_2` is at most this.
    pub residual: f64,
    /// Stop after this many products with the matrix.
    pub max_products: u64,
}

/// How a Krylov method ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KrylovEnd {
    /// Products with the matrix, those for residuals included.
    pub products: u64,
    /// `||b - A x||_2`, computed from the `x` that is returned.
    pub residual: f64,
}

/// `r = b - A x`; returns its norm.
fn residual(multiply: &mut dyn FnMut(&[f64], &mut [f64]), b: &[f64], x: &[f64], r: &mut [f64]) -> f64 {
    multiply(x, r);
    for (r, b) in r.iter_mut().zip(b) {
        *r = b - *r;
    }
    norm(r)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// A rotation that turns `(a, b)` into `(r, 0)`: cosine, sine, `r`.
fn rotation(a: f64, b: f64) -> (f64, f64, f64) {
    let r = a.hypot(b);
    if r == 0.0 { (1.0, 0.0, 0.0) } else { (a / r, b / r, r) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preconditioner::Identity;

    /// A symmetric indefinite matrix and a right-hand side.
    fn saddle(x: &[f64], y: &mut [f64]) {
        let n = x.len() / 2;
        for i in 0..n {
            y[i] = (1.0 + i as f64) * x[i] + x[n + i];
            y[n + i] = x[i] - if i > 0 { 0.5 * x[n + i - 1] } else { 0.0 } - if i + 1 < n { 0.5 * x[n + i + 1] } else { 0.0 };
        }
    }

    #[test]
    fn minres_and_gmres_solve_an_indefinite_system_from_any_start() {
        let b: Vec<f64> = (0..20).map(|i| f64::from(i % 7) - 3.0).collect();
        let goal = KrylovGoal { residual: 1e-10, max_products: 500 };
        for start in [0.0, 5.0] {
            let mut x = vec![start; 20];
            let end = Minres::default().solve(&mut saddle, &mut Identity, &b, &mut x, goal, &mut || false);
            assert!(end.residual <= 1e-10, "{end:?}");
            let mut y = vec![-start; 20];
            let end = Gmres::new(20).solve(&mut saddle, &b, &mut y, goal, &mut || false);
            assert!(end.residual <= 1e-10, "{end:?}");
            assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-8));
        }
    }

    #[test]
    fn a_singular_inconsistent_system_ends_with_its_least_residual() {
        let mut multiply = |x: &[f64], y: &mut [f64]| y.copy_from_slice(&[x[0], 0.0]);
        let goal = KrylovGoal { residual: 1e-12, max_products: 100 };
        for by_minres in [true, false] {
            let mut x = vec![0.0; 2];
            let end = if by_minres {
                Minres::default().solve(&mut multiply, &mut Identity, &[3.0, 4.0], &mut x, goal, &mut || false)
            } else {
                Gmres::new(5).solve(&mut multiply, &[3.0, 4.0], &mut x, goal, &mut || false)
            };
            assert!((end.residual - 4.0).abs() < 1e-9 && (x[0] - 3.0).abs() < 1e-9, "{end:?} {x:?}");
        }
    }

    #[test]
    fn a_stop_is_heard_and_the_residual_told_is_that_of_x() {
        let b = vec![1.0; 20];
        let mut x = vec![0.0; 20];
        let goal = KrylovGoal { residual: 0.0, max_products: 1000 };
        let mut asked = 0;
        let mut stop = || {
            asked += 1;
            asked > 3
        };
        let end = Minres::default().solve(&mut saddle, &mut Identity, &b, &mut x, goal, &mut stop);
        let mut r = vec![0.0; 20];
        assert!((residual(&mut saddle, &b, &x, &mut r) - end.residual).abs() < 1e-14);
        assert!(end.products < 10);
    }
}
