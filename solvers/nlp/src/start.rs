//! Where the barrier method starts.

use fathom_opt_core::Run;
use rand::RngExt;

use crate::barrier::{BARRIER_SHARE, Barrier, CondensedSystem, End, Iterate, Program, Watch, inside};
use crate::reduced::Reduced;
use crate::settings::Settings;

/// Points around the given start that are tried where it cannot be evaluated.
const MAX_STARTS: i32 = 20;

/// The barrier parameter of a start that comes with multipliers.
const WARM_BARRIER: f64 = 1e-4;

impl Settings {
    /// Scales `reduced` and makes its program, with a start inside the bounds, near the `given` one, where everything can be evaluated.
    pub fn start_at(
        &self,
        given: &[f64],
        reduced: &mut Reduced<'_>,
        allowed: &Run,
        notes: &mut Vec<String>,
    ) -> Result<(Program, Vec<f64>), End> {
        let push = self.push;
        let (lower, upper) = reduced.bounds();
        let bounds: Vec<(f64, f64)> = lower.iter().copied().zip(upper.iter().copied()).collect();
        let center = reduced.moving(given);
        let mut x: Vec<f64> = center.iter().zip(&bounds).map(|(&x, &(l, u))| inside(x, l, u, push)).collect();
        let mut rng = allowed.stream("start");
        let mut tried = 0;
        // Ends: after so many points it gives up.
        loop {
            reduced.scale(&x);
            let program = Program::of(reduced);
            let mut rows = vec![0.0; program.rows()];
            let slacks = |rows: &[f64]| -> Vec<f64> {
                program.privates.iter().map(|slack| inside(rows[slack.row], slack.lower, slack.upper, push)).collect()
            };
            let evaluated = reduced.constraints(&x, &mut rows).and_then(|()| {
                let v: Vec<f64> = x.iter().copied().chain(slacks(&rows)).collect();
                Iterate::new(&program, reduced, v.clone(), vec![0.0; program.rows()], |_| 1.0).map(|_| v)
            });
            match evaluated {
                Ok(v) => {
                    return Ok((program, v));
                }
                Err(error) if tried == MAX_STARTS => return Err(End::Evaluation(error)),
                Err(_) => {}
            }
            if tried == 0 {
                notes.push("the start cannot be evaluated: points near it were tried instead".into());
            }
            tried += 1;
            let spread = 0.1 * 1.4_f64.powi(tried);
            for ((x, &center), &(l, u)) in x.iter_mut().zip(&center).zip(&bounds) {
                *x = inside(center + spread * center.abs().max(1.0) * (2.0 * rng.random::<f64>() - 1.0), l, u, push);
            }
        }
    }

    /// The barrier method at `v`, with multipliers estimated; `warm` where the start came with multipliers and is taken to be close.
    pub fn barrier_at(
        &self,
        (program, v): (Program, Vec<f64>),
        warm: bool,
        reduced: &mut Reduced<'_>,
        system: &mut CondensedSystem,
        watch: &Watch<'_>,
    ) -> Result<Barrier, End> {
        let mu = if warm { self.barrier.min(WARM_BARRIER) } else { self.barrier };
        let z = |slack: f64| if warm { (mu / slack.max(f64::MIN_POSITIVE)).min(1.0) } else { 1.0 };
        let l = vec![0.0; program.rows()];
        let at = Iterate::new(&program, reduced, v, l, z).map_err(End::Evaluation)?;
        let mut barrier = Barrier::new(program, at, mu, BARRIER_SHARE * self.tolerance);
        barrier.estimate_multipliers(system, &watch.stop()).map_err(End::Factor)?;
        Ok(barrier)
    }
}
