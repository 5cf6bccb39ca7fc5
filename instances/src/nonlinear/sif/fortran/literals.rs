//! With how many digits the numbers of Fortran text are taken.

/// How the numbers of expressions are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::nonlinear::sif) enum Literals {
    /// As Fortran takes them: `0.1` has single precision and `0.1D0` double, and what is made of numbers of single precision alone has it too.
    #[default]
    Fortran,
    /// All have double precision.
    Double,
}
