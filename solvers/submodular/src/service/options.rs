//! The options of the service.

use fathom_opt_core::{OptionError, Run};
use fathom_opt_problems::submodular_stream::SubmodularStream;
use fathom_opt_serve::{DecisionLog, Fault, LogFault, LogFigures, Recorded, ServiceOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::live_stream::{LiveHeader, LiveStream};
use super::stream_log::StreamLog;
use crate::error::MaximizeError;
use crate::settings::{Engine, Settings};

/// A large feasible set of the live elements of a stream, whenever it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Submodular {
    /// The engine that keeps the answer.
    pub engine: Engine,
    /// Guesses of the optimum are a factor `1 + eps` apart: smaller promises more and costs more. In `[0.001, 1]`.
    pub eps: f64,
    /// How many trials `leveled-buckets` takes to estimate how many elements it may add at once: more prove more.
    pub trials: u32,
    /// Whether answers are improved by a greedy pass over the choices of all guesses.
    pub polish: bool,
    /// Whether the upper bound of every answer takes a gain of every live element, instead of only what is known anyway.
    pub tight_bound: bool,
}

impl Default for Submodular {
    fn default() -> Self {
        let Settings { engine, eps, trials, polish, tight_bound, .. } = Settings::default();
        Self { engine, eps, trials, polish, tight_bound }
    }
}

impl Submodular {
    fn settings(&self, seed: u64) -> Settings {
        let Self { engine, eps, trials, polish, tight_bound } = *self;
        Settings { engine, eps, trials, polish, tight_bound, seed, threads: 1 }
    }
}

impl ServiceOptions for Submodular {
    const NAME: &'static str = "submodular";
    const SUMMARY: &'static str = "insertions and deletions: a feasible set of large value whenever it is asked for, with an upper bound";
    const HEADER: &'static str = "{\"stream\":1,\"kind\":\"submodular-stream\",\"function\":{\"coverage\":{\"sets\":[[0,1],[1,2],[3]]}},\
         \"elements\":3,\"constraint\":{\"cardinality\":2}}";
    const LINES: &'static str = "{\"op\":\"insert\",\"id\":0}, {\"op\":\"delete\",\"id\":0}, {\"op\":\"query\"}; the answer to a query has the ids of the \
         chosen elements, their value, an upper bound on the value of every feasible set, and what is proved";
    const ARRIVAL: &'static str = "operation";
    type Problem = SubmodularStream;
    type Header = LiveHeader;
    type Service = LiveStream;

    fn validate(&self) -> Result<(), OptionError> {
        self.settings(0).validate().map_err(|error| match error {
            MaximizeError::Setting { setting, found, expected } => OptionError::new(setting, found, expected),
            other => OptionError::new("settings", other, "settings that fit"),
        })
    }

    fn open(&self, header: &LiveHeader, run: &Run, notes: &mut Vec<String>) -> Result<LiveStream, Fault> {
        let stream = LiveStream::open(header, self.settings(run.seed()))?;
        // `auto` changes engines on the way, and with them what is proved: every answer says it anew.
        notes.push(match stream.guarantee() {
            Some(guarantee) => format!("guarantee: {guarantee}"),
            None => "guarantee: none".to_owned(),
        });
        Ok(stream)
    }

    fn recorded(log: &DecisionLog<'_>) -> Result<Option<Recorded<SubmodularStream>>, LogFault> {
        StreamLog::parse(log)?.recorded()
    }

    fn figures(log: &DecisionLog<'_>) -> Result<LogFigures, LogFault> {
        StreamLog::parse(log)?.figures()
    }

    fn picture(log: &DecisionLog<'_>) -> Result<Option<String>, LogFault> {
        Ok(StreamLog::parse(log)?.picture())
    }
}
