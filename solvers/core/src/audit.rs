//! A solver's claims beside what the independent checker found.

use fathom_opt_problems::{AnyProblem, Sense, Verdict};

use crate::registry::ErasedOutcome;
use crate::status::Status;

/// One claim that the checker refutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Refuted {
    /// What was claimed.
    pub claim: String,
    /// What was found.
    pub found: String,
}

/// The checker's verdict on an outcome, and every claim of the outcome that it refutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The verdict, when there is a solution that could be checked.
    pub verdict: Option<Verdict>,
    /// Refuted claims; empty for an honest outcome.
    pub refuted: Vec<Refuted>,
}

impl Audit {
    /// Checks `outcome` against `problem`'s data, and against `known`, the best objective known for the instance (of a solution that exists), if any.
    pub fn of(problem: &dyn AnyProblem, outcome: &ErasedOutcome, known: Option<f64>) -> Self {
        let mut refuted = Vec::new();
        let verdict = match &outcome.solution {
            None => None,
            Some(solution) => match problem.check_any(solution) {
                Ok(verdict) => Some(verdict),
                Err(error) => {
                    refuted.push(Refuted { claim: "a solution of the instance".into(), found: error.to_string() });
                    None
                }
            },
        };
        let claims = Claims { problem, outcome, known };
        if let Some(verdict) = &verdict {
            claims.against_verdict(verdict, &mut refuted);
        } else if outcome.status.claims_feasibility() && outcome.solution.is_none() {
            refuted.push(Refuted { claim: format!("status {}", outcome.status), found: "no solution".into() });
        }
        claims.against_bounds(verdict.as_ref(), &mut refuted);
        Self { verdict, refuted }
    }

    /// Whether every claim stands.
    pub fn honest(&self) -> bool {
        self.refuted.is_empty()
    }

    /// Whether there is a solution that breaks nothing which could be checked, but not everything could.
    pub fn only_unchecked(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.violations.is_empty() && !verdict.unchecked.is_empty())
    }

    /// Whether there is a solution and it meets every requirement.
    pub fn solution_holds(&self) -> bool {
        self.verdict.as_ref().is_some_and(Verdict::holds)
    }
}

struct Claims<'a> {
    problem: &'a dyn AnyProblem,
    outcome: &'a ErasedOutcome,
    known: Option<f64>,
}

impl Claims<'_> {
    /// Status, objective and promised properties.
    fn against_verdict(&self, verdict: &Verdict, refuted: &mut Vec<Refuted>) {
        let outcome = self.outcome;
        if outcome.status.claims_feasibility() {
            for violation in &verdict.violations {
                refuted.push(Refuted {
                    claim: format!("status {}", outcome.status),
                    found: format!("{}: {} broken by {:e}", violation.place, violation.what, violation.amount),
                });
            }
        }
        if let (Some(claimed), Some(found)) = (outcome.objective, &verdict.objective)
            && !self.equal(claimed, found.value)
        {
            refuted.push(Refuted { claim: format!("objective {claimed}"), found: format!("{} {}", found.name, found.value) });
        }
        for name in &outcome.promised {
            match verdict.property(name) {
                Some(property) if property.holds == Some(false) => {
                    let witness = property.witness.as_ref().map_or_else(String::new, |witness| format!(": {}", witness.text));
                    refuted.push(Refuted { claim: name.clone(), found: format!("it fails{witness}") });
                }
                Some(_) => {}
                None => refuted.push(Refuted { claim: name.clone(), found: "the checker knows no such property".into() }),
            }
        }
    }

    /// The bound against objectives that exist, optimality against the bound and what is known, infeasibility against what is known.
    fn against_bounds(&self, verdict: Option<&Verdict>, refuted: &mut Vec<Refuted>) {
        let outcome = self.outcome;
        let sense = self.problem.sense();
        let beats = |a: f64, b: f64| sense.advantage(a, b) > 0.0 && !self.equal(a, b);
        let attained = verdict.filter(|verdict| verdict.holds()).and_then(|verdict| verdict.objective.as_ref()).map(|found| found.value);
        let side = match sense {
            Sense::Minimize => "lower",
            Sense::Maximize => "upper",
        };
        if let Some(bound) = outcome.bound {
            for (value, source) in [(attained, "this solution has"), (self.known, "a known solution has")] {
                if let Some(value) = value.filter(|&value| beats(value, bound)) {
                    refuted.push(Refuted { claim: format!("{side} bound {bound}"), found: format!("{source} objective {value}") });
                }
            }
        }
        if outcome.status == Status::Optimal {
            if let (Some(own), Some(known)) = (attained, self.known.filter(|_| outcome.solution.is_some()))
                && beats(known, own)
            {
                refuted.push(Refuted {
                    claim: "status optimal".into(),
                    found: format!("a known solution has objective {known}, this one {own}"),
                });
            }
            if let (Some(own), Some(bound)) = (attained, outcome.bound)
                && beats(bound, own)
            {
                refuted.push(Refuted { claim: "status optimal".into(), found: format!("objective {own} is short of the bound {bound}") });
            }
        }
        // What is known may well be without the properties that were sought.
        if outcome.status == Status::Infeasible
            && outcome.sought.is_empty()
            && let Some(known) = self.known
        {
            refuted.push(Refuted { claim: "status infeasible".into(), found: format!("a known solution has objective {known}") });
        }
    }

    fn equal(&self, a: f64, b: f64) -> bool {
        // Equal infinities differ by NaN.
        a == b || (a - b).abs() <= self.problem.objective_tolerance() * a.abs().max(b.abs()).max(1.0)
    }
}
