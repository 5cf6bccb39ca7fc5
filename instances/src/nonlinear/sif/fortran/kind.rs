//! The kinds of values.

/// What kind of value an expression or a name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nonlinear::sif) enum Kind {
    Real,
    /// A constant of single precision.
    Single,
    Integer,
    Logical,
    /// An array, which only external functions take.
    Array,
}
