//! Fathom: the Solver trait, Run, Outcome and the registry
