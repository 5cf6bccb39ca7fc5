//! Another score for the data, as a reading option.

use std::fmt;
use std::str::FromStr;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::dag_learning::{DagLearning, Score, ScoreKind};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::document_options::DocumentOptions;

/// What graphs are judged by: the name of a score, or `NAME=PENALTY`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreChoice {
    kind: ScoreKind,
    penalty: Option<f64>,
}

impl ScoreChoice {
    /// The score.
    ///
    /// # Errors
    /// A penalty that the score does not have, or out of its range.
    pub fn score(self) -> Result<Score, Malformed> {
        Score::new(self.kind, self.penalty)
    }
}

impl FromStr for ScoreChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, penalty) = text.split_once('=').map_or((text, None), |(name, penalty)| (name, Some(penalty)));
        match (ScoreKind::named(name), penalty.map(str::parse::<f64>).transpose()) {
            (Some(kind), Ok(penalty)) => Ok(Self { kind, penalty }),
            _ => Err(format!("found `{text}`, expected ev, ev-ebic, nv-bic, l1 or logistic (or NAME=PENALTY)")),
        }
    }
}

impl fmt::Display for ScoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        self.penalty.map_or(Ok(()), |penalty| write!(f, "={penalty}"))
    }
}

impl Serialize for ScoreChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScoreChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ScoreChoice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ScoreChoice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY." })
    }
}

/// How a document is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScoreOptions {
    /// Score: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY; the document's own where it is not given.
    pub score: Option<ScoreChoice>,
}

impl DocumentOptions for ScoreOptions {
    type Problem = DagLearning;

    fn adjust(&self, problem: &DagLearning) -> Result<DagLearning, Malformed> {
        match self.score {
            Some(choice) => problem.clone().with_score(choice.score()?),
            None => Ok(problem.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_penalties_are_read_and_written() {
        for text in ["ev", "l1=0.02"] {
            assert_eq!(text.parse::<ScoreChoice>().unwrap().to_string(), text);
        }
        for text in ["best", "l1=x", ""] {
            assert!(text.parse::<ScoreChoice>().unwrap_err().contains("expected ev, ev-ebic"));
        }
    }
}
