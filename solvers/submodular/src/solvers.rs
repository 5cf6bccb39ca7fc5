//! The engines as solvers of stored streams.

use std::sync::Arc;

use fathom_opt_core::{Counters, OptionError, Outcome, Progress, Registry, Run, SolveError, Solver, Status, Trace};
use fathom_opt_problems::submodular_stream::{Answer, Answers, Operation, Share, SubmodularStream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::constraint::Constraint;
use crate::error::{MaximizeError, OracleFault};
use crate::maximizer::DynamicMaximizer;
use crate::oracles::FunctionOracle;
use crate::settings::{Engine, Settings};
use crate::shares::Shares;
use crate::solution::Solution;

/// Adds every solver of the family to `registry`; the first is the default.
pub fn register(registry: &mut Registry) {
    registry.add::<SubmodularStream, Auto>();
    registry.add::<SubmodularStream, SingleSample>();
    registry.add::<SubmodularStream, LeveledBuckets>();
    registry.add::<SubmodularStream, RepairGreedy>();
    registry.add::<SubmodularStream, Recompute>();
    registry.add::<SubmodularStream, Sieve>();
    registry.add::<SubmodularStream, Lattanzi>();
    registry.add::<SubmodularStream, Monemizadeh>();
}

/// A solver with the options of guessing engines.
macro_rules! guessing_solver {
    ($(#[$doc:meta])* $solver:ident, $engine:expr, $summary:literal $(, $extra:ident: $kind:ty = $default:expr, $(#[$extra_doc:meta])+)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
        pub struct $solver {
            /// Guesses of the optimum are a factor `1 + eps` apart: smaller promises more and costs more. In `[0.001, 1]`.
            pub eps: f64,
            /// Whether answers are improved by a greedy pass over the choices of all guesses.
            pub polish: bool,
            /// Whether the upper bound of every answer takes a gain of every live element, instead of only what is known anyway.
            pub tight_bound: bool,
            /// Whether the greedy solution is computed from nothing beside every answer, for comparison; its evaluations are not counted.
            pub compare_greedy: bool,
            $($(#[$extra_doc])+ pub $extra: $kind,)?
        }

        impl Default for $solver {
            fn default() -> Self {
                Self { eps: 0.2, polish: true, tight_bound: false, compare_greedy: false, $($extra: $default)? }
            }
        }

        impl $solver {
            fn settings(&self, run: &Run) -> Settings {
                let Self { eps, polish, tight_bound, .. } = *self;
                let settings = Settings { engine: $engine, eps, polish, tight_bound, ..Settings::default() };
                let settings = Settings { seed: run.seed(), threads: run.threads(), ..settings };
                $(let settings = Settings { $extra: self.$extra, ..settings };)?
                settings
            }

            fn compares(&self) -> bool {
                self.compare_greedy
            }
        }

        solver!($solver, $engine, $summary);
    };
}

/// A solver without options but the bound.
macro_rules! greedy_solver {
    ($(#[$doc:meta])* $solver:ident, $engine:expr, $summary:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
        pub struct $solver {
            /// Whether the upper bound of every answer takes a gain of every live element, instead of only what is known anyway.
            pub tight_bound: bool,
        }

        impl $solver {
            fn settings(&self, run: &Run) -> Settings {
                Settings { engine: $engine, tight_bound: self.tight_bound, seed: run.seed(), threads: run.threads(), ..Settings::default() }
            }

            /// Both engines compute the greedy solution anyway.
            fn compares(&self) -> bool {
                false
            }
        }

        solver!($solver, $engine, $summary);
    };
}

macro_rules! solver {
    ($solver:ident, $engine:expr, $summary:literal) => {
        impl Solver<SubmodularStream> for $solver {
            const NAME: &'static str = $engine.name();
            const SUMMARY: &'static str = $summary;

            fn validate(&self) -> Result<(), OptionError> {
                self.settings(&Run::default()).validate().map_err(|error| match error {
                    MaximizeError::Setting { setting, found, expected } => OptionError::new(setting, found, expected),
                    other => OptionError::new("settings", other, "settings that fit"),
                })
            }

            fn accepts(&self, problem: &SubmodularStream) -> Result<(), SolveError> {
                maximizer(problem, self.settings(&Run::default()), None).map(|_| ()).map_err(|error| unsupported(Self::NAME, &error))
            }

            fn solve_accepted(&self, problem: &SubmodularStream, run: &Run) -> Result<Outcome<Answers>, SolveError> {
                drive(Self::NAME, problem, self.settings(run), self.compares(), run)
            }
        }
    };
}

guessing_solver!(
    /// The greedy solution as long as it is cheap to keep, levels with a guarantee where it is not.
    Auto,
    Engine::Auto,
    "the greedy solution under a work budget, single-sample as the safety net, an upper bound with every answer"
);
guessing_solver!(
    /// Levels of one uniform sample each.
    SingleSample,
    Engine::SingleSample,
    "levels of one uniform sample each: about half of the optimum, surely, at bounded expected work (SODA 2024)"
);
guessing_solver!(
    /// Blocks sampled from buckets of equal gains.
    LeveledBuckets,
    Engine::LeveledBuckets,
    "blocks sampled from buckets of equal gains: least work per update, a share in expectation (after ICML 2023)",
    trials: u32 = 48,
    /// How many trials an estimate of a block's size takes: more prove more.
);
greedy_solver!(
    /// The greedy solution, repaired from where it no longer stands.
    RepairGreedy,
    Engine::RepairGreedy,
    "the greedy solution, repaired from where it no longer stands"
);
greedy_solver!(
    /// The greedy solution from nothing at every query.
    Recompute,
    Engine::Recompute,
    "the greedy solution from nothing at every query, lazily"
);
guessing_solver!(
    /// `SieveStreaming`, run again after a deletion from its solution.
    Sieve,
    Engine::Sieve,
    "a comparator: SieveStreaming, run again after a deletion from its solution"
);
guessing_solver!(
    /// Levels with buffers of insertions.
    Lattanzi,
    Engine::Lattanzi,
    "a comparator: levels with buffers of insertions (NeurIPS 2020), nothing guaranteed"
);
guessing_solver!(
    /// Many samples per level.
    Monemizadeh,
    Engine::Monemizadeh,
    "a comparator: many samples per level (NeurIPS 2020), nothing guaranteed"
);

fn unsupported(solver: &'static str, error: &MaximizeError) -> SolveError {
    SolveError::Unsupported { solver, why: error.to_string() }
}

/// A maximizer for the function and the constraint of `problem`, stopped as `run` says.
fn maximizer(problem: &SubmodularStream, settings: Settings, run: Option<&Run>) -> Result<DynamicMaximizer<FunctionOracle>, MaximizeError> {
    let builder = DynamicMaximizer::builder(FunctionOracle::new(problem.function())).settings(settings);
    let mut builder = builder.constraint(Constraint::of(problem.constraint()));
    if let Some(run) = run.cloned() {
        builder = builder.interrupt(Arc::new(move || run.should_stop(&Counters::default()).is_some()));
    }
    builder.build()
}

/// Runs an engine over a stored stream, one operation at a time.
fn drive(
    name: &'static str,
    problem: &SubmodularStream,
    settings: Settings,
    compares: bool,
    run: &Run,
) -> Result<Outcome<Answers>, SolveError> {
    let beside = Settings { engine: Engine::Recompute, tight_bound: false, ..settings.clone() };
    let greedy = compares.then(|| maximizer(problem, beside, Some(run))).transpose();
    let mut greedy = greedy.map_err(|error| unsupported(name, &error))?;
    let mut shares = Shares::default();
    let mut maximizer = maximizer(problem, settings, Some(run)).map_err(|error| unsupported(name, &error))?;
    let mut outcome = Outcome::new(Status::Feasible);
    let mut trace = Trace::new(["at", "value", "bound", "live", "evaluations"]);
    let queries = problem.queries().count();
    let (mut answers, mut sum, mut bounds) = (Vec::with_capacity(queries), 0.0, 0.0);
    let (mut factor, mut guarantees) = (Some(f64::INFINITY), Vec::new());
    for (at, operation) in problem.operations().iter().enumerate() {
        outcome.counters.iterations += 1;
        outcome.counters.oracle_calls = maximizer.evaluations();
        if let Some(stop) = run.should_stop(&outcome.counters) {
            outcome.status = stop.into();
            break;
        }
        let step = take_in(&mut maximizer, *operation);
        let compared = greedy.as_mut().map(|greedy| take_in(greedy, *operation)).transpose();
        let solution = match step.and_then(|answer| compared.map(|beside| (answer, beside.flatten()))) {
            Ok((None, _)) => continue,
            Ok((Some(solution), beside)) => {
                shares.add(&solution, beside.map(|beside| beside.value));
                solution
            }
            Err(MaximizeError::Oracle(OracleFault::Interrupted)) => {
                outcome.status = run.should_stop(&outcome.counters).map_or(Status::Interrupted, Status::from);
                break;
            }
            Err(error) => {
                outcome.status = Status::Failed(error.to_string());
                break;
            }
        };
        sum += solution.value;
        bounds += solution.upper_bound;
        factor =
            factor.and_then(|least| solution.guarantee.filter(|guarantee| guarantee.sure).map(|guarantee| least.min(guarantee.factor)));
        if let Some(guarantee) = solution.guarantee.map(|guarantee| guarantee.to_string())
            && !guarantees.contains(&guarantee)
        {
            guarantees.push(guarantee);
        }
        trace.push(&[at as f64, solution.value, solution.upper_bound, maximizer.len() as f64, maximizer.evaluations() as f64]);
        let chosen = solution.chosen.iter().map(|&element| problem.ground().id(element as usize)).collect();
        answers.push(Answer { at: at as u64, chosen });
        run.report(&Progress {
            done: answers.len() as u64,
            total: Some(queries as u64),
            objective: Some(sum / answers.len() as f64),
            bound: Some(bounds / answers.len() as f64),
        });
    }
    count(&maximizer, &mut outcome.counters);
    outcome.trace = Some(trace);
    outcome.notes.extend(shares.notes());
    outcome.notes.extend(guarantees.iter().map(|guarantee| format!("guarantee: {guarantee}")));
    if guarantees.is_empty() {
        outcome.notes.push("guarantee: none".to_owned());
    }
    if answers.len() < queries {
        // Objective and bound speak of all queries.
        let value = sum / queries as f64;
        return Ok(outcome.with_solution(Answers { answers }, Some(value)));
    }
    outcome.bound = Some(bounds / queries as f64);
    outcome.promised.extend(factor.and_then(Share::covered_by).map(|share| share.name()));
    Ok(outcome.with_solution(Answers { answers }, Some(sum / queries as f64)))
}

/// The answer to a query, nothing to an update.
fn take_in(maximizer: &mut DynamicMaximizer<FunctionOracle>, operation: Operation) -> Result<Option<Solution>, MaximizeError> {
    match operation {
        Operation::Insert(element) => maximizer.insert(element).map(|()| None),
        Operation::Delete(element) => maximizer.delete(element).map(|()| None),
        Operation::Query => maximizer.solution().map(Some),
    }
}

fn count(maximizer: &DynamicMaximizer<FunctionOracle>, counters: &mut Counters) {
    let stats = maximizer.stats();
    counters.oracle_calls = stats.work.evaluations;
    counters.add("evaluations", stats.work.evaluations);
    counters.add("passes", stats.work.passes);
    counters.add("pushes", stats.work.pushes);
    counters.add("evaluations-per-update-p50", stats.update_work.quantile(0.5));
    counters.add("evaluations-per-update-p99", stats.update_work.quantile(0.99));
    counters.add("evaluations-per-update-max", stats.update_work.max());
    counters.add("evaluations-per-query-max", stats.query_work.max());
    counters.add("recourse", stats.recourse);
    counters.add("turns", stats.turns);
}
