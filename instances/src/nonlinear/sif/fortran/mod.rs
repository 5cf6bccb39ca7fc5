//! The Fortran expressions of the function parts: read once for each type, written into the graph once for each element.

mod formula;
mod intrinsic;
mod parse;
mod scope;
mod token;

pub(super) use formula::{Formula, Kind};
pub(super) use parse::parse;
pub(super) use scope::{Literals, Scope};
