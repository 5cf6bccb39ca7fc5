//! Serving a bandit with replenishable knapsacks: rounds come, choices go out, outcomes come back.

use fathom_opt_core::{OptionError, Run, Solver};
use fathom_opt_problems::replenishable_bandit::stream::{Feedback, Header, Round};
use fathom_opt_problems::replenishable_bandit::{Payoff, ReplenishableBandit};
use fathom_opt_serve::{Answer, DecisionLog, Fault, LogFault, LogFigures, Recorded, Service, ServiceOptions};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::play_log::PlayLog;
use crate::replenishable::{
    BudgetFrame, Choice, FeedbackMode, PrimalDual, PrimalDualMachine, PrimalDualState, RegretMeter, RoundFeedback, kept_share,
};

/// Primal-dual learning, one round at a time.
#[derive(Debug, Clone)]
pub struct BanditService {
    mode: FeedbackMode,
    /// What idling gives back, as it is believed.
    believed: f64,
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

/// A round to be decided, the outcome of one, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct BanditArrival {
    id: u64,
    /// Whether a choice is asked for.
    decide: bool,
    outcome: Option<Feedback>,
}

impl<'de> Deserialize<'de> for BanditArrival {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
            #[serde(default)]
            cmd: Option<serde::de::IgnoredAny>,
            #[serde(default)]
            stream: Option<serde::de::IgnoredAny>,
        }
        let Line { id, f, c, feedback, cmd, stream } = Line::deserialize(deserializer)?;
        if cmd.is_some() || stream.is_some() {
            return Err(serde::de::Error::custom("a control line or a header"));
        }
        match (feedback, f, c) {
            (Some(outcome), None, None) => Ok(Self { id, decide: false, outcome: Some(outcome) }),
            (None, Some(f), Some(c)) => Ok(Self { id, decide: true, outcome: Some(Feedback::All { f, c }) }),
            (None, None, None) => Ok(Self { id, decide: true, outcome: None }),
            _ => Err(serde::de::Error::custom("found a part of an outcome, expected both `f` and `c`, or `feedback` alone, or neither")),
        }
    }
}

/// The answer to a round: the choice, the outcome, or both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Played<'a> {
    id: u64,
    #[serde(flatten)]
    choice: Option<Choice>,
    /// The outcome as far as the learner may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
    budgets: &'a [f64],
    reward: f64,
}

impl Answer for Played<'_> {}

impl BanditService {
    /// Whether round `id` may be decided now.
    fn may_decide(&self, id: u64) -> Result<(), String> {
        if let (Some(_), Some(open)) = (self.machine.awaiting(), self.last) {
            return Err(format!("found round {id}, expected the outcome of round {open} first: {{\"id\":{open},\"feedback\":{{...}}}}"));
        }
        if let Some(last) = self.last.filter(|&last| id <= last) {
            return Err(format!("id: found {id}, expected an id above {last}, the one before it (a duplicate, or out of order)"));
        }
        if self.machine.ledger().rounds >= self.frame.rounds {
            return Err(format!("found a round after all {} that the header announces", self.frame.rounds));
        }
        Ok(())
    }

    /// The choice whose outcome has come: that of round `id`.
    fn open_choice(&self, id: u64) -> Result<Choice, String> {
        match (self.machine.awaiting(), self.last) {
            (Some(choice), Some(open)) if open == id => Ok(choice),
            (Some(_), Some(open)) => Err(format!("found the outcome of round {id}, expected that of round {open}")),
            _ => Err(format!("found the outcome of round {id}, which was not decided or is known already")),
        }
    }

