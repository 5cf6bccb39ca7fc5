//! The stream format: JSON lines, a header first, then a line per round.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::phase::{Phase, of_phase};
use super::{Outcomes, Payoff, ReplenishableBandit};
use crate::malformed::{FilePlace, Malformed, Place, without_position};

/// The first line of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Version of the stream format: 1.
    pub stream: u32,
    /// The problem class, `replenishable-bandit`.
    pub kind: String,
    /// How many rounds there are at most. A stored stream can do without: its lines are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u64>,
    /// The budget of every resource, at least 1.
    pub budget: f64,
    /// What the void action gives back per round and resource, 0 to 1.
    #[serde(default)]
    pub replenishment: f64,
    /// How many actions there are, the void action not counted. Needed where outcomes do not come with the rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<usize>,
    /// How many resources there are. Needed where outcomes do not come with the rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<usize>,
    /// Seed of every random draw of the algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// What came of one action, or of all: a lone reward and an array of amounts, or an array of rewards and an array of such arrays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Feedback {
    /// Of the action that was played.
    Played {
        /// Reward, in `[0, 1]`.
        f: f64,
        /// Consumption of each resource, in `[-1, 1]`.
        c: Vec<f64>,
    },
    /// Of every action but the void one.
    All {
        /// Reward of each action.
        f: Vec<f64>,
        /// Consumption of each resource by each action.
        c: Vec<Vec<f64>>,
    },
}

/// A round, with all outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Its number; increasing along the stream.
    #[serde(rename = "t", alias = "id")]
    pub id: u64,
    /// Reward of each action.
    #[serde(rename = "f", alias = "rewards")]
    pub rewards: Vec<f64>,
    /// Consumption of each resource by each action.
    #[serde(rename = "c", alias = "consumption")]
    pub consumption: Vec<Vec<f64>>,
}

impl Header {
    /// Whether this is a header of the class that can be served.
    ///
    /// # Errors
    /// Another version or kind, numbers out of their range.
    pub fn validate(&self) -> Result<(), Malformed> {
        let root = Place::root();
        if self.stream != 1 {
            return Err(Malformed::new(root.field("stream"), self.stream.to_string(), "version 1 of the stream format"));
        }
        if self.kind != "replenishable-bandit" {
            return Err(Malformed::new(root.field("kind"), format!("`{}`", self.kind), "`replenishable-bandit`"));
        }
        if self.rounds == Some(0) {
            return Err(Malformed::new(root.field("rounds"), "0", "at least 1"));
        }
        if !(self.budget >= 1.0 && self.budget.is_finite()) {
            return Err(Malformed::new(root.field("budget"), self.budget.to_string(), "at least 1, what one round may consume"));
        }
        if !(0.0..=1.0).contains(&self.replenishment) {
            return Err(Malformed::new(root.field("replenishment"), self.replenishment.to_string(), "0 to 1"));
        }
        for (name, size) in [("actions", self.actions), ("resources", self.resources)] {
            if let Some(size) = size.filter(|size| !(1..=10_000).contains(size)) {
                return Err(Malformed::new(root.field(name), size.to_string(), "1 to 10000"));
            }
        }
        Ok(())
    }
}

impl Round {
    /// Whether the outcomes are in their ranges, are those of `actions` actions and `resources` resources where that is known, and come after `last`.
    ///
    /// # Errors
    /// What is not so.
    pub fn validate(&self, actions: Option<usize>, resources: Option<usize>, last: Option<u64>) -> Result<(usize, usize), Malformed> {
        let root = Place::root();
        if let Some(last) = last.filter(|&last| self.id <= last) {
            let expected = format!("a number above {last}, the one before it (a duplicate, or out of order)");
            return Err(Malformed::new(root.field("t"), self.id.to_string(), expected));
        }
        let sizes = of_phase(&self.rewards, &self.consumption, &root)?;
        for (name, found, expected) in [("actions", sizes.0, actions), ("resources", sizes.1, resources)] {
            if let Some(expected) = expected.filter(|&expected| expected != found) {
                return Err(Malformed::new(root, format!("{found} {name}"), expected.to_string()));
            }
        }
        Ok(sizes)
    }
}

