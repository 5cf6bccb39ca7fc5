//! Where the iteration of the next system starts.

use fathom_linalg::dot;

/// Starts from the best combination, in the energy norm, of the last two solutions (Fischer 1998); linear extrapolation is one of them. The products with the matrix
/// follow from the old right-hand sides as long as only a shift changes, so a guess costs a few inner products. Switches itself off while it does not pay.
#[derive(Debug, Clone, Default)]
pub(crate) struct InitialGuess {
    /// The solution before the last, the shifts and right-hand sides of both.
    older: Vec<f64>,
    rhs: [Vec<f64>; 2],
    shifts: [f64; 2],
    known: usize,
    /// What the caller's vector held after the last solve, to notice when it was changed.
    mark: f64,
    /// Systems to wait before trying again.
    pause: u32,
    poor: u32,
}

/// A guess has to shrink the residual to this part of the plain warm start's to be worth its inner products.
const WORTHWHILE: f64 = 0.7;
/// So many poor guesses in a row switch the guessing off for [`PAUSE`] systems.
const PATIENCE: u32 = 5;
const PAUSE: u32 = 50;

impl InitialGuess {
    /// Forgets: values changed, and old products with them.
    pub(crate) fn forget(&mut self) {
        self.known = 0;
    }

    /// Improves `x`, the last solution, for the system `(A + shift I) x = b`, and keeps what the next guess needs. Returns whether it did anything.
    pub(crate) fn improve(&mut self, shift: f64, b: &[f64], x: &mut [f64]) -> bool {
        if self.known > 0 && dot(x, x) != self.mark {
            self.known = 0;
        }
        let able = self.known == 2 && self.pause == 0;
        self.pause = self.pause.saturating_sub(1);
        // Energy products of the last (1) and the older (2) solution: A' x_i = b_i + (shift - shift_i) x_i.
        let combined = if able { self.combination(shift, b, x) } else { None };
        if self.older.len() != x.len() {
            self.older = x.to_vec();
        }
        let Some((first, second)) = combined else {
            self.older.copy_from_slice(x);
            return false;
        };
        for (x, older) in x.iter_mut().zip(&mut self.older) {
            let last = *x;
            *x = first * last + second * *older;
            *older = last;
        }
        true
    }

    fn combination(&mut self, shift: f64, b: &[f64], x: &[f64]) -> Option<(f64, f64)> {
        let deltas = self.shifts.map(|old| shift - old);
        let cross = dot(x, &self.older);
        let a11 = dot(x, &self.rhs[0]) + deltas[0] * self.mark;
        let a12 = dot(&self.older, &self.rhs[0]) + deltas[0] * cross;
        let a22 = dot(&self.older, &self.rhs[1]) + deltas[1] * dot(&self.older, &self.older);
        let (g1, g2) = (dot(x, b), dot(&self.older, b));
        let determinant = a11 * a22 - a12 * a12;
        if !(a11 > 0.0 && a22 > 0.0 && determinant > 1e-13 * a11 * a22) {
            return None;
        }
        let (first, second) = ((a22 * g1 - a12 * g2) / determinant, (a11 * g2 - a12 * g1) / determinant);
        // Residuals of the plain warm start and of the guess, from the same products.
        let (mut plain, mut guessed) = (0.0, 0.0);
        for ((((b, x), older), b1), b2) in b.iter().zip(x).zip(&self.older).zip(&self.rhs[0]).zip(&self.rhs[1]) {
            let (p1, p2) = (b1 + deltas[0] * x, b2 + deltas[1] * older);
            plain += (b - p1).powi(2);
            guessed += (b - first * p1 - second * p2).powi(2);
        }
        if guessed.is_finite() && guessed < WORTHWHILE * WORTHWHILE * plain {
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

    /// Remembers the solved system.
    pub(crate) fn remember(&mut self, shift: f64, b: &[f64], x: &[f64]) {
        self.rhs.swap(0, 1);
        self.shifts.swap(0, 1);
        self.rhs[0].clear();
        self.rhs[0].extend_from_slice(b);
        self.shifts[0] = shift;
        self.known = (self.known + 1).min(2);
        self.mark = dot(x, x);
    }
}
