//! A fingerprint of all answers so far.

/// A running fingerprint of lines in their order: eight bytes at a time are mixed in by a multiplication whose halves are folded together, so that it costs
/// next to nothing. It tells one stream's answers from another's; it does not withstand somebody who means to forge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) u64);

impl Digest {
    /// Of no line.
    pub fn new() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }

    /// Takes in a line, without its newline.
    #[inline]
    pub fn add(&mut self, line: &[u8]) {
        let mut state = fold(self.0, line.len() as u64);
        let (words, rest) = line.as_chunks::<8>();
        for word in words {
            state = fold(state, u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.0 = fold(state, u64::from_le_bytes(last));
    }
}

#[inline]
fn fold(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xda94_2042_e4dd_58b5;
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are meant")]
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded.wrapping_add(state.rotate_left(23))
}
