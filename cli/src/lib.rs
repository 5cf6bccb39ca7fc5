//! Fathom: combinatorial and constrained optimization with independent checks.
//!
//! This crate is the front door: it re-exports the rest, offers all built-in solvers as one [`registry`], and holds the [`command_line`].
//!
//! Each family is a cargo feature, and so is the command line (all on by default): whoever embeds one family pays for that family alone.
//!
//! ```toml
//! fathom-opt = { version = "0.1", default-features = false, features = ["division"] }
//! ```
//!
//! | feature | what it brings |
//! |---|---|
//! | `dag`, `division`, `nlp`, `online`, `relaxation`, `submodular` | a family's solvers and its problem class |
//! | `instances` | documents, file formats, generators and suites |
//! | `command-line` | the binary `fathom` and `fathom::command_line`, with the harness |
//! | `milp` | linear and mixed-integer models through `HiGHS` (off by default) |
//! | `conic` | conic and convex quadratic models through Clarabel (off by default) |
//!
#![cfg_attr(
    feature = "division",
    doc = r#"
```
use fathom::core::{Run, Solver};
use fathom::division::DoubleRoundRobin;
use fathom::problems::Problem;
use fathom::problems::fair_division::FairDivision;

// Two agents, three items: a good for both, a chore for both, and one they disagree about.
let problem = FairDivision::new(vec![vec![5, -3, 2], vec![4, -4, -1]])?;
let outcome = DoubleRoundRobin::default().solve(&problem, &Run::default())?;
let verdict = problem.check(&outcome.solution.expect("double round robin always allocates"))?;
assert_eq!(verdict.property("EF1").and_then(|ef1| ef1.holds), Some(true));
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]
#![forbid(unsafe_code)]

#[cfg(feature = "command-line")]
pub mod command_line;

#[cfg(any(feature = "conic", feature = "milp"))]
pub use fathom_opt_backends as backends;
#[cfg(feature = "command-line")]
pub use fathom_opt_bench as bench;
pub use fathom_opt_core as core;
#[cfg(feature = "dag")]
pub use fathom_opt_dag as dag;
#[cfg(feature = "division")]
pub use fathom_opt_division as division;
#[cfg(feature = "instances")]
pub use fathom_opt_instances as instances;
#[cfg(feature = "nlp")]
pub use fathom_opt_nlp as nlp;
#[cfg(feature = "online")]
pub use fathom_opt_online as online;
pub use fathom_opt_problems as problems;
#[cfg(feature = "relaxation")]
pub use fathom_opt_relaxation as relaxation;
#[cfg(feature = "serve")]
pub use fathom_opt_serve as serve;
#[cfg(feature = "submodular")]
pub use fathom_opt_submodular as submodular;

/// All built-in solvers of the families whose features are on.
pub fn registry() -> core::Registry {
    #[cfg_attr(
        not(any(
            feature = "dag",
            feature = "division",
            feature = "nlp",
            feature = "online",
            feature = "relaxation",
            feature = "submodular"
        )),
        expect(unused_mut)
    )]
    let mut registry = core::Registry::new();
    #[cfg(feature = "division")]
    division::register(&mut registry);
    #[cfg(feature = "relaxation")]
    relaxation::register(&mut registry);
    #[cfg(feature = "online")]
    online::register(&mut registry);
    #[cfg(feature = "nlp")]
    nlp::register(&mut registry);
    #[cfg(feature = "dag")]
    dag::register(&mut registry);
    #[cfg(feature = "submodular")]
    submodular::register(&mut registry);
    registry
}

/// All built-in services, for live streams, of the families whose features are on.
#[cfg(feature = "serve")]
pub fn services() -> serve::Services {
    #[cfg_attr(not(any(feature = "online", feature = "submodular")), expect(unused_mut))]
    let mut services = serve::Services::new();
    #[cfg(feature = "online")]
    online::register_services(&mut services);
    #[cfg(feature = "submodular")]
    submodular::register_services(&mut services);
    services
}
