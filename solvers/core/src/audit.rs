//! A solver's claims beside what the independent checker found.

use fathom_opt_problems::{AnyProblem, Improvement, Sense, Verdict};
use serde::{Deserialize, Serialize};

use crate::registry::ErasedOutcome;
use crate::status::Status;

/// One claim that the checker refutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Claims that the checker could neither confirm nor refute, each as a sentence that says why.
    pub unconfirmed: Vec<String>,
}

/// What is known about an instance from elsewhere, in the class's objective.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BestKnown {
    /// The objective of a solution that exists.
    pub objective: Option<f64>,
    /// A bound on every solution's objective.
    pub bound: Option<f64>,
}

impl BestKnown {
    /// These figures, of an instance whose status is known by this word.
    pub fn new(objective: Option<f64>, bound: Option<f64>, status: Option<&str>) -> Self {
        Self { objective, bound: bound.or(objective.filter(|_| status == Some("optimal"))) }
    }
}

impl Audit {
    /// Checks `outcome` against `problem`'s data, and against what is `known` about the instance.
    ///
    /// A status or a bound that any finding of the verdict contradicts is refuted: a violation, a better solution, an improving move.
    pub fn of(problem: &dyn AnyProblem, outcome: &ErasedOutcome, known: BestKnown) -> Self {
        let mut claims = Claims { outcome, refuted: Vec::new(), unconfirmed: Vec::new() };
        let verdict = match &outcome.solution {
            None => None,
            Some(solution) => match problem.check_any(solution) {
                Ok(verdict) => Some(verdict),
                Err(error) => {
                    claims.refute("a solution of the instance", error.to_string());
                    None
                }
            },
        };
        match &verdict {
            Some(verdict) => {
                claims.against_requirements(verdict);
                claims.against_properties(verdict);
            }
            None if outcome.solution.is_none() => claims.against_absence(),
            None => {}
        }
        match Criterion::of(problem, outcome, verdict.as_ref()) {
            Some(criterion) => {
                if let Some(verdict) = &verdict {
                    claims.against_value(&criterion);
                    claims.against_improvements(&criterion, verdict);
                }
                claims.against_bound(&criterion, if criterion.is_objective { known } else { BestKnown::default() });
            }
            None => claims.refute(
                format!("criterion {}", outcome.criterion.as_deref().unwrap_or("objective")),
                "the checker has no such measure".into(),
            ),
        }
        Self { verdict, refuted: claims.refuted, unconfirmed: claims.unconfirmed }
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

/// What status, objective and bound speak of: the class's objective or another measure of its checker.
struct Criterion<'a> {
    name: Option<&'a str>,
    is_objective: bool,
    sense: Sense,
    tolerance: f64,
    /// Differences are measured against at least this magnitude.
    scale: f64,
    /// The value that the checker found.
    found: Option<f64>,
    /// The same, if the solution meets every requirement.
    attained: Option<f64>,
}

impl<'a> Criterion<'a> {
    /// `None` when the checker has no such measure.
    fn of(problem: &dyn AnyProblem, outcome: &'a ErasedOutcome, verdict: Option<&'a Verdict>) -> Option<Self> {
        let objective = verdict.and_then(|verdict| verdict.objective.as_ref());
        let named = outcome.criterion.as_deref();
        let measure = named.and_then(|name| problem.criteria().into_iter().find(|criterion| criterion.name == name));
        let (is_objective, sense, tolerance, found) = match (named, measure) {
            (Some(name), Some(measure)) => (false, measure.sense, measure.tolerance, verdict.and_then(|verdict| verdict.measure(name))),
            // Without a verdict nobody knows what the objective's name is.
            (Some(name), None) if objective.is_some_and(|objective| objective.name != name) => return None,
            _ => (true, problem.sense(), problem.objective_tolerance(), objective.map(|objective| objective.value)),
        };
        let scale = problem.objective_scale(outcome.solution.as_ref().filter(|_| verdict.is_some()));
        // A scale that is no number would excuse every difference.
        let scale = if scale.is_finite() { scale } else { 0.0 };
        let attained = found.filter(|_| verdict.is_some_and(Verdict::holds));
        Some(Self { name: named.filter(|_| !is_objective), is_objective, sense, tolerance, scale, found, attained })
    }

    fn word(&self) -> &str {
        self.name.unwrap_or("objective")
    }

    fn equal(&self, a: f64, b: f64) -> bool {
        // Equal infinities differ by NaN.
        a == b || (a - b).abs() <= self.tolerance * a.abs().max(b.abs()).max(self.scale)
    }

    /// Whether `a` is better than `b` beyond the tolerance.
    fn beats(&self, a: f64, b: f64) -> bool {
        self.sense.advantage(a, b) > 0.0 && !self.equal(a, b)
    }

    fn side(&self) -> &'static str {
        match self.sense {
            Sense::Minimize => "lower",
            Sense::Maximize => "upper",
        }
    }

    fn is_of(&self, improvement: &Improvement, verdict: &Verdict) -> bool {
        match improvement.criterion.as_deref() {
            None => self.is_objective,
            Some(name) if self.is_objective => verdict.objective.as_ref().is_some_and(|objective| objective.name == name),
            Some(name) => self.name == Some(name),
        }
    }
}

/// The claims of an outcome, and those that were refuted.
struct Claims<'a> {
    outcome: &'a ErasedOutcome,
    refuted: Vec<Refuted>,
    unconfirmed: Vec<String>,
}

