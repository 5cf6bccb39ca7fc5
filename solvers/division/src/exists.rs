//! Does an allocation with certain properties exist?

use fathom_opt_core::{OptionError, Outcome, Registry, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::existence::{Existence, Question, entitlements};
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Is there an allocation that has all of these properties at once?
///
/// Answers with an allocation, or with the status `infeasible` after a finished search over all allocations, in which identical items and identical agents
/// are exchanged for free. Made for small instances: the search is exponential.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Exists {
    /// The properties, by the names that verdicts use: `["EF1", "PO"]`.
    pub notions: Vec<Notion>,
}

impl Default for Exists {
    fn default() -> Self {
        Self { notions: vec![Notion::Efx] }
    }
}

impl Solver<FairDivision> for Exists {
    const NAME: &'static str = "exists";
    const SUMMARY: &'static str = "an allocation with all of the notions asked for, or a proof that there is none";

    fn validate(&self) -> Result<(), OptionError> {
        if self.notions.is_empty() {
            return Err(OptionError::new("notions", "none", "at least one, such as [\"EFX\"]"));
        }
        Ok(())
    }

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        if let Some(notion) = self.notions.iter().find(|notion| notion.is_weighted() && problem.entitlements().is_none()) {
            let why = format!("it has no entitlements, of which {} speaks", notion.name());
            return Err(SolveError::Unsupported { solver: Self::NAME, why });
        }
        Valuations::searchable(problem, Self::NAME).map(|_| ())
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::searchable(problem, Self::NAME)?;
        let mut meter = WorkMeter::new(run);
        let entitlements = entitlements(problem);
        let existence = Question { valuations: &valuations, notions: &self.notions, entitlements: &entitlements }.answer(&mut meter);
        let names: Vec<&str> = self.notions.iter().map(|notion| notion.name()).collect();
        let mut result = match existence {
            Existence::Exists(owner) => outcome(problem, owner, &self.notions),
            Existence::None => {
                let mut none = Outcome::new(Status::Infeasible);
                none.notes.push(format!("no allocation is {}: the search was finished", names.join(" and ")));
                none
            }
            Existence::Unknown => Outcome::new(meter.stopped().unwrap_or(Status::Interrupted)),
        };
        if result.solution.is_none() {
            result.sought = names.iter().map(ToString::to_string).collect();
        }
        result.counters = meter.counters;
        Ok(result)
    }
}

/// Refuses the names of the solvers that `exists` took the place of, each with what to write instead.
pub(crate) fn refuse_old_names(registry: &mut Registry) {
    let renamed = [
        ("exists-ef", r#"`exists` with notions=["EF"]"#),
        ("exists-efx", r#"`exists` with notions=["EFX"]"#),
        ("exists-efx-po", r#"`exists` with notions=["EFX","PO"]"#),
        ("exists-ef1-po", r#"`exists` with notions=["EF1","PO"]"#),
        ("exists-ef1-fpo", r#"`exists` with notions=["EF1","fPO"]"#),
        ("exists-mms", r#"`exists` with notions=["MMS"]"#),
        ("exists-prop", r#"`exists` with notions=["PROP"]"#),
        ("exists-propx", r#"`exists` with notions=["PROPx"]"#),
        ("exists-propm", r#"`exists` with notions=["PROPm"]"#),
        ("exists-efx0", r#"`exists` with notions=["EFX_0"]"#),
        ("exists-efx3", r#"`exists` with notions=["EFX^3"]"#),
        ("exists-ef13-po", r#"`exists` with notions=["EF1^3","PO"]"#),
    ];
    for (old, now) in renamed {
        registry.rename::<FairDivision>(old, now);
    }
}
