//! Saving a maximizer and continuing from it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::builder::Builder;
use crate::error::MaximizeError;
use crate::live::{Live, LiveState};
use crate::machine::MachineState;
use crate::maximizer::DynamicMaximizer;
use crate::oracle::LevelOracle;
use crate::settings::Settings;
use crate::solution::Solution;
use crate::stats::Stats;
use crate::work::Work;

/// Name and version of the form.
const MAGIC: &[u8; 8] = b"FTHMSUB2";
const DIGEST: usize = 32;

/// All that a maximizer cannot compute again from its function.
#[derive(Serialize, Deserialize)]
struct Saved {
    settings: Settings,
    most: u64,
    elements: u64,
    live: LiveState,
    machine: MachineState,
    stats: Stats,
    past: Work,
    empty: Work,
    scratch: Work,
    settled: u64,
    last: Vec<u32>,
    current: Option<Solution>,
}

/// Why a saved state was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// The bytes are no saved maximizer of this version, or were cut or changed.
    #[error("no intact saved maximizer: {0}")]
    Damaged(&'static str),
    /// The maximizer was saved with another setting, function or constraint than it is restored with.
    #[error("the maximizer was saved with {what} {saved}, and is restored with {given}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What it was.
        saved: String,
        /// What it is now.
        given: String,
    },
    /// The maximizer cannot be built, or is no longer of use.
    #[error(transparent)]
    Maximizer(#[from] MaximizeError),
}

impl<O: LevelOracle> DynamicMaximizer<O> {
    /// The state as bytes, with a checksum. A maximizer restored from it continues exactly as this one does, whatever the number of threads. The function and a
    /// matroid are not part of it.
    ///
    /// # Errors
    /// A maximizer whose function was at fault.
    pub fn save(&mut self) -> Result<Vec<u8>, RestoreError> {
        self.rest()?;
        self.saved()
    }

    /// The state as bytes, with nothing waiting to be worked off; nothing ever waits on one thread.
    pub(crate) fn saved(&self) -> Result<Vec<u8>, RestoreError> {
        let saved = Saved {
            settings: Settings { threads: 1, ..self.settings.clone() },
            most: self.most_elements() as u64,
            elements: self.empty.oracle().elements() as u64,
            live: self.live.save(),
            machine: self.machine.save(),
            stats: self.stats.clone(),
            past: self.past,
            empty: self.empty.work(),
            scratch: self.scratch_work(),
            settled: self.settled,
            last: self.last.clone(),
            current: self.current.clone(),
        };
        let body = postcard::to_allocvec(&saved).map_err(|_| RestoreError::Damaged("it cannot be written"))?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&Sha256::digest(&body));
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }
}

impl<O: LevelOracle> Builder<O> {
    /// The maximizer that was saved as `bytes`. The builder has to have the same function, constraint and settings; only the number of threads may differ.
    ///
    /// # Errors
    /// Bytes that are no intact saved maximizer; another setting, function or constraint than it was saved with.
    pub fn restore(self, bytes: &[u8]) -> Result<DynamicMaximizer<O>, RestoreError> {
        let body = bytes.strip_prefix(MAGIC).ok_or(RestoreError::Damaged("it does not begin as one"))?;
        let (digest, body) = body.split_at_checked(DIGEST).ok_or(RestoreError::Damaged("it is cut"))?;
        if digest != Sha256::digest(body).as_slice() {
            return Err(RestoreError::Damaged("the checksum differs"));
        }
        let saved: Saved = postcard::from_bytes(body).map_err(|_| RestoreError::Damaged("it cannot be read"))?;
        let mut maximizer = self.build()?;
        let differ =
            |what, saved: String, given: String| if saved == given { Ok(()) } else { Err(RestoreError::Mismatch { what, saved, given }) };
        let given = Settings { threads: 1, ..maximizer.settings.clone() };
        differ("engine", saved.settings.engine.name().into(), given.engine.name().into())?;
        differ("eps", saved.settings.eps.to_string(), given.eps.to_string())?;
        differ("seed", saved.settings.seed.to_string(), given.seed.to_string())?;
        differ("settings", format!("{:?}", saved.settings), format!("{given:?}"))?;
        differ("k", saved.most.to_string(), maximizer.most_elements().to_string())?;
        let elements = maximizer.empty.oracle().elements();
        differ("elements", saved.elements.to_string(), elements.to_string())?;
        maximizer.live = Live::restore(saved.live, elements).ok_or(RestoreError::Damaged("its live elements are none"))?;
        for (element, single) in maximizer.live.known_singles() {
            maximizer.empty.remember(element, single);
        }
        maximizer.machine.restore(saved.machine).ok_or(RestoreError::Damaged("its engine is not in a state it can be in"))?;
        maximizer.set_works(saved.empty, saved.scratch);
        (maximizer.stats, maximizer.past, maximizer.settled) = (saved.stats, saved.past, saved.settled);
        (maximizer.last, maximizer.current) = (saved.last, saved.current);
        Ok(maximizer)
    }
}
