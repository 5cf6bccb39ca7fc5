//! What every solver is asked, in one place, whatever the way in.

use std::sync::atomic::{AtomicUsize, Ordering};

use fathom_opt_core::{OptionError, Outcome, Registry, Run, SolveError, Solver, Status, WarmStart};
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use fathom_opt_problems::{Malformed, Place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

/// How often each question was put; every test has a solver of its own.
static VALIDATED: AtomicUsize = AtomicUsize::new(0);
static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

/// Gives everything to one agent.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Favourite {
    agent: usize,
}

impl Solver<FairDivision> for Favourite {
    const NAME: &'static str = "favourite";
    const SUMMARY: &'static str = "everything to one agent";

    fn validate(&self) -> Result<(), OptionError> {
        VALIDATED.fetch_add(1, Ordering::SeqCst);
        if self.agent > 9 { Err(OptionError::new("agent", self.agent, "at most 9")) } else { Ok(()) }
    }

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        ACCEPTED.fetch_add(1, Ordering::SeqCst);
        if self.agent < problem.agents() {
            Ok(())
        } else {
            Err(SolveError::Unsupported { solver: Self::NAME, why: format!("there is no agent {}", self.agent) })
        }
    }

    fn solve_accepted(&self, problem: &FairDivision, _: &Run) -> Result<Outcome<Allocation>, SolveError> {
        Ok(Outcome::new(Status::Feasible).with_solution(Allocation::new(vec![self.agent; problem.items()]), None))
    }
}

/// Returns what it starts from.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Echo {}

impl WarmStart<FairDivision> for Echo {
    fn accepts_start(&self, _: &FairDivision, start: &Allocation) -> Result<(), SolveError> {
        match start.owner.first() {
            Some(1) => Err(SolveError::Start(Malformed::new(Place::root().field("owner").index(0), "agent 1", "agent 0"))),
            _ => Ok(()),
        }
    }
}

impl Solver<FairDivision> for Echo {
    const NAME: &'static str = "echo";
    const SUMMARY: &'static str = "returns its start";

    fn warm_start(&self) -> Option<&dyn WarmStart<FairDivision>> {
        Some(self)
    }

    fn solve_accepted(&self, _: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let mut outcome = Outcome::new(Status::Feasible);
        outcome.solution = run.start::<Allocation>().cloned();
        Ok(outcome)
    }
}

fn problem() -> FairDivision {
    FairDivision::new(vec![vec![5, 3], vec![4, 4]]).unwrap()
}

#[test]
fn every_way_in_asks_for_valid_options_and_an_accepted_instance_once() {
    let problem = problem();
    let count = || (VALIDATED.swap(0, Ordering::SeqCst), ACCEPTED.swap(0, Ordering::SeqCst));
    let mut registry = Registry::new();
    registry.add::<FairDivision, Favourite>();
    count();

    assert!(Favourite { agent: 1 }.solve(&problem, &Run::default()).is_ok());
    assert_eq!(count(), (1, 1));
    assert!(matches!(Favourite { agent: 12 }.solve(&problem, &Run::default()), Err(SolveError::Option(_))));
    assert_eq!(count(), (1, 0), "an invalid solver is not asked about instances");
    assert!(matches!(Favourite { agent: 2 }.solve(&problem, &Run::default()), Err(SolveError::Unsupported { .. })));
    assert_eq!(count(), (1, 1));

    let entry = registry.find("fair-division", None).unwrap();
    let options = |agent: usize| Map::from_iter([("agent".to_owned(), json!(agent))]);
    assert!(matches!(entry.configure(&options(12)), Err(SolveError::Option(_))), "out of range is known without an instance");
    let solver = entry.configure(&options(2)).unwrap();
    count();
    assert!(matches!(solver.accepts(&problem), Err(SolveError::Unsupported { .. })));
    assert_eq!(count(), (1, 1));
    assert!(matches!(solver.solve(&problem, &Run::default()), Err(SolveError::Unsupported { .. })));
    assert_eq!(count(), (1, 1));
}

#[test]
fn a_start_reaches_a_solver_that_can_use_it_and_is_refused_by_others() {
    let problem = problem();
    let start = Allocation::new(vec![0, 1]);
    let run = Run::default().with_start(start.clone());
    assert_eq!(Echo::default().solve(&problem, &run).unwrap().solution, Some(start));
    let refused = Favourite::default().solve(&problem, &run).unwrap_err();
    assert_eq!(refused.to_string(), "favourite cannot start from a given solution");
    assert!(Favourite::default().solve(&problem, &run.without_start()).is_ok());

    let mut registry = Registry::new();
    registry.add::<FairDivision, Favourite>();
    registry.add::<FairDivision, Echo>();
    let capable: Vec<(&str, bool)> = registry.entries().map(|entry| (entry.name(), entry.has_warm_start())).collect();
    assert_eq!(capable, [("favourite", false), ("echo", true)]);
    let echo = registry.find("fair-division", Some("echo")).unwrap().configure(&Map::new()).unwrap();
    assert!(echo.has_warm_start());
    assert!(echo.solve(&problem, &run).unwrap().solution.is_some());
}

#[test]
fn a_bad_start_is_an_error_that_says_what_is_bad() {
    let problem = problem();
    let from = |owner: Vec<usize>| Echo::default().solve(&problem, &Run::default().with_start(Allocation::new(owner)));
    assert_eq!(
        from(vec![0]).unwrap_err().to_string(),
        "the start: owner[1]: found no owner of item 1, which is unassigned, expected an owner for each item"
    );
    assert!(matches!(from(vec![0, 7]), Err(SolveError::Start(_))));
    assert_eq!(
        from(vec![1, 0]).unwrap_err().to_string(),
        "the start: owner[0]: found agent 1, expected agent 0",
        "the method's own condition"
    );
    let other = Echo::default().solve(&problem, &Run::default().with_start(vec![0, 1]));
    assert!(other.unwrap_err().to_string().contains("a solution of another class"));
}

#[test]
fn a_status_is_read_back_from_its_words() {
    let reason = "it broke".to_owned();
    let mut all = vec![
        Status::Optimal,
        Status::LocallyOptimal,
        Status::Feasible,
        Status::Infeasible,
        Status::Unbounded,
        Status::LocallyInfeasible,
        Status::Diverging,
        Status::Interrupted,
        Status::Failed(reason),
    ];
    all.extend(fathom_opt_core::Limit::ALL.map(Status::Limit));
    for status in all {
        assert_eq!(Status::of_words(status.name(), status.detail().as_deref()), Some(status));
    }
    assert_eq!(Status::of_words("splendid", None), None);
    assert_eq!(Status::of_words("limit", Some("patience")), None);
}
