//! Dynamic submodular maximization: elements come and go, and whenever it is asked, a feasible set of live elements with a large value is there, with a proved
//! share of the optimum and an upper bound on it.
//!
//! | engine | what it keeps | what is proved at every query |
//! |---|---|---|
//! | `auto` | the greedy solution under a work budget, `single-sample` as the safety net | the greedy share or `1/(2 + eps)`, whichever engine is at work, surely |
//! | `single-sample` | levels of one uniform sample each ([SODA 2024](https://arxiv.org/abs/2306.00959)) | `1/(2 + eps)`, surely, against any adversary |
//! | `leveled-buckets` | blocks sampled from buckets of equal gains ([ICML 2023](https://arxiv.org/abs/2305.15192)) | `(1 - eps - beta - delta)/(2 (1 + eps))` in expectation, against an oblivious adversary |
//! | `repair-greedy`, `recompute` | the greedy solution, kept or from nothing | `1 - (1 - 1/k)^k`, surely; `1/2` under a matroid |
//! | `sieve` | one threshold sieve per guess | `1/(2 + eps)`, surely |
//! | `lattanzi`, `monemizadeh` | comparators from 2020 | nothing |
//!
//! Under a matroid `single-sample` swaps, with `(1 - eps/2)/4`; for non-negative functions that are not monotone it runs twice, with `1/(7 + 2 eps)`; both surely. The
//! proofs stand beside the code (`machine.rs`, `two_runs.rs`, `bucket_levels.rs`). The text of the ICML 2023 paper could not be had: `leveled-buckets` is our own
//! derivation from its abstract, with our own constants and proof; `beta` and `delta` are the error of its estimates, computed from the number of trials.
//!
//! # Coverage over a stream
//!
//! ```
//! use fathom_opt_problems::submodular_stream::Coverage;
//! use fathom_opt_submodular::{CoverageOracle, DynamicMaximizer, Engine};
//!
//! // Four elements and the items that each covers.
//! let sets = [vec![0, 1], vec![1, 2, 3], vec![0, 4], vec![4]].into_iter().collect();
//! let oracle = CoverageOracle::new(Coverage::new(None, sets)?);
//! let mut maximizer = DynamicMaximizer::builder(oracle).k(2).eps(0.2).engine(Engine::Auto).seed(7).build()?;
//! maximizer.insert(0)?;
//! maximizer.insert(1)?;
//! maximizer.insert(2)?;
//! let best = maximizer.solution()?;
//! assert_eq!((best.value, best.upper_bound), (5.0, 5.0));
//! maximizer.delete(1)?;
//! assert_eq!(maximizer.solution()?.value, 3.0);
//! println!("{}", best.guarantee.expect("the function is monotone"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A function of your own
//!
//! A closure from sets to values is enough; one that keeps state implements [`LevelOracle`].
//!
//! ```
//! use fathom_opt_submodular::{DynamicMaximizer, Engine, ValueOracle, spot_check};
//!
//! // How many different remainders the chosen numbers leave.
//! let remainders = |set: &[usize]| set.iter().map(|element| element % 5).collect::<std::collections::BTreeSet<_>>().len() as f64;
//! let oracle = ValueOracle::monotone(100, remainders);
//! spot_check(&oracle, 10, 8, 1)?; // looks for a proof that it is not submodular
//! let mut maximizer = DynamicMaximizer::builder(oracle).k(3).engine(Engine::SingleSample).build()?;
//! for element in 0..50 {
//!     maximizer.insert(element)?;
//! }
//! assert_eq!(maximizer.solution()?.value, 3.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Save and restore
//!
//! ```
//! use fathom_opt_submodular::{DynamicMaximizer, ModularOracle};
//!
//! let builder = || DynamicMaximizer::builder(ModularOracle::new(vec![3.0, 1.0, 2.0])).k(2);
//! let mut maximizer = builder().build()?;
//! maximizer.insert(0)?;
//! maximizer.insert(1)?;
//! let bytes = maximizer.save()?;
//! let mut restored = builder().restore(&bytes)?; // continues exactly as the saved one would
//! restored.insert(2)?;
//! assert_eq!(restored.solution()?.value, 5.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Live streams
//!
//! `fathom online submodular` serves a maximizer line by line ([`Submodular`] has the options, [`LiveHeader`] is the first line): operations come in, answers with
//! value, upper bound and guarantee go out; log, checkpoint, resume and `fathom audit` come with `fathom-opt-serve`. An audit computes every value again from the
//! header's data and draws value and bound over the stream.
//!
//! # Graphs of petgraph
//!
//! With the feature `petgraph`:
//!
//! ```
//! # #[cfg(feature = "petgraph")] {
//! use fathom_opt_submodular::{DynamicMaximizer, neighbourhoods};
//! use petgraph::graph::UnGraph;
//!
//! // A star with a tail.
//! let graph = UnGraph::<(), ()>::from_edges([(0, 1), (0, 2), (0, 3), (3, 4)]);
//! let mut maximizer = DynamicMaximizer::builder(neighbourhoods(&graph, true)?).k(1).build()?;
//! for node in graph.node_indices() {
//!     maximizer.insert(node.index() as u32)?;
//! }
//! assert_eq!(maximizer.solution()?.chosen, [0]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it costs
//!
//! The measure is the number of gains looked at ([`Work`]). `single-sample` costs about `k log^2 k` per update in expectation, whatever the number of elements, as long as
//! the stream does not depend on its draws; a single update may cost as much as rebuilding a guess, and worst-case spreading of that work is not built: [`Stats`] has the
//! largest update so far. Somebody who deletes what was answered can raise the cost, never lower the share of `single-sample`.
//!
//! | figure | command |
//! |---|---|
//! | growth over n = 2^11 .. 2^15, killer streams, slopes, with a picture | `cargo run --release -p fathom-opt-submodular --example work -- growth growth.svg` |
//! | one size: engines on a killer stream, on a window, on facility location | `... --example work -- killer 32000`, `... -- window 128000`, `... -- facility 4000` |
//! | k = 10 to 200 against `2 k log2(k)^2` | `... --example work -- cardinality` |
//! | values beside greedy's and beside their bounds | `... --example work -- quality GRAPH.txt.gz`, `... -- quality 4000` |
//! | a million elements; growing and collapsing values | `... --example work -- memory 1000000`, `... -- scales` |
//! | shares against brute force | `cargo run --release -p fathom-opt-submodular --example shares -- 200` |
//! | the same, invariants, uniformity, saving, threads, adversaries, bounded | `cargo test -p fathom-opt-submodular -- --nocapture` |
//! | live streams interrupted and resumed, audits | `cargo test -p fathom-opt-submodular --test service` |
//! | suites | `fathom bench run submodular-snap submodular-synthetic --data FOLDER` |
//! | value and bound over a stream, drawn | `fathom solve FILE --trace trace.csv`, then `cargo run -p fathom-opt-submodular --example picture -- trace.csv picture.svg` |
//! | beside submodlib and apricot | `benches/peers/submodular/run` |
#![forbid(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "elements are 32-bit numbers (larger ground sets are refused), levels and guesses are small, and counts of floating-point shares are at least 0"
)]

