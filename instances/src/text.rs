//! Text in files: UTF-8, or the place where it is not.

use std::path::Path;

use crate::error::InstanceError;

/// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// `bytes` as text.
///
/// # Errors
/// When they are not UTF-8, with the place of the first byte that is not.
pub(crate) fn utf8<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, InstanceError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let message = format!("found the byte 0x{:02x}, expected UTF-8 text", bytes[offset]);
        InstanceError::at_offset(file, bytes, offset, message)
    })
}

/// `bytes` without the mark that some programs put before UTF-8 text.
pub(crate) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes)
}

/// The error for a fault in the JSON `text`.
pub(crate) fn json_error(file: &Path, text: &str, error: &serde_json::Error) -> InstanceError {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&position).unwrap_or(&message);
    InstanceError::at_line(file, text.as_bytes(), error.line(), error.column().max(1), message)
}
