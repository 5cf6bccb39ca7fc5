//! Solvers that do what no solver should: the harness has to record each and go on.

use std::fs::OpenOptions;
use std::io::Write;
use std::thread;
use std::time::Duration;

use fathom_opt_core::{Outcome, Registry, Run, SolveError, Solver, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The environment variable that names the file in which [`Sleeper`] logs its starts.
pub const LOG: &str = "FATHOM_TEST_LOG";

/// Adds every solver of this module.
pub fn register(registry: &mut Registry) {
    registry.add::<FairDivision, Glutton>();
    registry.add::<FairDivision, Hanger>();
    registry.add::<FairDivision, Aborter>();
    registry.add::<FairDivision, Panicker>();
    registry.add::<FairDivision, Chatterbox>();
    registry.add::<FairDivision, Quitter>();
    registry.add::<FairDivision, Liar>();
    registry.add::<FairDivision, Picky>();
    registry.add::<FairDivision, Sleeper>();
}

type Answer = Result<Outcome<Allocation>, SolveError>;

/// Everything to agent 0.
fn everything(problem: &FairDivision) -> Allocation {
    Allocation::new(vec![0; problem.items()])
}

macro_rules! hostile {
    ($(#[$doc:meta])* $name:ident, $word:literal, |$problem:ident| $body:expr) => {
        $(#[$doc])*
        #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {}

        impl Solver<FairDivision> for $name {
            const NAME: &'static str = $word;
            const SUMMARY: &'static str = concat!("hostile: ", $word);

            fn solve_accepted(&self, $problem: &FairDivision, _: &Run) -> Answer {
                $body
            }
        }
    };
}

hostile!(
    /// Allocates without bound.
    Glutton,
    "glutton",
    |_problem| {
        let mut held = Vec::new();
        loop {
            held.push(vec![1_u8; 1 << 20]);
            if held.len() == usize::MAX {
                return Ok(Outcome::new(Status::Failed("never satisfied".into())));
            }
        }
    }
);

hostile!(
    /// Never returns and never asks whether it should stop.
    Hanger,
    "hanger",
    |_problem| loop {
        thread::sleep(Duration::from_secs(3600));
    }
);

hostile!(
    /// Aborts its process.
    Aborter,
    "aborter",
    |_problem| {
        eprintln!("the last words of aborter");
        std::process::abort()
    }
);

hostile!(
    /// Panics.
    Panicker,
    "panicker",
    |_problem| std::panic::panic_any("nobody expected this".to_owned())
);

hostile!(
    /// Writes to the output that is the harness's, and then answers properly.
    Chatterbox,
    "chatterbox",
    |problem| {
        print!("an unfinished line, then {{\"fathom-worker\":");
        for _ in 0..10_000 {
            eprintln!("talk talk talk");
        }
        Ok(Outcome::new(Status::Feasible).with_solution(everything(problem), None))
    }
);

hostile!(
    /// Ends its process as if all were well.
    Quitter,
    "quitter",
    |_problem| std::process::exit(0)
);

hostile!(
    /// Claims an objective and a property that its solution does not have.
    Liar,
    "liar",
    |problem| {
        let solution = everything(problem);
        let truth = problem.check(&solution)?.objective.map_or(0.0, |objective| objective.value);
        let mut outcome = Outcome::new(Status::Optimal).with_solution(solution, Some(truth + 1000.0));
        outcome.bound = Some(truth + 1000.0);
        Ok(outcome)
    }
);

/// Takes no instance.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Picky {}

impl Solver<FairDivision> for Picky {
    const NAME: &'static str = "picky";
    const SUMMARY: &'static str = "takes no instance";

    fn accepts(&self, _: &FairDivision) -> Result<(), SolveError> {
        Err(SolveError::Unsupported { solver: Self::NAME, why: "nothing is good enough".into() })
    }

    fn solve_accepted(&self, _: &FairDivision, _: &Run) -> Answer {
        Ok(Outcome::new(Status::Failed("it was not asked whether it accepts".into())))
    }
}

/// Sleeps, then gives everything to agent 0. Logs each start as a line `items seed`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sleeper {
    /// How long to sleep.
    pub milliseconds: u64,
}

impl Solver<FairDivision> for Sleeper {
    const NAME: &'static str = "sleeper";
    const SUMMARY: &'static str = "sleeps, then gives everything to agent 0";

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Answer {
        if let Some(path) = std::env::var_os(LOG) {
            let logged = OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .and_then(|mut log| log.write_all(format!("{} {}\n", problem.items(), run.seed()).as_bytes()));
            if let Err(error) = logged {
                return Ok(Outcome::new(Status::Failed(error.to_string())));
            }
        }
        thread::sleep(Duration::from_millis(self.milliseconds));
        Ok(Outcome::new(Status::Feasible).with_solution(everything(problem), None))
    }
}
