//! The state of a session as bytes, with a checksum.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the checkpoint format.
const VERSION: u32 = 2;

/// All that a session needs to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Checkpoint {
    pub(super) version: u32,
    pub(super) algorithm: String,
    pub(super) options: Value,
    pub(super) seed: u64,
    /// Lines answered.
    pub lines: u64,
    /// Length of the decision log in bytes, set by whoever keeps one.
    pub log_bytes: u64,
    /// The header, once it has come.
    pub(super) header: Option<Value>,
    /// What the service keeps.
    pub(super) state: Value,
}

/// Why bytes are no checkpoint to go on from.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file was cut short or changed.
    #[error("found a checkpoint whose checksum does not match, expected one that was written to its end")]
    Checksum,
    /// The content is not a checkpoint.
    #[error("found no checkpoint: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version of the format.
    #[error("found version {0} of the checkpoint format, expected {VERSION}")]
    Version(u32),
    /// Made by another run.
    #[error("found a checkpoint of `{found}`, expected one of `{expected}` (the same algorithm, options and seed)")]
    OtherRun {
        /// The run it was made by.
        found: String,
        /// This run.
        expected: String,
    },
    /// Its header is not one that could have been served.
    #[error("found a header that is refused: {0}")]
    Header(String),
}

impl Checkpoint {
    pub(super) fn version() -> u32 {
        VERSION
    }

    /// A line of JSON and a line with its checksum.
    ///
    /// # Errors
    /// When the state cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let mut bytes = serde_json::to_vec(self)?;
        let sum = checksum(&bytes);
        bytes.extend_from_slice(format!("\n{sum:016x}\n").as_bytes());
        Ok(bytes)
    }

    /// The checkpoint in `bytes`.
    ///
    /// # Errors
    /// When they are cut short, changed, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut lines = bytes.split(|&byte| byte == b'\n');
        let (state, sum) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        if format!("{:016x}", checksum(state)).as_bytes() != sum {
            return Err(CheckpointError::Checksum);
        }
        let checkpoint: Self = serde_json::from_slice(state)?;
        if checkpoint.version != VERSION {
            return Err(CheckpointError::Version(checkpoint.version));
        }
        Ok(checkpoint)
    }
}

/// FNV-1a: this guards against cut and mixed-up files, not against an adversary.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
