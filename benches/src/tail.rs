//! The end of a stream of bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How much of a process's diagnostics is kept, in bytes.
pub(crate) const TAIL: usize = 4096;

/// The end of a stream of bytes, for several writers.
#[derive(Debug, Default)]
pub(crate) struct Tail(Mutex<VecDeque<u8>>);

impl Tail {
    /// Adds `bytes`; what is older than the last [`TAIL`] bytes is forgotten.
    pub fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let surplus = kept.len().saturating_sub(TAIL);
        kept.drain(..surplus);
    }

    /// What is kept.
    pub fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (front, back) = kept.as_slices();
        // Cutting may split a character.
        String::from_utf8_lossy(&[front, back].concat()).trim_start_matches(char::REPLACEMENT_CHARACTER).to_owned()
    }
}
