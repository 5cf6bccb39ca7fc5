//! Serving a live stream: a line comes in, a line goes out.

mod answer;
mod checkpoint;
mod session;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use session::{LoggedError, Session, Step};