impl Claims<'_> {
    fn refute(&mut self, claim: impl Into<String>, found: String) {
        self.refuted.push(Refuted { claim: claim.into(), found });
    }

    fn refute_status(&mut self, found: String) {
        self.refute(format!("status {}", self.outcome.status), found);
    }

    /// What cannot be claimed of a solution that is not there.
    fn against_absence(&mut self) {
        let outcome = self.outcome;
        if outcome.status.claims_feasibility() {
            self.refute_status("no solution".into());
        }
        if let Some(objective) = outcome.objective {
            self.refute(format!("objective {objective}"), "no solution".into());
        }
        for name in &outcome.promised {
            self.refute(name.as_str(), "no solution".into());
        }
    }

    /// The status against requirements that are broken, or that are met although it says that they cannot be.
    fn against_requirements(&mut self, verdict: &Verdict) {
        let outcome = self.outcome;
        match outcome.status {
            Status::Optimal | Status::LocallyOptimal | Status::Feasible => {
                for violation in &verdict.violations {
                    self.refute_status(format!("{}: {} broken by {:e}", violation.place, violation.what, violation.amount));
                }
                self.unconfirmed.extend(verdict.unchecked.iter().map(|why| format!("status {}: not checked: {why}", outcome.status)));
            }
            Status::Infeasible | Status::LocallyInfeasible => {
                let has = |name: &String| verdict.property(name).and_then(|property| property.holds) == Some(true);
                if verdict.holds() && outcome.sought.iter().all(has) {
                    self.refute_status("this solution meets every requirement".into());
                }
            }
            Status::Unbounded | Status::Diverging | Status::Limit(_) | Status::Interrupted | Status::Failed(_) => {}
        }
    }

    fn against_properties(&mut self, verdict: &Verdict) {
        for name in &self.outcome.promised {
            match verdict.property(name) {
                Some(property) if property.holds == Some(false) => {
                    let witness = property.witness.as_ref().map_or_else(String::new, |witness| format!(": {}", witness.text));
                    self.refute(name.as_str(), format!("it fails{witness}"));
                }
                Some(property) if property.holds.is_none() => {
                    let why = property.witness.as_ref().map_or("undecided", |witness| &witness.text);
                    self.unconfirmed.push(format!("{name}: {why}"));
                }
                Some(_) => {}
                None => self.refute(name.as_str(), "the checker knows no such property".into()),
            }
        }
    }

    fn against_value(&mut self, criterion: &Criterion<'_>) {
        let Some(claimed) = self.outcome.objective else { return };
        match criterion.found {
            Some(found) if criterion.equal(claimed, found) => {}
            Some(found) => self.refute(format!("{} {claimed}", criterion.word()), format!("{} {found}", criterion.word())),
            None => self.refute(format!("{} {claimed}", criterion.word()), "the checker finds no value".into()),
        }
    }

    /// Optimality, local optimality and the bound against what the checker found to be better.
    fn against_improvements(&mut self, criterion: &Criterion<'_>, verdict: &Verdict) {
        let outcome = self.outcome;
        for improvement in verdict.improvements.iter().filter(|improvement| criterion.is_of(improvement, verdict)) {
            let value = improvement.value.map_or_else(String::new, |value| format!(" with {} {value}", criterion.word()));
            let found = || format!("there is a better solution{value}: {}", improvement.witness.text);
            let refuted = match outcome.status {
                Status::Optimal => true,
                Status::LocallyOptimal => improvement.nearby,
                _ => false,
            };
            if refuted {
                self.refute_status(found());
            }
            if let (Some(bound), Some(value)) = (outcome.bound, improvement.value)
                && criterion.beats(value, bound)
            {
                self.refute(format!("{} bound {bound}", criterion.side()), found());
            }
        }
    }

    /// The bound against values that are attained, optimality against the bound and what is known, infeasibility against what is known.
    fn against_bound(&mut self, criterion: &Criterion<'_>, known: BestKnown) {
        let outcome = self.outcome;
        let (side, word) = (criterion.side(), criterion.word());
        if let Some(bound) = outcome.bound {
            if bound.is_nan() {
                self.refute(format!("{side} bound {bound}"), "no number".into());
            }
            for (value, source) in [(criterion.attained, "this solution has"), (known.objective, "a known solution has")] {
                if let Some(value) = value.filter(|&value| criterion.beats(value, bound)) {
                    self.refute(format!("{side} bound {bound}"), format!("{source} {word} {value}"));
                }
            }
        }
        match (&outcome.status, criterion.attained, known.objective) {
            (Status::Optimal, Some(own), known) => {
                if let Some(known) = known.filter(|&known| criterion.beats(known, own)) {
                    self.refute_status(format!("a known solution has {word} {known}, this one {own}"));
                }
                if let Some(bound) = outcome.bound.filter(|&bound| criterion.beats(bound, own)) {
                    self.refute_status(format!("{word} {own} is short of the bound {bound}"));
                }
            }
            // What is known may well be without the properties that were sought.
            (Status::Infeasible, _, Some(known)) if outcome.sought.is_empty() => {
                self.refute_status(format!("a known solution has {word} {known}"));
            }
            (Status::Unbounded, ..) => {
                if let Some(bound) = outcome.bound.filter(|bound| bound.is_finite()) {
                    self.refute_status(format!("it claims the {side} bound {bound}"));
                } else if let Some(bound) = known.bound {
                    self.refute_status(format!("every solution is known to have {word} {bound} at best"));
                }
            }
            _ => {}
        }
    }
}
