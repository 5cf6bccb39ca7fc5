//! The state of a session as bytes, with a checksum.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a checkpoint file begins.
const MARK: &[u8; 8] = b"FATHOM\0C";

/// Version of the format.
const VERSION: u32 = 3;

/// All that a session needs to go on.
///
/// As bytes: the mark `FATHOM\0C`; the version (4 bytes); the length (8 bytes) of the JSON that says which session it is, and that JSON; the length (8 bytes)
/// of the service's state, and that state; the FNV-1a checksum (8 bytes) of all that. Numbers are little-endian.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub(crate) about: About,
    /// What the service keeps.
    pub(crate) state: Vec<u8>,
}

/// Which session it is, and how far it got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct About {
    pub algorithm: String,
    pub options: Value,
    pub seed: u64,
    /// Lines answered.
    pub lines: u64,
    /// Fingerprint of the answers.
    pub digest: u64,
    /// Length of the decision log in bytes; none where no log was kept.
    pub log_bytes: Option<u64>,
    /// The answer to the header, once it has come.
    pub header: Option<Value>,
}

/// Why bytes are no checkpoint to go on from.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file is something else.
    #[error("found no checkpoint, expected a file that `fathom online --checkpoint` wrote")]
    Mark,
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
    /// The service cannot go on from its state, or cannot keep it.
    #[error("the state of the service: {0}")]
    State(String),
}

impl Checkpoint {
    /// Length of the decision log in bytes when it was made; `None` where no log was kept.
    pub fn log_bytes(&self) -> Option<u64> {
        self.about.log_bytes
    }

    /// The same checkpoint of a session whose decision log is `bytes` long.
    #[must_use]
    pub fn with_log_bytes(mut self, bytes: u64) -> Self {
        self.about.log_bytes = Some(bytes);
        self
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// When the header cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let about = serde_json::to_vec(&self.about)?;
        let mut bytes = Vec::with_capacity(about.len() + self.state.len() + 36);
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        for part in [&about, &self.state] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        Ok(bytes)
    }

    /// The checkpoint in `bytes`.
    ///
    /// # Errors
    /// When they are something else, cut short, changed, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let rest = bytes.strip_prefix(MARK.as_slice()).ok_or(CheckpointError::Mark)?;
        let (version, rest) = rest.split_first_chunk().ok_or(CheckpointError::Checksum)?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(CheckpointError::Version(version));
        }
        let (parts, sum) = rest.split_last_chunk().ok_or(CheckpointError::Checksum)?;
        if checksum(&bytes[..bytes.len() - 8]) != u64::from_le_bytes(*sum) {
            return Err(CheckpointError::Checksum);
        }
        let (about, parts) = part(parts).ok_or(CheckpointError::Checksum)?;
        let (state, parts) = part(parts).ok_or(CheckpointError::Checksum)?;
        if !parts.is_empty() {
            return Err(CheckpointError::Checksum);
        }
        Ok(Self { about: serde_json::from_slice(about)?, state: state.to_vec() })
    }
}

/// A part with its length before it, and what follows.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// FNV-1a: this guards against cut and mixed-up files, not against an adversary.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_and_every_changed_byte_is_found_out() {
        let about = About {
            algorithm: "a".into(),
            options: serde_json::json!({}),
            seed: 1,
            lines: 2,
            digest: u64::MAX,
            log_bytes: Some(3),
            header: None,
        };
        let checkpoint = Checkpoint { about, state: vec![0, 255, 7] };
        let bytes = checkpoint.to_bytes().unwrap();
        assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), checkpoint);
        for cut in 0..bytes.len() {
            assert!(Checkpoint::from_bytes(&bytes[..cut]).is_err(), "{cut}");
            let mut changed = bytes.clone();
            changed[cut] ^= 0x10;
            assert!(Checkpoint::from_bytes(&changed).is_err(), "{cut}");
        }
        assert!(Checkpoint::from_bytes(&[&bytes[..], b"x"].concat()).is_err());
    }
}
