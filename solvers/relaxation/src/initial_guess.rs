//! Where the iteration of the next system starts.

use fathom_opt_linalg::dot;

/// Starts from the best combination, in the energy norm, of the last two solutions (Fischer 1998); linear extrapolation is one of them. While only a shift changes, the
/// products with the matrix follow from the old right-hand sides, so that a guess costs a few inner products; after other changes they are computed anew. Switches itself
/// off while it does not pay. More than two old solutions save fewer iterations than their inner products cost (on the heat equation: 3 % of the iterations for four).
#[derive(Debug, Clone, Default)]
pub(crate) struct InitialGuess {
    /// The solution before the last; products of the last and of the older one with the matrix, and the shifts these were for.
    older: Vec<f64>,
    products: [Vec<f64>; 2],
    shifts: [f64; 2],
    known: usize,
    /// Whether the products belong to the matrix at hand, up to the shift.
    current: bool,
    /// What the caller's vector held after the last solve, to notice when it was changed.
    mark: f64,
    /// Systems to wait before trying again.
    pause: u32,
    poor: u32,
}

/// So many poor guesses in a row switch the guessing off for [`PAUSE`] systems.
const PATIENCE: u32 = 3;
const PAUSE: u32 = 50;

/// The system that a guess is for.
pub(crate) struct Next<'a> {
    /// `A` is the matrix that products were last computed with, plus this shift of its diagonal.
    pub(crate) shift: f64,
    pub(crate) b: &'a [f64],
    /// A guess has to shrink the residual to this part of the plain warm start's to be worth what it costs.
    pub(crate) worthwhile: f64,
}

impl InitialGuess {
    /// Forgets: there is no usable history.
    pub(crate) fn forget(&mut self) {
        self.known = 0;
    }

    /// The matrix changed in more than a shift: old products are void.
    pub(crate) fn matrix_changed(&mut self) {
        self.current = false;
    }

    /// Whether the next guess needs products with the matrix.
    pub(crate) fn needs_products(&self) -> bool {
        !self.current
    }

    /// Whether there is history enough for a guess, and guessing is switched on.
    pub(crate) fn is_able(&self) -> bool {
        self.known == 2 && self.pause == 0
    }

    /// Improves `x`, the last solution, for the next system, and keeps what the guess after it needs. `product` computes `A v`. Returns whether a guess was made.
    pub(crate) fn improve(&mut self, next: &Next, x: &mut [f64], product: impl FnMut(&[f64], &mut [f64])) -> bool {
        if self.known > 0 && dot(x, x) != self.mark {
            self.known = 0;
        }
        let able = self.is_able();
        self.pause = self.pause.saturating_sub(1);
        let combined = if able { self.combination(next, x, product) } else { None };
        if self.older.len() != x.len() {
            self.older = x.to_vec();
        }
        match combined {
            Some((first, second)) => {
                for (x, older) in x.iter_mut().zip(&mut self.older) {
                    let last = *x;
                    *x = first * last + second * *older;
                    *older = last;
                }
            }
            None => self.older.copy_from_slice(x),
        }
        able
    }

    fn combination(&mut self, next: &Next, x: &[f64], mut product: impl FnMut(&[f64], &mut [f64])) -> Option<(f64, f64)> {
        if !self.current {
            product(x, &mut self.products[0]);
            product(&self.older, &mut self.products[1]);
            self.shifts = [next.shift; 2];
            self.current = true;
        }
        let b = next.b;
        // A x_i = product_i + (shift - shift_i) x_i for the last (1) and the older (2) solution.
        let deltas = self.shifts.map(|old| next.shift - old);
        let cross = dot(x, &self.older);
        let a11 = dot(x, &self.products[0]) + deltas[0] * self.mark;
        let a12 = dot(&self.older, &self.products[0]) + deltas[0] * cross;
        let a22 = dot(&self.older, &self.products[1]) + deltas[1] * dot(&self.older, &self.older);
        let (g1, g2) = (dot(x, b), dot(&self.older, b));
        let determinant = a11 * a22 - a12 * a12;
        if !(a11 > 0.0 && a22 > 0.0 && determinant > 1e-13 * a11 * a22) {
            return None;
        }
        let (first, second) = ((a22 * g1 - a12 * g2) / determinant, (a11 * g2 - a12 * g1) / determinant);
        // Residuals of the plain warm start and of the guess, from the same products.
        let (mut plain, mut guessed) = (0.0, 0.0);
        for ((((b, x), older), p1), p2) in b.iter().zip(x).zip(&self.older).zip(&self.products[0]).zip(&self.products[1]) {
            let (p1, p2) = (p1 + deltas[0] * x, p2 + deltas[1] * older);
            plain += (b - p1).powi(2);
            guessed += (b - first * p1 - second * p2).powi(2);
        }
        if guessed.is_finite() && guessed < next.worthwhile * next.worthwhile * plain {
            self.poor = 0;
        } else {
            self.poor += 1;
            if self.poor >= PATIENCE {
                self.poor = 0;
                self.pause = PAUSE;
            }
        }
        (guessed < plain).then_some((first, second))
    }

