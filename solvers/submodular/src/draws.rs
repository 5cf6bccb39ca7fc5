//! Random draws that can be saved and continued.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// A random stream of its own for each seed, guess and purpose.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Position", into = "Position")]
pub(crate) struct Draws {
    pub(crate) rng: ChaCha8Rng,
    seed: u64,
    stream: u64,
}

/// Where in which stream the next draw comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Position {
    seed: u64,
    stream: u64,
    word: u128,
}

impl Draws {
    /// The stream for guess `guess` and `purpose` (a build number, 0 for all that is drawn as updates come).
    pub(crate) fn new(seed: u64, guess: i32, purpose: u64) -> Self {
        let stream = (i64::from(guess) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03);
        Self::at(seed, stream, 0)
    }

    fn at(seed: u64, stream: u64, word: u128) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        rng.set_word_pos(word);
        Self { rng, seed, stream }
    }
}

impl From<Position> for Draws {
    fn from(position: Position) -> Self {
        Self::at(position.seed, position.stream, position.word)
    }
}

impl From<Draws> for Position {
    fn from(draws: Draws) -> Self {
        Self { seed: draws.seed, stream: draws.stream, word: draws.rng.get_word_pos() }
    }
}
