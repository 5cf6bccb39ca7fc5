//! Fathom: sparse kernels that several solver families use
