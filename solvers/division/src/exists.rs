//! One solver per question: does an allocation with these properties exist?

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::existence::{Existence, Question};
use crate::valuations::Valuations;
use crate::watch::Watch;

fn answer(problem: &FairDivision, run: &Run, solver: &'static str, notions: &[Notion]) -> Result<Outcome<Allocation>, SolveError> {
    let valuations = Valuations::searchable(problem, solver)?;
    let mut watch = Watch::new(run);
    let existence = Question { valuations: &valuations, notions }.answer(&mut watch);
    let stopped = watch.stopped();
    let names: Vec<&str> = notions.iter().map(|notion| notion.name()).collect();
    let mut result = match existence {
        Existence::Exists(owner) => outcome(problem, owner, notions),
        Existence::None => {
            let mut none = Outcome::new(Status::Infeasible);
            none.sought = names.iter().map(ToString::to_string).collect();
            none.notes.push(format!("no allocation is {}: the search was finished", names.join(" and ")));
            none
        }
        Existence::Unknown => Outcome::new(stopped.unwrap_or(Status::Interrupted)),
    };
    result.counters = watch.counters;
    Ok(result)
}

macro_rules! questions {
    ($($(#[$documentation:meta])* $solver:ident, $name:literal, $summary:literal, [$($notion:ident),+];)+) => {
        $(
            $(#[$documentation])*
            ///
            /// Answers with an allocation, or with the status `infeasible` after a finished search over all allocations, in which identical items and
            /// identical agents are exchanged for free. Made for small instances: the search is exponential.
            #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields, default)]
            pub struct $solver {}

            impl Solver<FairDivision> for $solver {
                const NAME: &'static str = $name;
                const SUMMARY: &'static str = $summary;

                fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
                    Valuations::searchable(problem, Self::NAME).map(|_| ())
                }

                fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
                    answer(problem, run, Self::NAME, &[$(Notion::$notion),+])
                }
            }
        )+

        /// Adds the solvers of this module to `registry`.
        pub(crate) fn register(registry: &mut fathom_opt_core::Registry) {
            $(registry.add::<FairDivision, $solver>();)+
        }
    };
}

questions! {
    /// Is there an allocation that is EFX?
    ExistsEfx, "exists-efx", "an EFX allocation, or a proof that there is none", [Efx];
    /// Is there an allocation that is EFX and Pareto optimal?
    ExistsEfxPo, "exists-efx-po", "an EFX and Pareto optimal allocation, or a proof that there is none", [Efx, Po];
    /// Is there an allocation that is EF1 and Pareto optimal?
    ExistsEf1Po, "exists-ef1-po", "an EF1 and Pareto optimal allocation, or a proof that there is none", [Ef1, Po];
    /// Is there an allocation that is EF1 and fractionally Pareto optimal?
    ExistsEf1Fpo, "exists-ef1-fpo", "an EF1 and fractionally Pareto optimal allocation, or a proof that there is none", [Ef1, Fpo];
    /// Is there an allocation that gives every agent its maximin share?
    ExistsMms, "exists-mms", "an allocation with everybody's maximin share, or a proof that there is none", [Mms];
    /// Is there an envy-free allocation?
    ExistsEf, "exists-ef", "an envy-free allocation, or a proof that there is none", [Ef];
    /// Is there a proportional allocation?
    ExistsProp, "exists-prop", "a proportional allocation, or a proof that there is none", [Prop];
    /// Is there a `PROPx` allocation?
    ExistsPropx, "exists-propx", "a PROPx allocation, or a proof that there is none", [PropX];
    /// Is there a `PROPm` allocation?
    ExistsPropm, "exists-propm", "a PROPm allocation, or a proof that there is none", [PropM];
    /// Is there an allocation that is `EFX_0`, zeros counting on both sides?
    ExistsEfx0, "exists-efx0", "an EFX_0 allocation, or a proof that there is none", [Efx0];
    /// Is there an allocation that is EFX^3?
    ExistsEfxThree, "exists-efx3", "an EFX^3 allocation, or a proof that there is none", [EfxThree];
    /// Is there an allocation that is EF1^3 and Pareto optimal?
    ExistsEf1ThreePo, "exists-ef13-po", "an EF1^3 and Pareto optimal allocation, or a proof that there is none", [Ef1Three, Po];
}
