//! Serving a bandit with replenishable knapsacks: rounds come, choices go out, outcomes come back.

use fathom_opt_core::{OnlineAlgorithm, Run, SolveError, Solver};
use fathom_opt_problems::Problem;
use fathom_opt_problems::replenishable_bandit::stream::{Feedback, Header, Round};
use fathom_opt_problems::replenishable_bandit::{Outcome, ReplenishableBandit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Played, json_fault, write};
use super::service::{Fault, Mismatch, Service};
use super::session::Step;
use crate::replenishable::{BudgetFrame, Choice, FeedbackMode, PrimalDual, PrimalDualMachine, PrimalDualState, RegretMeter, RoundFeedback};

/// Primal-dual learning, one round at a time.
pub(super) struct BanditService {
    solver: PrimalDual,
    stream: Option<Stream>,
}

/// What exists once the header has come.
struct Stream {
    frame: BudgetFrame,
    machine: PrimalDualMachine,
    /// Runs where the outcomes of all actions are seen.
    meter: Option<RegretMeter>,
    /// The last round that was decided.
    last: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    last: Option<u64>,
    machine: PrimalDualState,
    meter: Option<RegretMeter>,
}

/// A round, its outcome, or both.
#[derive(Deserialize)]
struct Line {
    #[serde(alias = "t")]
    id: u64,
    #[serde(default, alias = "rewards")]
    f: Option<Vec<f64>>,
    #[serde(default, alias = "consumption")]
    c: Option<Vec<Vec<f64>>>,
    #[serde(default)]
    feedback: Option<Feedback>,
}

/// An answer in a decision log.
#[derive(Deserialize)]
struct Logged {
    id: Option<u64>,
    action: Option<usize>,
    forced: Option<bool>,
    feedback: Option<Feedback>,
    error: Option<String>,
}

impl BanditService {
    pub const NAME: &'static str = <PrimalDual as Solver<ReplenishableBandit>>::NAME;
    pub const SUMMARY: &'static str = <PrimalDual as Solver<ReplenishableBandit>>::SUMMARY;

    pub fn configure(options: &Map<String, Value>) -> Result<Self, SolveError> {
        let solver: PrimalDual =
            serde_json::from_value(Value::Object(options.clone())).map_err(|error| SolveError::Options(error.to_string()))?;
        solver.validate()?;
        Ok(Self { solver, stream: None })
    }
}

impl Stream {
    fn decide(&mut self, id: u64) -> Result<Choice, String> {
        if let (Some(_), Some(open)) = (self.machine.awaiting(), self.last) {
            return Err(format!("found round {id}, expected the outcome of round {open} first: {{\"id\":{open},\"feedback\":{{...}}}}"));
        }
        if let Some(last) = self.last.filter(|&last| id <= last) {
            return Err(format!("id: found {id}, expected an id above {last}, the one before it (a duplicate, or out of order)"));
        }
        if self.machine.ledger().rounds >= self.frame.rounds {
            return Err(format!("found a round after all {} that the header announces", self.frame.rounds));
        }
        self.last = Some(id);
        Ok(self.machine.decide(&id))
    }

    /// The outcome of the open round, taken in; and as much of it as the learner may see.
    fn observe(&mut self, id: u64, feedback: Feedback, mode: FeedbackMode) -> Result<Feedback, String> {
        let Some(choice) = self.machine.awaiting().filter(|_| self.last == Some(id)) else {
            return Err(match (self.machine.awaiting(), self.last) {
                (Some(_), Some(open)) => format!("found the outcome of round {id}, expected that of round {open}"),
                _ => format!("found the outcome of round {id}, which was not decided or is known already"),
            });
        };
        let (seen, kept) = self.seen(&choice, feedback, mode)?;
        if mode == FeedbackMode::Full {
            self.meter.get_or_insert_default().add(&seen.all);
        }
        self.machine.observe(&seen);
        Ok(kept)
    }

