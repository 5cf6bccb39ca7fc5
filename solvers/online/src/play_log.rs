//! What the decision log of a bandit shows: rewards and budgets, added up again from the outcomes.

use fathom_opt_problems::replenishable_bandit::stream::{Feedback, Header};
use fathom_opt_problems::replenishable_bandit::{Outcomes, Payoff, Phase, Play, ReplenishableBandit};
use fathom_opt_serve::{DecisionLog, Figure, LogFault, LogFigures, Recorded};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::ledger::PreciseSum;
use crate::replenishable::RegretMeter;

/// Budgets and rewards are sums of many numbers: they agree within this, relative to the rounds.
const ROUNDING: f64 = 1e-9;

/// The rounds in a decision log.
#[derive(Debug, Clone, Default)]
pub struct PlayLog {
    header: Option<Header>,
    rounds: Vec<Round>,
    /// Lines that were answered with an error.
    faults: u64,
    mistakes: Vec<String>,
    reward: PreciseSum,
    budgets: Vec<PreciseSum>,
}

/// A round with its outcome.
#[derive(Debug, Clone)]
struct Round {
    id: u64,
    action: Option<usize>,
    forced: bool,
    outcome: Option<Feedback>,
}

#[derive(Deserialize)]
struct Line {
    stream: Option<u32>,
    id: Option<u64>,
    action: Option<usize>,
    forced: Option<bool>,
    feedback: Option<Feedback>,
    budgets: Option<Vec<f64>>,
    reward: Option<f64>,
    error: Option<String>,
}

