//! The Fortran of a SIF file: the expressions of the function parts, read once for each type and written into the graph once for each element, and the
//! external functions behind the parts.

mod code_expression;
mod code_line;
mod execute;
mod formula;
mod intrinsic;
mod kind;
mod literals;
mod parse;
mod procedure;
mod scope;
#[cfg(test)]
mod tests;
mod token;

pub(super) use formula::{Formula, Unwritable};
pub(super) use kind::Kind;
pub(super) use literals::Literals;
pub(super) use parse::parse;
pub(super) use procedure::procedures;
pub(super) use scope::{Externals, Scope};