    fn seen(&self, choice: &Choice, feedback: Feedback, mode: FeedbackMode) -> Result<(RoundFeedback, Feedback), String> {
        let void = || Outcome { reward: 0.0, consumption: vec![-self.frame.replenishment; self.frame.resources] };
        match (feedback, mode) {
            (Feedback::All { f, c }, mode) => {
                let round = Round { id: 0, rewards: f, consumption: c };
                round.validate(Some(self.frame.actions), Some(self.frame.resources), None).map_err(|fault| fault.to_string())?;
                let outcome = |action: usize| Outcome { reward: round.rewards[action], consumption: round.consumption[action].clone() };
                let played = choice.action.map_or_else(void, outcome);
                if mode == FeedbackMode::Full {
                    let all = (0..self.frame.actions).map(outcome).collect();
                    return Ok((RoundFeedback { played, all }, Feedback::All { f: round.rewards, c: round.consumption }));
                }
                let kept = Feedback::Played { f: played.reward, c: played.consumption.clone() };
                Ok((RoundFeedback { played, all: Vec::new() }, kept))
            }
            (Feedback::Played { .. }, FeedbackMode::Full) => {
                Err("feedback: found the outcome of one action, expected those of all (f: an array of rewards, c: an array of arrays)"
                    .into())
            }
            (Feedback::Played { f, c }, FeedbackMode::Bandit) => {
                if c.len() != self.frame.resources {
                    return Err(format!(
                        "feedback: found {} amounts in `c`, expected {} (one per resource)",
                        c.len(),
                        self.frame.resources
                    ));
                }
                // The void action earns nothing and consumes nothing.
                let (most_reward, most) = if choice.action.is_some() { (1.0, 1.0) } else { (0.0, 0.0) };
                if !(0.0..=most_reward).contains(&f) {
                    return Err(format!("feedback: found the reward {f}, expected 0 to {most_reward}"));
                }
                if let Some(amount) = c.iter().find(|amount| !(-1.0..=most).contains(*amount)) {
                    return Err(format!("feedback: found the consumption {amount}, expected -1 to {most}"));
                }
                let played = Outcome { reward: f, consumption: c.clone() };
                Ok((RoundFeedback { played, all: Vec::new() }, Feedback::Played { f, c }))
            }
        }
    }
}

