//! Fathom: relaxation solvers for sequences of sparse linear systems
