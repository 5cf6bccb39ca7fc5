//! Fathom: thin doors to other people's solvers
