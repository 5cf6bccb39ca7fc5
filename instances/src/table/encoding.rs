//! How the bytes of a table are text.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::text::unmarked;

/// How bytes are characters, as a reading option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, of the byte order that a mark at the start tells; little-endian without a mark.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Latin-1 as spreadsheets write it, with the characters of Windows-1252 where Latin-1 has control characters.
    #[serde(rename = "latin-1")]
    Latin1,
}

/// Windows-1252 from 0x80 to 0x9f; `\u{fffd}` where it has no character.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”',
    '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// The text of `file`, without a byte order mark and with newlines as line ends. Without `encoding` it is UTF-16 where a mark says so, and UTF-8 otherwise.
///
/// # Errors
/// When the bytes are not text of this encoding.
pub(super) fn text_of(file: &InputFile, encoding: Option<Encoding>) -> Result<Cow<'_, str>, InstanceError> {
    let bytes = file.bytes();
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = match encoding.unwrap_or(if marked { Encoding::Utf16 } else { Encoding::Utf8 }) {
        Encoding::Utf8 => Cow::Borrowed(file.text().map_err(|error| error.advised(ADVICE))?),
        Encoding::Utf16 => {
            Cow::Owned(utf16(bytes).ok_or_else(|| file.about("found a code unit that is no character, expected UTF-16 text"))?)
        }
        Encoding::Latin1 => Cow::Owned(latin1(file)?),
    };
    // Files of old Macintosh programs end their lines by a carriage return alone.
    Ok(if text.contains('\r') && !text.contains('\n') { Cow::Owned(text.replace('\r', "\n")) } else { text })
}

const ADVICE: &str = "`--read encoding=latin-1` reads text of Western European programs";

/// The text of one line of a table that comes line by line, without a byte order mark: UTF-8, or Latin-1.
pub(crate) fn line_text(line: &[u8], encoding: Option<Encoding>) -> Result<String, String> {
    let line = unmarked(line);
    if encoding == Some(Encoding::Latin1) {
        return latin1(&InputFile::of_bytes("", line.to_vec())).map_err(|error| error.message);
    }
    std::str::from_utf8(line).map(str::to_owned).map_err(|_| format!("found bytes that are no UTF-8 text ({ADVICE})"))
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (big_endian, units) = match bytes {
        [0xfe, 0xff, rest @ ..] => (true, rest),
        [0xff, 0xfe, rest @ ..] | rest => (false, rest),
    };
    if !units.len().is_multiple_of(2) {
        return None;
    }
    let unit = |pair: &[u8]| if big_endian { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
    char::decode_utf16(units.chunks_exact(2).map(unit)).collect::<Result<String, _>>().ok()
}

fn latin1(file: &InputFile) -> Result<String, InstanceError> {
    let mut text = String::with_capacity(file.bytes().len());
    for (at, &byte) in file.unmarked().iter().enumerate() {
        let character = match byte {
            0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
            _ => char::from(byte),
        };
        if character == '\u{fffd}' {
            let offset = file.bytes().len() - file.unmarked().len() + at;
            return Err(file.at_offset(offset, format!("found the byte 0x{byte:02x}, expected Latin-1 text")));
        }
        text.push(character);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: Option<Encoding>) -> Result<String, String> {
        text_of(&InputFile::of_bytes("a.csv", bytes.to_vec()), encoding).map(Cow::into_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn marks_and_options_tell_the_encoding() {
        assert_eq!(text("\u{feff}ä\r\n".as_bytes(), None).unwrap(), "ä\r\n");
        assert_eq!(text(b"\xff\xfea\0,\0", None).unwrap(), "a,");
        assert_eq!(text(b"\xfe\xff\0a\0,", None).unwrap(), "a,");
        assert_eq!(text(b"a\0,\0", Some(Encoding::Utf16)).unwrap(), "a,");
        assert_eq!(text(b"caf\xe9 \x80", Some(Encoding::Latin1)).unwrap(), "café €");
        assert_eq!(text(b"a\rb\r", None).unwrap(), "a\nb\n");
        assert!(text(b"caf\xe9", None).unwrap_err().contains("--read encoding=latin-1"));
        assert!(text(b"\x81", Some(Encoding::Latin1)).unwrap_err().contains("0x81"));
        assert!(text(b"\xff\xfea", None).is_err());
    }
}
