//! The benchmark harness: suites of runs, each in a process of its own, checked, and recorded one by one.
//!
//! ```text
//! Suite --plan--> PlannedRun --worker process--> answer --> Record --Store--> Summary, table, export
//! ```
//!
//! - [`run`] runs what is missing in a results file. A run is known by its [`RunKey`]; one that is recorded is never repeated.
//! - Every run is a process ([`worker::serve`] is its whole life) with a time and a memory limit. A crash, a hang or an exhausted memory is a record
//!   with the reason, never the end of the suite.
//! - Each record is committed before its slot takes the next run. Killed at any moment, [`run`] again finishes what is missing.
//! - Somebody else's program takes part as a command ([`suites`] has the format): the same limits, the same checker, and nothing of it lives on after its run.
//! - The checker's verdict stands beside what the solver claimed ([`fathom_opt_core::Audit`]); [`table`] shows a refuted claim as WRONG.
#![forbid(unsafe_code)]

mod answer;
mod bar;
mod command_run;
mod course;
mod descendants;
mod error;
mod export;
mod failure;
mod grace;
mod integral;
mod job;
mod key;
mod lock;
mod machine;
mod memory_limit;
mod plan;
mod process;
mod progress;
mod record;
mod reference;
mod request;
mod runner;
mod schema;
mod scratch;
mod solution_document;
mod store;
mod stored_record;
mod stranger;
mod summary;
mod table;
mod tail;
mod usage;
pub mod worker;
mod yardstick;

#[doc = include_str!("../SUITES.md")]
pub mod suites {}

pub use bar::Bar;
pub use course::{Course, Sample};
pub use error::BenchError;
pub use export::{ExportFormat, export, export_courses};
pub use grace::Grace;
pub use key::{RunKey, canonical_json};
pub use machine::machine;
pub use process::WorkerCommand;
pub use progress::{Progress, Watch};
pub use record::Record;
pub use request::RunRequest;
pub use runner::run;
pub use solution_document::{SolutionDocument, SolvedBy};
pub use store::Store;
pub use summary::{Proved, Row, RowVerdict, Summary, Unreadable};
pub use table::table;
pub use usage::cpu_seconds;
