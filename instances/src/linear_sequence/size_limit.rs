//! How large generated sequences may be.

/// More unknowns over all systems than this are refused by generators: right-hand sides are held in memory.
pub(super) const MOST_UNKNOWNS: usize = 1 << 30;