impl Service for BanditService {
    fn algorithm(&self) -> &'static str {
        Self::NAME
    }

    fn options(&self) -> Value {
        json!(self.solver)
    }

    fn kind(&self) -> &'static str {
        ReplenishableBandit::KIND
    }

    fn example(&self) -> &'static str {
        "{\"stream\":1,\"kind\":\"replenishable-bandit\",\"rounds\":...,\"budget\":...,\"actions\":...,\"resources\":...}"
    }

    fn started(&self) -> bool {
        self.stream.is_some()
    }

    fn start(&mut self, header: &[u8], seed: u64, notes: &mut Vec<String>) -> Result<Map<String, Value>, String> {
        let header: Header = serde_json::from_slice(header).map_err(|error| json_fault("header", &error))?;
        header.validate().map_err(|fault| fault.to_string())?;
        let (Some(rounds), Some(actions), Some(resources)) = (header.rounds, header.actions, header.resources) else {
            return Err(
                "found a header without `rounds`, `actions` or `resources`, expected all three (they set the learning rates)".into()
            );
        };
        let frame = BudgetFrame { rounds, actions, resources, budget: header.budget, replenishment: header.replenishment };
        if header.replenishment == 0.0 && self.solver.replenishment.is_none() {
            notes.push("idling is not known to give anything back; with `replenishment` in the header the prices settle sooner".into());
        }
        self.stream = Some(Stream { frame, machine: self.solver.machine(frame, &Run::new(seed)), meter: None, last: None });
        let mut described = Map::new();
        described.insert("rounds".into(), json!(rounds));
        described.insert("budget".into(), json!(header.budget));
        described.insert("replenishment".into(), json!(header.replenishment));
        described.insert("actions".into(), json!(actions));
        described.insert("resources".into(), json!(resources));
        Ok(described)
    }

    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<Step, Fault>> {
        let stream = self.stream.as_mut()?;
        let Line { id, f, c, feedback } = serde_json::from_slice(line).ok()?;
        let mode = self.solver.feedback;
        let fault = |message: String| Some(Err(Fault::new(Some(id), message)));
        let outcome = match (feedback, f, c) {
            (Some(feedback), None, None) => {
                return match stream.observe(id, feedback, mode) {
                    Ok(kept) => {
                        write_played(stream, id, None, Some(&kept), out);
                        Some(Ok(Step::Continue))
                    }
                    Err(message) => fault(message),
                };
            }
            (None, Some(f), Some(c)) => Some(Feedback::All { f, c }),
            (None, None, None) => None,
            _ => return fault("found a part of an outcome, expected both `f` and `c`, or `feedback` alone, or neither".into()),
        };
        // The outcome stands in the same line, but is looked at only once the choice is made; a line at fault is refused before.
        if let Some(Feedback::All { f, c }) = &outcome {
            let round = Round { id, rewards: f.clone(), consumption: c.clone() };
            if let Err(found) = round.validate(Some(stream.frame.actions), Some(stream.frame.resources), None) {
                return fault(found.to_string());
            }
        }
        let choice = match stream.decide(id) {
            Ok(choice) => choice,
            Err(message) => return fault(message),
        };
        match outcome.map(|outcome| stream.observe(id, outcome, mode)).transpose() {
            Ok(kept) => write_played(stream, id, Some(choice), kept.as_ref(), out),
            Err(message) => return fault(message),
        }
        Some(Ok(Step::Continue))
    }

    fn fault(&self, line: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Part {
            #[serde(alias = "t")]
            id: Option<Value>,
        }
        let part: Option<Part> = serde_json::from_slice(line).ok();
        let id = part.and_then(|part| part.id).and_then(|id| id.as_u64());
        match serde_json::from_slice::<Line>(line) {
            Err(error) => Fault::new(id, json_fault("round", &error)),
            // It was tried before.
            Ok(_) => Fault::new(id, "found a round out of place"),
        }
    }

    fn report(&self) -> Map<String, Value> {
        let mut report = Map::new();
        let Some(stream) = &self.stream else { return report };
        let ledger = stream.machine.ledger();
        let reward = ledger.reward.value();
        let beta = self.solver.replenishment.unwrap_or(stream.frame.replenishment);
        let per_round = stream.frame.budget / stream.frame.rounds as f64;
        let benchmark = stream.meter.as_ref().map(|meter| meter.benchmark(per_round, stream.frame.replenishment));
        let figures = json!({
            "rounds": ledger.rounds,
            "idle": ledger.idle,
            "forced-idle": ledger.forced,
            "reward": reward,
            "budgets": ledger.budgets,
            // With bandit feedback nobody knows what the other actions would have earned.
            "benchmark": benchmark,
            "regret": benchmark.map(|benchmark| benchmark - reward),
            "regret-bound": stream.machine.regret_bound(),
            "share-against-any-outcomes": ((per_round + beta) / (1.0 + beta)).min(1.0),
        });
        if let Value::Object(figures) = figures {
            report.extend(figures);
        }
        report
    }

    fn replay(&mut self, line: &[u8]) -> Result<(), Mismatch> {
        let logged: Logged = serde_json::from_slice(line).map_err(|error| Mismatch::Line(json_fault("answer", &error)))?;
        let Some(id) = logged.id.filter(|_| logged.error.is_none()) else { return Ok(()) };
        let mode = self.solver.feedback;
        let Some(stream) = &mut self.stream else {
            return Err(Mismatch::Line("found a choice before the header".into()));
        };
        if let Some(forced) = logged.forced {
            let (found, choice) = (Choice { action: logged.action, forced }, stream.decide(id).map_err(Mismatch::Line)?);
            if found != choice {
                let described = |choice: &Choice| json!(choice).to_string();
                return Err(Mismatch::Decision { id, found: described(&found), expected: described(&choice) });
            }
        }
        if let Some(feedback) = logged.feedback {
            stream.observe(id, feedback, mode).map_err(Mismatch::Line)?;
        }
        Ok(())
    }

    fn snapshot(&self) -> Value {
        let Some(stream) = &self.stream else { return Value::Null };
        json!(State { last: stream.last, machine: stream.machine.snapshot(), meter: stream.meter.clone() })
    }

    fn restore(&mut self, state: Value) -> Result<(), serde_json::Error> {
        let state: State = serde_json::from_value(state)?;
        if let Some(stream) = &mut self.stream {
            stream.last = state.last;
            stream.meter = state.meter;
            stream.machine.restore(state.machine);
        }
        Ok(())
    }
}

fn write_played(stream: &Stream, id: u64, choice: Option<Choice>, feedback: Option<&Feedback>, out: &mut Vec<u8>) {
    let ledger = stream.machine.ledger();
    write(&Played { id, choice, feedback, budgets: &ledger.budgets, reward: ledger.reward.value() }, out);
}