    /// What is wrong with an outcome, whatever the choice.
    fn examine(&self, outcome: &Feedback) -> Result<(), String> {
        match outcome {
            Feedback::All { f, c } => {
                let round = Round { id: 0, rewards: f.clone(), consumption: c.clone() };
                round.validate(Some(self.frame.actions), Some(self.frame.resources), None).map_err(|fault| fault.to_string())?;
            }
            Feedback::Played { .. } if self.mode == FeedbackMode::Full => {
                return Err(
                    "feedback: found the outcome of one action, expected those of all (f: an array of rewards, c: an array of arrays)"
                        .into(),
                );
            }
            Feedback::Played { f, c } => {
                let resources = self.frame.resources;
                if c.len() != resources {
                    return Err(format!("feedback: found {} amounts in `c`, expected {resources} (one per resource)", c.len()));
                }
                if !(0.0..=1.0).contains(f) {
                    return Err(format!("feedback: found the reward {f}, expected 0 to 1"));
                }
                if let Some(amount) = c.iter().find(|amount| !(-1.0..=1.0).contains(*amount)) {
                    return Err(format!("feedback: found the consumption {amount}, expected -1 to 1"));
                }
            }
        }
        Ok(())
    }

    /// The outcome of `choice`, and as much of it as the learner may see.
    fn seen(&self, choice: Choice, outcome: Feedback) -> Result<(RoundFeedback, Feedback), String> {
        let void = || Payoff { reward: 0.0, consumption: vec![-self.frame.replenishment; self.frame.resources] };
        match outcome {
            Feedback::All { f, c } => {
                let payoff = |action: usize| Payoff { reward: f[action], consumption: c[action].clone() };
                let played = choice.action.map_or_else(void, payoff);
                if self.mode == FeedbackMode::Full {
                    let all = (0..self.frame.actions).map(payoff).collect();
                    return Ok((RoundFeedback { played, all }, Feedback::All { f, c }));
                }
                let kept = Feedback::Played { f: played.reward, c: played.consumption.clone() };
                Ok((RoundFeedback { played, all: Vec::new() }, kept))
            }
            Feedback::Played { f, c } => {
                // The void action earns nothing and consumes nothing.
                if choice.action.is_none() && f != 0.0 {
                    return Err(format!("feedback: found the reward {f} of an idle round, expected 0"));
                }
                if let Some(amount) = c.iter().find(|amount| choice.action.is_none() && **amount > 0.0) {
                    return Err(format!("feedback: found the consumption {amount} of an idle round, expected -1 to 0"));
                }
                let played = Payoff { reward: f, consumption: c.clone() };
                Ok((RoundFeedback { played, all: Vec::new() }, Feedback::Played { f, c }))
            }
        }
    }

    fn answer_to(&mut self, arrival: BanditArrival) -> Result<(Option<Choice>, Option<Feedback>), String> {
        let BanditArrival { id, decide, outcome } = arrival;
        // The outcome may stand in the same line, but is looked at only once the choice is made; a line at fault is refused before.
        if let Some(outcome) = &outcome {
            self.examine(outcome)?;
        }
        let choice = if decide {
            self.may_decide(id)?;
            self.last = Some(id);
            self.machine.decide()
        } else {
            self.open_choice(id)?
        };
        let Some(outcome) = outcome else { return Ok((Some(choice), None)) };
        let (seen, kept) = self.seen(choice, outcome)?;
        if self.mode == FeedbackMode::Full {
            self.meter.get_or_insert_default().add(&seen.all);
        }
        self.machine.observe(&seen);
        Ok((decide.then_some(choice), Some(kept)))
    }
}

impl Service for BanditService {
    type Arrival = BanditArrival;
    type Answer<'a> = Played<'a>;