impl PlayLog {
    /// The rounds in `log`.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    pub fn parse(log: &DecisionLog<'_>) -> Result<Self, LogFault> {
        let mut play = Self::default();
        for (number, text) in log.lines() {
            let wrong = |found: String, expected: &str| LogFault::new(number, found, expected);
            let line: Line = serde_json::from_slice(text).map_err(|error| wrong(error.to_string(), "a line of a decision log"))?;
            if line.stream.is_some() {
                let header: Header = serde_json::from_slice(text).map_err(|error| wrong(error.to_string(), "the answer to a header"))?;
                let mut budget = PreciseSum::default();
                budget.add(header.budget);
                play.budgets = vec![budget; header.resources.unwrap_or(0)];
                play.header = Some(header);
                continue;
            }
            play.faults += u64::from(line.error.is_some());
            let (Some(id), Some(budgets), Some(reward)) = (line.id, line.budgets, line.reward) else { continue };
            if play.header.is_none() {
                return Err(wrong("a choice before the header".into(), "the header's answer, with the budget"));
            }
            if let Some(forced) = line.forced {
                play.decide(id, line.action, forced);
            }
            if let Some(outcome) = line.feedback {
                play.observe(id, outcome).map_err(|found| wrong(found, "the outcome of the round before"))?;
            }
            play.compare(id, &budgets, reward);
        }
        Ok(play)
    }

    fn decide(&mut self, id: u64, action: Option<usize>, forced: bool) {
        let short = self.budgets.iter().any(|budget| budget.value() < 1.0);
        if action.is_some() && short {
            self.mistakes.push(format!("in round {id} an action was played although a budget was below 1, what one round may consume"));
        }
        if forced != short {
            let (said, found) = if forced { ("forced to idle", "no") } else { ("free", "a") };
            self.mistakes.push(format!("round {id} is said to have been {said}, with {found} budget below 1"));
        }
        self.rounds.push(Round { id, action, forced, outcome: None });
    }

    fn observe(&mut self, id: u64, outcome: Feedback) -> Result<(), String> {
        let idle = self.header.as_ref().map_or(0.0, |header| -header.replenishment);
        let Some(round) = self.rounds.last_mut().filter(|round| round.id == id && round.outcome.is_none()) else {
            return Err(format!("the outcome of round {id}"));
        };
        let (reward, consumption) = match (&outcome, round.action) {
            (Feedback::Played { f, c }, _) => (*f, c.clone()),
            (Feedback::All { .. }, None) => (0.0, vec![idle; self.budgets.len()]),
            (Feedback::All { f, c }, Some(action)) => match (f.get(action), c.get(action)) {
                (Some(reward), Some(consumption)) => (*reward, consumption.clone()),
                _ => return Err(format!("no outcome of the action {action}")),
            },
        };
        round.outcome = Some(outcome);
        self.reward.add(reward);
        for (budget, consumed) in self.budgets.iter_mut().zip(&consumption) {
            budget.add(-consumed);
            if budget.value() < -ROUNDING {
                self.mistakes.push(format!("after round {id} a budget is {}, below zero", budget.value()));
            }
        }
        Ok(())
    }

    /// Compares the sums that the log tells of with those of its outcomes.
    fn compare(&mut self, id: u64, budgets: &[f64], reward: f64) {
        let slack = ROUNDING * (self.rounds.len() as f64 + self.header.as_ref().map_or(0.0, |header| header.budget));
        let close = |a: f64, b: f64| (a - b).abs() <= slack;
        let same = budgets.len() == self.budgets.len() && budgets.iter().zip(&self.budgets).all(|(found, sum)| close(*found, sum.value()));
        if (!same || !close(reward, self.reward.value())) && self.mistakes.len() < 5 {
            let sums: Vec<f64> = self.budgets.iter().map(PreciseSum::value).collect();
            self.mistakes.push(format!(
                "after round {id} the log tells of the reward {reward} and the budgets {budgets:?}; its outcomes add up to {} and {sums:?}",
                self.reward.value()
            ));
        }
    }

    /// The stream as an instance and the choices as its solution, where the outcomes of all actions are known and every round was played.
    ///
    /// # Errors
    /// When the outcomes are none of a bandit.
    pub fn recorded(&self) -> Result<Option<Recorded<ReplenishableBandit>>, LogFault> {
        let Some(header) = self.header.as_ref().filter(|_| !self.rounds.is_empty()) else { return Ok(None) };
        let mut phases = Vec::with_capacity(self.rounds.len());
        for round in &self.rounds {
            let Some(Feedback::All { f, c }) = &round.outcome else { return Ok(None) };
            phases.push(Phase { rewards: f.clone(), consumption: c.clone() });
        }
        let actions = self.rounds.iter().map(|round| round.action.and_then(|action| u32::try_from(action).ok())).collect();
        let outcomes = Outcomes::Phases(phases);
        let problem = ReplenishableBandit::new(self.rounds.len() as u64, header.budget, header.replenishment, outcomes)
            .map_err(|fault| LogFault::new(1, fault.found, fault.expected))?;
        Ok(Some(Recorded { problem, solution: Play { actions } }))
    }

    /// What the best fixed mixture would have earned with the budget per round that was announced, up to where the play has got.
    fn benchmark(&self) -> Option<f64> {
        let header = self.header.as_ref()?;
        let mut meter = RegretMeter::default();
        for round in &self.rounds {
            let Some(Feedback::All { f, c }) = &round.outcome else { return None };
            let all: Vec<Payoff> =
                f.iter().zip(c).map(|(reward, consumption)| Payoff { reward: *reward, consumption: consumption.clone() }).collect();
            meter.add(&all);
        }
        let rounds = header.rounds.unwrap_or(self.rounds.len() as u64).max(1);
        (!self.rounds.is_empty()).then(|| meter.benchmark(header.budget / rounds as f64, header.replenishment))
    }

    /// What an audit shows.
    pub fn figures(&self) -> LogFigures {
        let idle = self.rounds.iter().filter(|round| round.action.is_none()).count();
        let forced = self.rounds.iter().filter(|round| round.forced).count();
        let open = self.rounds.iter().filter(|round| round.outcome.is_none()).count();
        let budgets: Vec<f64> = self.budgets.iter().map(PreciseSum::value).collect();
        let benchmark = self.benchmark();
        let reward = self.reward.value();
        let mut shown = vec![
            Figure::new("rounds", format!("{} decided, {} lines at fault", self.rounds.len(), self.faults)),
            Figure::new("idle", format!("{idle} rounds, {forced} of them because a budget was below 1")),
            Figure::new("reward", reward.to_string()),
            Figure::new("budgets", format!("{budgets:?} left")),
        ];
        if open > 0 {
            shown.push(Figure::new("open", format!("{open} rounds without their outcome")));
        }
        if let Some(benchmark) = benchmark {
            let text = format!("the best fixed mixture of actions would have earned {benchmark}, {} more", benchmark - reward);
            shown.push(Figure::new("hindsight", text));
        }
        let data = json!({
            "rounds": self.rounds.len(), "faults": self.faults, "idle": idle, "forced-idle": forced, "open": open,
            "reward": reward, "budgets": budgets, "benchmark": benchmark, "regret": benchmark.map(|benchmark| benchmark - reward),
        });
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        LogFigures { shown, data, mistakes: self.mistakes.clone() }
    }
}
