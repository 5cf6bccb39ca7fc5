//! Algorithms by name: what `fathom solve` runs over a stored stream and `fathom online` over a live one.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Status, Trace};
use fathom_opt_problems::online_knapsack::{DensityBounds, OnlineKnapsack, Packing};

use crate::decision::Reason;
use crate::engine::Engine;
use crate::exact::one_dimensional;
use crate::settings::{Acceptance, BoundsMode, Settings};

/// What is known when the first item comes.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// What the knapsack holds, above 0.
    pub capacity: u64,
    /// Bounds on densities, if promised.
    pub bounds: Option<DensityBounds>,
    /// The whole stream, where it is stored: an option that asks for advice and has none takes it from here, with a note that says so.
    pub stream: Option<&'a OnlineKnapsack>,
}

/// A configured algorithm.
pub trait Policy: Send + Sync {
    /// The engine's settings for a stream. `notes` takes remarks for the user. Random draws follow from the seed of `run`.
    ///
    /// # Errors
    /// An option that is missing, or out of range for this stream.
    fn settings(&self, frame: &Frame<'_>, run: &Run, notes: &mut Vec<String>) -> Result<Settings, OptionError>;
}

/// The bounds to work with: the options' own, the promised ones, or those that the stored stream turns out to keep.
pub(crate) fn bounds(
    own: (Option<f64>, Option<f64>),
    mode: BoundsMode,
    frame: &Frame<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<DensityBounds>, OptionError> {
    match own {
        (Some(lower), Some(upper)) => return Ok(Some(DensityBounds { lower, upper })),
        (None, None) => {}
        (Some(_), None) => return Err(OptionError::new("upper", "none", "both `lower` and `upper`, or neither")),
        (None, Some(_)) => return Err(OptionError::new("lower", "none", "both `lower` and `upper`, or neither")),
    }
    if frame.bounds.is_some() || mode == BoundsMode::Adapt {
        return Ok(frame.bounds);
    }
    let range = frame.stream.and_then(OnlineKnapsack::density_range);
    if let Some(range) = range {
        notes.push(format!(
            "the stream promises no bounds on densities; L = {} and U = {} are its own, seen in advance",
            range.lower, range.upper
        ));
    }
    // A stream without any value has no densities, and any bounds do.
    Ok(range.or(frame.stream.map(|_| DensityBounds { lower: 1.0, upper: 1.0 })))
}

/// Runs `policy` over a stored stream, one item at a time.
///
/// # Errors
/// Several dimensions; options out of range for the stream.
pub(crate) fn drive(name: &'static str, policy: &dyn Policy, problem: &OnlineKnapsack, run: &Run) -> Result<Outcome<Packing>, SolveError> {
    one_dimensional(problem, name)?;
    let mut outcome = Outcome::new(Status::Feasible);
    let frame = Frame { capacity: problem.capacity().first(), bounds: problem.bounds(), stream: Some(problem) };
    let settings = policy.settings(&frame, run, &mut outcome.notes)?;
    let mut engine = Engine::new(settings)?;
    let mut trace = Trace::new(["id", "price", "used", "value"]);
    let (mut accepted, mut shares) = (Vec::new(), Vec::new());
    for (k, item) in problem.items().iter().enumerate() {
        if k % 4096 == 0
            && let Some(stop) = run.should_stop(&outcome.counters)
        {
            outcome.status = stop.into();
            break;
        }
        outcome.counters.iterations += 1;
        let decision = engine.offer(item.value, item.weight.first());
        if decision.reason == Reason::OutsideBounds {
            let why = format!("the density of item {} lies outside the bounds, which are strict", item.id);
            return Err(SolveError::Unsupported { solver: name, why });
        }
        if decision.accepted() {
            accepted.push(item.id);
            shares.push(decision.share);
            trace.push(&[item.id as f64, decision.price.unwrap_or(f64::NAN), engine.used_share(), engine.ledger().value.value()]);
        }
        if decision.reason == Reason::Room {
            outcome.counters.add("refused-for-room", 1);
        }
    }
    outcome.counters.add("accepted", engine.ledger().accepted);
    outcome.notes.extend(engine.guarantees().iter().map(ToString::to_string));
    if engine.widened() > 0 {
        outcome.notes.push(format!("the bounds on densities were widened {} times", engine.widened()));
    }
    outcome.trace = Some(trace);
    let shares = (settings.acceptance == Acceptance::Fractional).then_some(shares);
    let value = engine.ledger().value.value();
    Ok(outcome.with_solution(Packing { accepted, shares }, Some(value)))
}