    /// Remembers the system `(A + shift I) x = b`, now solved.
    pub(crate) fn remember(&mut self, shift: f64, b: &[f64], x: &[f64]) {
        self.products.swap(0, 1);
        self.shifts.swap(0, 1);
        self.products[0].clear();
        self.products[0].extend_from_slice(b);
        // Where the older product is void, so is the pair.
        self.products[1].resize(b.len(), 0.0);
        self.shifts[0] = shift;
        // The product of the solution before the last belongs to the matrix before the last change.
        self.current = self.current || self.known == 0;
        self.known = (self.known + 1).min(2);
        self.mark = dot(x, x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `diag(1, 2, .., n)` times `scale`, plus a shift.
    fn product(scale: f64, v: &[f64], out: &mut [f64]) {
        for (i, (out, v)) in out.iter_mut().zip(v).enumerate() {
            *out = scale * (i + 1) as f64 * v;
        }
    }

    fn residual(scale: f64, shift: f64, b: &[f64], x: &[f64]) -> f64 {
        let mut p = vec![0.0; x.len()];
        product(scale, x, &mut p);
        p.iter().zip(x).zip(b).map(|((p, x), b)| (b - p - shift * x).powi(2)).sum::<f64>().sqrt()
    }

    /// Solutions on a line in time are foreseen exactly, whether a shift changes or everything.
    #[test]
    fn solutions_on_a_line_are_foreseen() {
        for whole_matrix in [false, true] {
            let n = 8;
            let exact = |t: f64| -> Vec<f64> { (0..n).map(|i| 1.0 + (i as f64).sin() * t).collect() };
            let mut guess = InitialGuess::default();
            let mut x = vec![0.0; n];
            for step in 0..5 {
                let t = f64::from(step);
                let (scale, shift) = if whole_matrix { (1.0 + 0.1 * t, 0.0) } else { (1.0, 0.1 * t) };
                let mut b = vec![0.0; n];
                product(scale, &exact(t), &mut b);
                for (b, x) in b.iter_mut().zip(exact(t)) {
                    *b += shift * x;
                }
                if whole_matrix {
                    guess.matrix_changed();
                }
                let made = guess.improve(&Next { shift, b: &b, worthwhile: 0.5 }, &mut x, |v, out| product(scale, v, out));
                assert_eq!(made, step >= 2);
                if step >= 2 {
                    assert!(residual(scale, shift, &b, &x) < 1e-12 * t.exp(), "step {step}");
                }
                x = exact(t);
                guess.remember(shift, &b, &x);
            }
        }
    }

    #[test]
    fn guessing_that_does_not_pay_is_switched_off_for_a_while() {
        let mut guess = InitialGuess::default();
        let mut x = vec![0.0; 6];
        let mut made = 0;
        for step in 0..40 {
            let b: Vec<f64> = (0..6).map(|i| f64::from((i * 7 + step * 13) % 11) - 5.0).collect();
            made += u32::from(guess.improve(&Next { shift: 0.0, b: &b, worthwhile: 0.01 }, &mut x, |v, out| product(1.0, v, out)));
            x = b.iter().enumerate().map(|(i, b)| b / (i + 1) as f64).collect();
            guess.remember(0.0, &b, &x);
        }
        assert_eq!(made, PATIENCE);
    }
}