/// Header and rounds of the stream in `text`; `name` stands for its file in messages. Empty lines and a carriage return before the newline do no harm.
///
/// # Errors
/// The first line that is not what it should be.
pub fn parse(name: &str, text: &[u8]) -> Result<(Header, Vec<Phase>), Malformed> {
    let place = |line: usize, column: usize| FilePlace { file: name.to_owned(), line: line + 1, column };
    let json = |line: usize, error: &serde_json::Error, expected: &str| {
        Malformed::new(Place::root(), format!("no {expected} ({})", without_position(error)), expected).in_file(place(line, error.column()))
    };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut lines = text.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let Some((number, first)) = lines.next() else {
        let nowhere = FilePlace { file: name.to_owned(), line: 0, column: 0 };
        return Err(Malformed::new(Place::root(), "an empty stream", "a header line").in_file(nowhere));
    };
    let header: Header = serde_json::from_slice(first).map_err(|error| json(number, &error, "header"))?;
    header.validate().map_err(|fault| fault.in_file(place(number, 0)))?;
    let mut phases = Vec::new();
    let (mut actions, mut resources, mut last) = (header.actions, header.resources, None);
    for (number, line) in lines {
        let round: Round = serde_json::from_slice(line).map_err(|error| json(number, &error, "round"))?;
        let sizes = round.validate(actions, resources, last).map_err(|fault| fault.in_file(place(number, 0)))?;
        (actions, resources, last) = (Some(sizes.0), Some(sizes.1), Some(round.id));
        phases.push(Phase { rewards: round.rewards, consumption: round.consumption });
    }
    Ok((header, phases))
}

/// The problem in the stream in `text`.
///
/// # Errors
/// As [`parse`]; a header that tells of another number of rounds than follow.
pub fn problem(name: &str, text: &[u8]) -> Result<ReplenishableBandit, Malformed> {
    let (header, phases) = parse(name, text)?;
    let rounds = phases.len() as u64;
    if let Some(promised) = header.rounds.filter(|&promised| promised != rounds) {
        let found = format!("{promised}, with {rounds} rounds after it");
        let place = FilePlace { file: name.to_owned(), line: 1, column: 0 };
        return Err(Malformed::new(Place::root().field("rounds"), found, "the number of rounds").in_file(place));
    }
    ReplenishableBandit::new(rounds, header.budget, header.replenishment, Outcomes::Phases(phases))
}

pub(super) fn write(problem: &ReplenishableBandit, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let header = Header {
        stream: 1,
        kind: "replenishable-bandit".into(),
        rounds: Some(problem.rounds),
        budget: problem.budget,
        replenishment: problem.replenishment,
        actions: Some(problem.actions),
        resources: Some(problem.resources),
        seed: None,
    };
    serde_json::to_writer(&mut *out, &header)?;
    let mut outcome = Payoff::default();
    for round in 0..problem.rounds {
        let mut line = Round { id: round + 1, rewards: Vec::new(), consumption: Vec::new() };
        for action in 0..problem.actions {
            problem.play(round, Some(action), &mut outcome);
            line.rewards.push(outcome.reward);
            line.consumption.push(outcome.consumption.clone());
        }
        out.write_all(b"\n")?;
        serde_json::to_writer(&mut *out, &line)?;
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::published;
    use super::*;

    #[test]
    fn a_written_stream_is_the_same_problem_round_for_round() {
        let drawn = published(0.1, 0.2, 50, 3);
        let mut text = Vec::new();
        drawn.write_stream(&mut text).unwrap();
        let stored = problem("a.jsonl", &text).unwrap();
        let (mut one, mut other) = (Payoff::default(), Payoff::default());
        for round in 0..50 {
            for action in 0..5 {
                drawn.play(round, Some(action), &mut one);
                stored.play(round, Some(action), &mut other);
                assert_eq!(one, other);
            }
        }
        assert_eq!((stored.rounds(), stored.budget(), stored.replenishment()), (50, 5.0, 0.2));
    }

    #[test]
    fn the_line_at_fault_is_named() {
        let header = "{\"stream\":1,\"kind\":\"replenishable-bandit\",\"budget\":2,\"actions\":2}\r\n";
        let good = "{\"t\":1,\"f\":[0,1],\"c\":[[1],[-0.5]]}\n";
        assert_eq!(problem("a", format!("{header}{good}").as_bytes()).unwrap().rounds(), 1);
        for (line, message) in [
            ("{\"t\":1,\"f\":[0,1],\"c\":[[1],[0]]}", "found 1, expected a number above 1"),
            ("{\"t\":2,\"f\":[0,2],\"c\":[[1],[0]]}", "found 2, expected 0 to 1"),
            ("{\"t\":2,\"f\":[0],\"c\":[[1]]}", "found 1 actions, expected 2"),
            ("{\"t\":2,\"f\":[0,1],\"c\":[[1],[0,0]]}", "found 2 resources"),
            ("{\"t\":2", "no round (EOF"),
        ] {
            let error = problem("a", format!("{header}{good}{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.contains("a:3") && error.contains(message), "{error}");
        }
        assert!(problem("a", b"").is_err());
        assert!(problem("a", header.replace("\"budget\":2", "\"budget\":0.5").as_bytes()).is_err());
        let counted = header.replace("\"actions\"", "\"rounds\":7,\"actions\"");
        assert!(problem("a", format!("{counted}{good}").as_bytes()).unwrap_err().to_string().contains("found 7, with 1 rounds"));
    }
}
