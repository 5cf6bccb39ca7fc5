//! The bytes of a file as they are stored: plain, or packed as `.gz` or `.zst`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use crate::error::InstanceError;

/// How a file's bytes are stored, told by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As they are.
    None,
    /// gzip, `.gz`.
    Gzip,
    /// Zstandard, `.zst`.
    Zstandard,
}

impl Compression {
    /// How the file `name` is stored, and its name without the compression's ending.
    pub fn of(name: &str) -> (Self, &str) {
        if let Some(inner) = name.strip_suffix(".gz") {
            (Self::Gzip, inner)
        } else if let Some(inner) = name.strip_suffix(".zst") {
            (Self::Zstandard, inner)
        } else {
            (Self::None, name)
        }
    }
}

/// Stored bytes may unpack to this many times their size, and to [`FREE`] in any case: more is taken for a decompression bomb.
/// (gzip cannot do more than about 1032 times.)
const MOST_EXPANSION: u64 = 1100;

/// Size up to which any ratio is accepted.
const FREE: u64 = 64 << 20;

/// The bytes of `file` as stored.
///
/// # Errors
/// When it is not a regular file (a folder, a pipe, a device: some of those never end) or cannot be read.
pub fn read_stored(file: &Path) -> Result<Vec<u8>, InstanceError> {
    let failed = |cause| InstanceError::io(file, "read", cause);
    // Looked at before it is opened: opening a pipe waits for somebody to write into it.
    let metadata = std::fs::metadata(file).map_err(failed)?;
    if metadata.is_dir() {
        return Err(InstanceError::about(file, "found a folder, expected a file"));
    }
    if !metadata.is_file() {
        return Err(InstanceError::about(file, "found a pipe or a device, expected a regular file"));
    }
    let mut stored = Vec::new();
    File::open(file).and_then(|mut handle| handle.read_to_end(&mut stored)).map_err(failed)?;
    Ok(stored)
}

/// `stored` unpacked as the name of `file` says.
///
/// # Errors
/// When the bytes are not what the name says, are cut short, or unpack to absurdly many.
pub fn unpack(file: &Path, stored: Vec<u8>) -> Result<Vec<u8>, InstanceError> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let limit = FREE.max(MOST_EXPANSION.saturating_mul(stored.len() as u64));
    let (kind, unpacked) = match Compression::of(&name).0 {
        Compression::None => return Ok(stored),
        Compression::Gzip => ("gzip", read_limited(flate2::read::MultiGzDecoder::new(stored.as_slice()), limit)),
        Compression::Zstandard => {
            ("Zstandard", zstd::stream::read::Decoder::new(stored.as_slice()).and_then(|decoder| read_limited(decoder, limit)))
        }
    };
    let unpacked = unpacked.map_err(|cause| InstanceError::about(file, format!("the {kind} data is damaged or cut short: {cause}")))?;
    if unpacked.len() as u64 > limit {
        return Err(InstanceError::about(file, format!("unpacks to more than {limit} bytes; unpack it yourself if that is intended")));
    }
    Ok(unpacked)
}

/// What `stored` holds, unpacked as it comes where its first bytes are those of gzip or Zstandard. Waits for the first bytes.
///
/// # Errors
/// When nothing can be read.
pub fn unpacking(mut stored: Box<dyn BufRead>) -> io::Result<Box<dyn BufRead>> {
    let first = stored.fill_buf()?;
    // No text starts with either byte.
    match first.first() {
        Some(0x1f) => Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(stored)))),
        Some(0x28) if first.starts_with(&[0x28, 0xb5]) => Ok(Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(stored)?))),
        _ => Ok(stored),
    }
}

/// Up to `limit + 1` bytes, so that a caller can tell that there were more.
fn read_limited(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Lets `write` write to `out`, packed as `compression` says.
pub(crate) fn pack(compression: Compression, out: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match compression {
        Compression::None => write(out),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            write(&mut encoder)?;
            encoder.finish().map(drop)
        }
        Compression::Zstandard => {
            let mut encoder = zstd::stream::write::Encoder::new(out, 0)?;
            write(&mut encoder)?;
            encoder.finish().map(drop)
        }
    }
}

/// The folder in which `file` lies.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
