//! Fair division.
