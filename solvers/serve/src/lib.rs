//! Live streams: a line comes in, a line goes out, and what was answered stays answered.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Service`] | an algorithm on one live stream: arrival in, answer out, snapshot, restore |
//! | [`ServiceOptions`] | its options, and how it opens on a header |
//! | [`Session`] | header, arrivals, control lines and faults: a state machine from lines to lines |
//! | [`Checkpoint`] | the state of a session as bytes, with a checksum |
//! | [`DecisionLog`] | the answers of a session, one a line |
//! | [`audit()`] | whether a log holds the answers that its service gives, and what its decisions add up to |
//! | [`Tuner`] | which service, with which options, for the stream to come |
//! | [`Services`] | all of them by name |
//!
//! A log tells all that is needed to give its answers again: the answer to the header repeats header, options and seed, and every answer repeats its arrival.
//! Resuming from a log, comparing a stream with the one that was answered before, and auditing are therefore one thing: ask again and compare.
//!
//! A service in full, which answers every number by the sum so far:
//!
//! ```
//! use fathom_opt_core::Run;
//! use fathom_opt_problems::{BulkSink, BulkSource, Malformed, Problem, Sense, Size, Verdict};
//! use fathom_opt_serve::{Answer, DecisionLog, Fault, Service, ServiceOptions, Services, audit};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use serde_json::{Map, Value, json};
//!
//! # struct Numbers;
//! # impl Problem for Numbers {
//! #     const KIND: &'static str = "numbers";
//! #     const SUMMARY: &'static str = "numbers";
//! #     type Data = ();
//! #     type Solution = ();
//! #     fn from_data((): (), _: &mut dyn BulkSource) -> Result<Self, Malformed> { Ok(Self) }
//! #     fn to_data(&self, _: &mut dyn BulkSink) -> Result<(), Malformed> { Ok(()) }
//! #     fn check(&self, (): &()) -> Result<Verdict, Malformed> { Ok(Verdict::default()) }
//! #     fn sense(&self) -> Sense { Sense::Maximize }
//! #     fn sizes(&self) -> Vec<Size> { Vec::new() }
//! # }
//! /// Its options.
//! #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
//! struct Sums {
//!     /// What the sum starts from.
//!     start: i64,
//! }
//!
//! struct Sum(i64);
//!
//! #[derive(Deserialize)]
//! struct Number { n: i64 }
//!
//! #[derive(Serialize)]
//! struct Answered { n: i64, sum: i64 }
//! impl Answer for Answered {}
//!
//! impl Service for Sum {
//!     type Arrival = Number;
//!     type Answer<'a> = Answered;
//!
//!     fn answer(&mut self, arrival: Number) -> Result<Answered, Fault> {
//!         let sum = self.0.checked_add(arrival.n).ok_or_else(|| Fault::new(None, "n: the sum is beyond 2^63"))?;
//!         self.0 = sum;
//!         Ok(Answered { n: arrival.n, sum })
//!     }
//!     fn report(&self) -> Map<String, Value> { Map::from_iter([("sum".into(), json!(self.0))]) }
//!     fn snapshot(&self) -> Result<Vec<u8>, Fault> { Ok(self.0.to_le_bytes().to_vec()) }
//!     fn restore(&mut self, state: &[u8]) -> Result<(), Fault> {
//!         let state = state.try_into().map_err(|_| Fault::new(None, "found no eight bytes"))?;
//!         self.0 = i64::from_le_bytes(state);
//!         Ok(())
//!     }
//! }
//!
//! impl ServiceOptions for Sums {
//!     const NAME: &'static str = "sums";
//!     const SUMMARY: &'static str = "the sum so far";
//!     const HEADER: &'static str = "{\"stream\":1,\"kind\":\"numbers\"}";
//!     const LINES: &'static str = "{\"n\":7} and so on";
//!     const ARRIVAL: &'static str = "number";
//!     type Problem = Numbers;
//!     type Header = Map<String, Value>;
//!     type Service = Sum;
//!     fn open(&self, _: &Self::Header, _: &Run, _: &mut Vec<String>) -> Result<Sum, Fault> { Ok(Sum(self.start)) }
//! }
//!
//! let mut services = Services::new();
//! services.add::<Sums>();
//! let mut session = services.find("sums")?.session(&Map::from_iter([("start".into(), json!(5))]), 0)?;
//! let mut log = Vec::new();
//! for line in ["{\"stream\":1,\"kind\":\"numbers\"}", "{\"n\":2}", "{\"n\":\"two\"}", "{\"n\":-4}"] {
//!     session.answer(line.as_bytes(), &mut log)?;
//! }
//! assert!(log.ends_with(b"{\"n\":2,\"sum\":7}\n{\"line\":3,\"error\":\"found no number: invalid type: string \\\"two\\\", expected i64\"}\n{\"n\":-4,\"sum\":3}\n"));
//!
//! // What was changed in a log is found out by giving its answers again.
//! assert!(audit(&services, &DecisionLog::new(&log))?.mistakes.is_empty());
//! let forged = String::from_utf8(log)?.replace("\"sum\":7", "\"sum\":70");
//! let mistakes = audit(&services, &DecisionLog::new(forged.as_bytes()))?.mistakes;
//! assert!(mistakes[0].contains("line 2 of the log: sum: found 70, expected 7"), "{mistakes:?}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod audit;
mod checkpoint;
mod difference;
mod digest;
mod erased;
mod fault;
mod line;
mod log;
mod service;
mod services;
mod session;
mod tuner;

pub use audit::{LogReport, audit, service_of};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use fault::Fault;
pub use log::{AnyRecorded, DecisionLog, Figure, LogFault, LogFigures, Recorded};
pub use service::{Answer, Service, ServiceOptions};
pub use services::{AnyServiceEntry, AnyTuner, Services, ServicesError};
pub use session::{Answered, LoggedBefore, ReplayError, ResumeError, Session};
pub use tuner::{Choice, Tuner, Tuning};