    fn answer(&mut self, arrival: BanditArrival) -> Result<Played<'_>, Fault> {
        let id = arrival.id;
        let (choice, feedback) = self.answer_to(arrival).map_err(|message| Fault::new(Some(id), message))?;
        let ledger = self.machine.ledger();
        Ok(Played { id, choice, feedback, budgets: &ledger.budgets, reward: ledger.reward.value() })
    }

    fn recall(&self, logged: &[u8]) -> Result<BanditArrival, serde_json::Error> {
        #[derive(Deserialize)]
        struct Logged {
            id: u64,
            forced: Option<bool>,
            feedback: Option<Feedback>,
        }
        let Logged { id, forced, feedback } = serde_json::from_slice(logged)?;
        Ok(BanditArrival { id, decide: forced.is_some(), outcome: feedback })
    }

    fn report(&self) -> Map<String, Value> {
        let ledger = self.machine.ledger();
        let reward = ledger.reward.value();
        let per_round = self.frame.budget / self.frame.rounds as f64;
        let benchmark = self.meter.as_ref().map(|meter| meter.benchmark(per_round, self.frame.replenishment));
        let figures = json!({
            "rounds": ledger.rounds,
            "idle": ledger.idle,
            "forced-idle": ledger.forced,
            "reward": reward,
            "budgets": ledger.budgets,
            // With bandit feedback nobody knows what the other actions would have earned.
            "benchmark": benchmark,
            "regret": benchmark.map(|benchmark| benchmark - reward),
            "regret-bound": self.machine.regret_bound(),
            "share-against-any-outcomes": kept_share(per_round, self.frame.replenishment, self.believed),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        Ok(serde_json::to_vec(&State { last: self.last, machine: self.machine.snapshot(), meter: self.meter.clone() })?)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Fault> {
        let State { last, machine, meter } = serde_json::from_slice(state)?;
        self.machine.restore(machine)?;
        self.last = last;
        self.meter = meter;
        Ok(())
    }
}

impl ServiceOptions for PrimalDual {
    const NAME: &'static str = <Self as Solver<ReplenishableBandit>>::NAME;
    const SUMMARY: &'static str = "rounds of a bandit: prices for resources against a learner over actions; never overspends";
    const HEADER: &'static str =
        "{\"stream\":1,\"kind\":\"replenishable-bandit\",\"rounds\":...,\"budget\":...,\"actions\":...,\"resources\":...}";
    const LINES: &'static str = "{\"id\":1} asks for an action, {\"id\":1,\"feedback\":{\"f\":0.5,\"c\":[0.2,-0.1]}} tells its reward and consumption (of all \
        actions, with feedback=full: an array of rewards, an array of arrays); {\"t\":1,\"f\":[...],\"c\":[[...],...]} with the outcomes of all actions does \
        both at once";
    const ARRIVAL: &'static str = "round";
    type Problem = ReplenishableBandit;
    type Header = Header;
    type Service = BanditService;

    fn validate(&self) -> Result<(), OptionError> {
        Solver::<ReplenishableBandit>::validate(self)
    }

    fn open(&self, header: &Header, run: &Run, notes: &mut Vec<String>) -> Result<BanditService, Fault> {
        header.validate()?;
        let (Some(rounds), Some(actions), Some(resources)) = (header.rounds, header.actions, header.resources) else {
            let message = "found a header without `rounds`, `actions` or `resources`, expected all three (they set the learning rates)";
            return Err(Fault::new(None, message));
        };
        let frame = BudgetFrame { rounds, actions, resources, budget: header.budget, replenishment: header.replenishment };
        if header.replenishment == 0.0 && self.replenishment.is_none() {
            notes.push("idling is not known to give anything back; with `replenishment` in the header the prices settle sooner".into());
        }
        let believed = self.replenishment.unwrap_or(header.replenishment);
        Ok(BanditService { mode: self.feedback, believed, frame, machine: self.machine(frame, run), meter: None, last: None })
    }

    fn recorded(log: &DecisionLog<'_>) -> Result<Option<Recorded<ReplenishableBandit>>, LogFault> {
        PlayLog::parse(log)?.recorded()
    }

    fn figures(log: &DecisionLog<'_>) -> Result<LogFigures, LogFault> {
        Ok(PlayLog::parse(log)?.figures())
    }
}
