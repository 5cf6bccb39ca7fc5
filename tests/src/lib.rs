//! Fathom: end-to-end tests
