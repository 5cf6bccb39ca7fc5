//! The primal-dual barrier method: subproblems, steps, restoration, and the loop around them.

mod end;
mod filter;
mod iterate;
mod method;
mod newton;
mod outer_loop;
mod program;
mod restoration;
mod system;
mod watch;

pub(crate) use end::End;
pub(crate) use iterate::Iterate;
pub(crate) use method::Barrier;
pub(crate) use outer_loop::{BARRIER_SHARE, OuterLoop, run};
pub(crate) use program::{Private, Program, inside};
pub(crate) use system::CondensedSystem;
pub(crate) use watch::Watch;
