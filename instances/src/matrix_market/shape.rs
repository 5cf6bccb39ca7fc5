//! What the first lines of a file say about its matrix.

use super::Header;

/// What the banner and the size line promise.
pub(super) struct Shape {
    pub(super) header: Header,
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// How many entry or value lines follow.
    pub(super) stored: u64,
}
