use thiserror::Error;

/// How much of an offending token a message repeats, in characters.
const FOUND_LIMIT: usize = 40;

/// Why a text is not a Matrix Market file that [`read`](super::read) accepts: where, what stands there, what should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: found {found}, expected {expected}")]
pub struct MatrixMarketError {
    /// The line at fault, counted from 1.
    pub line: usize,
    /// The byte within the line at which the fault begins, counted from 1.
    pub column: usize,
    /// What stands there: a quoted token, shortened to 40 characters, or the end of the line or file.
    pub found: String,
    /// What the format, or the header of this very file, asks for at this place.
    pub expected: String,
}

/// The token in quotes, with control characters escaped and a long tail replaced by `...`.
pub(super) fn quote(token: &[u8]) -> String {
    // Four bytes per character at most, so a token of megabytes costs no megabytes here.
    let head = &token[..token.len().min(FOUND_LIMIT * 4)];
    let text = String::from_utf8_lossy(head);
    let shown: String = text.chars().take(FOUND_LIMIT).collect();
    let dots = if shown.len() < text.len() || head.len() < token.len() { "..." } else { "" };
    format!("\"{}{dots}\"", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_long_token_is_shortened_to_forty_characters() {
        let quoted = quote(&vec![b'7'; 100_000]);
        assert_eq!(quoted, format!("\"{}...\"", "7".repeat(40)));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_escaped() {
        assert_eq!(quote(b"a\x00\xff"), "\"a\\0\u{fffd}\"");
    }
}
