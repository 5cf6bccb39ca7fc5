//! What a family writes so that its algorithm can be served.

use fathom_opt_core::{OptionError, Run};
use fathom_opt_problems::Problem;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::log::{DecisionLog, LogFault, LogFigures, Recorded};

/// An algorithm on a live stream: an arrival comes in, an answer goes out, and nothing takes the answer back.
///
/// The session around it knows headers, control lines, logs and checkpoints. An answer has to depend on nothing but the options, the header, the seed and
/// the arrivals before it: a log is audited, and a session resumed, by asking again.
pub trait Service: Send + 'static {
    /// A line of the stream. A control line (`{"cmd": ...}`) or a header (`{"stream": ...}`) must not be readable as one.
    type Arrival: DeserializeOwned;
    /// The line that answers it.
    type Answer<'a>: Answer
    where
        Self: 'a;

    /// The answer to `arrival`, for good.
    ///
    /// # Errors
    /// What is wrong with the arrival. The state is then what it was before.
    fn answer(&mut self, arrival: Self::Arrival) -> Result<Self::Answer<'_>, Fault>;

    /// The arrival that the answer `logged` (a line of a decision log) was given to. An answer that repeats the fields of its arrival needs nothing more
    /// than the default, which reads them again.
    ///
    /// # Errors
    /// When the line is no answer of this service.
    fn recall(&self, logged: &[u8]) -> Result<Self::Arrival, serde_json::Error> {
        serde_json::from_slice(logged)
    }

    /// Counts, sums and guarantees so far.
    fn report(&self) -> Map<String, Value>;

    /// All that later answers depend on, options, header and seed aside.
    ///
    /// # Errors
    /// Why the state cannot be kept.
    fn snapshot(&self) -> Result<Vec<u8>, Fault>;

    /// Goes on from the snapshot of a service with the same options, header and seed.
    ///
    /// # Errors
    /// Why `state` is no such snapshot.
    fn restore(&mut self, state: &[u8]) -> Result<(), Fault>;
}

/// A line that answers an arrival. It must not start with the field `line`, `stream`, `stats`, `checkpoint` or `quit`: those mark the session's own lines.
pub trait Answer: Serialize {
    /// Whether the arrival was at fault although it could be answered: a strict session ends then.
    fn at_fault(&self) -> bool {
        false
    }
}

/// The options of a service; the implementing type's fields are the options, as a solver's are.
///
/// Derive `Serialize`, `Deserialize`, `JsonSchema`, `Clone` and `Default`, and mark the type `#[serde(deny_unknown_fields, default)]`.
pub trait ServiceOptions: Serialize + DeserializeOwned + JsonSchema + Clone + Default + Send + Sync + 'static {
    /// The name on the command line: `fathom online NAME`.
    const NAME: &'static str;
    /// The service in one line.
    const SUMMARY: &'static str;
    /// A header, for somebody who sent something else.
    const HEADER: &'static str;
    /// What comes after the header, and what the answers mean, for somebody who wants to send some: a sentence or two.
    const LINES: &'static str;
    /// What an arrival is called, for messages: `item`, `round`.
    const ARRIVAL: &'static str;
    /// The class of the stored form of such a stream; its kind stands in the header.
    type Problem: Problem;
    /// The first line of a stream, its fields `stream`, `kind` and `seed` included or ignored.
    type Header: Serialize + DeserializeOwned;
    /// The algorithm with these options, once the header has come.
    type Service: Service;

    /// Whether the options make sense together and each lies in its range.
    ///
    /// # Errors
    /// The option at fault and what it should be.
    fn validate(&self) -> Result<(), OptionError> {
        Ok(())
    }

    /// Whether `kind` in a header names the class.
    fn serves(kind: &str) -> bool {
        kind == Self::Problem::KIND
    }

    /// The service before its first arrival; random draws follow from the seed of `run`. `notes` takes remarks for the user.
    ///
    /// # Errors
    /// What is wrong with the header, or with the options on such a stream.
    fn open(&self, header: &Self::Header, run: &Run, notes: &mut Vec<String>) -> Result<Self::Service, Fault>;

    /// The stream that a log tells of as an instance, and what was decided as its solution, so that the class's independent checker can judge it; `None`
    /// where the log does not tell all of it.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    fn recorded(log: &DecisionLog<'_>) -> Result<Option<Recorded<Self::Problem>>, LogFault> {
        let _ = log;
        Ok(None)
    }

    /// What an audit shows beyond mistakes, recomputed from the log alone.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    fn figures(log: &DecisionLog<'_>) -> Result<LogFigures, LogFault> {
        let _ = log;
        Ok(LogFigures::default())
    }

    /// A picture of the stream as SVG; `None` where there is none.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    fn picture(log: &DecisionLog<'_>) -> Result<Option<String>, LogFault> {
        let _ = log;
        Ok(None)
    }
}
