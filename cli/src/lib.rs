//! Fathom: the command line and the facade library
