//! Fathom: the benchmark harness