mod anchor;
mod auto;
mod builder;
mod constraint;
mod counted;
mod depth_lists;
mod draws;
mod engines;
mod error;
mod greedy;
mod grid;
mod guarantee;
mod guesses;
mod live;
mod machine;
mod maximizer;
mod oracle;
mod oracles;
mod picture;
mod service;
mod settings;
mod shares;
mod snapshot;
mod solution;
mod solvers;
mod spot_check;
mod stats;
mod work;

pub use builder::Builder;
pub use constraint::{Constraint, Matroid};
pub use error::{MaximizeError, OracleFault};
pub use guarantee::{Adversary, Formula, Guarantee};
pub use maximizer::DynamicMaximizer;
pub use oracle::{LevelOracle, reaches};
pub use oracles::*;
pub use picture::value_and_bound;
pub use service::{LiveAnswer, LiveFound, LiveHeader, LiveOperation, LiveStream, Submodular, register_services};
pub use settings::{Engine, Settings};
pub use snapshot::RestoreError;
pub use solution::{Solution, Update};
pub use solvers::{Auto, Lattanzi, LeveledBuckets, Monemizadeh, Recompute, RepairGreedy, Sieve, SingleSample, register};
pub use spot_check::spot_check;
pub use stats::{Stats, WorkHistogram};
pub use work::Work;
