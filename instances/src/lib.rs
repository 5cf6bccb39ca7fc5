//! Fathom: how problems come in (documents, foreign formats, generators, suites)

pub mod matrix_market;
