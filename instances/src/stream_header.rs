//! Streams of JSON lines: their first line says what they are.

use serde::Deserialize;

/// The `kind` that the header `line` of a stream says; `None` where it is no header.
pub(crate) fn kind_of(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Header {
        kind: String,
    }
    serde_json::from_slice::<Header>(line).ok().map(|header| header.kind)
}
