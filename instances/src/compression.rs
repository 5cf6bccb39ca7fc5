//! Files that may be compressed: `.gz` and `.zst`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
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
/// When it is not a regular file or cannot be read.
pub fn read_stored(file: &Path) -> Result<Vec<u8>, InstanceError> {
    let failed = |cause| InstanceError::io(file, "read", cause);
    let mut handle = File::open(file).map_err(failed)?;
    let metadata = handle.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(InstanceError::about(file, "found a folder, expected a file"));
    }
    let mut stored = Vec::new();
    handle.read_to_end(&mut stored).map_err(failed)?;
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

/// Up to `limit + 1` bytes, so that a caller can tell that there were more.
fn read_limited(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes `file` with `write`, compressed as its name says: to a temporary file in the same folder first, so that no partial file is left behind.
/// The file only appears once [`Pending::commit`] is called.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_pending(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Pending, InstanceError> {
    let failed = |cause| InstanceError::io(file, "write", cause);
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut temporary = tempfile::Builder::new().prefix(".fathom-").tempfile_in(folder).map_err(failed)?;
    let written = match Compression::of(&name).0 {
        Compression::None => {
            let mut out = BufWriter::new(temporary.as_file_mut());
            write(&mut out).and_then(|()| out.flush())
        }
        Compression::Gzip => {
            let mut out = flate2::write::GzEncoder::new(BufWriter::new(temporary.as_file_mut()), flate2::Compression::default());
            write(&mut out).and_then(|()| out.finish()).and_then(|mut inner| inner.flush())
        }
        Compression::Zstandard => zstd::stream::write::Encoder::new(BufWriter::new(temporary.as_file_mut()), 0).and_then(|mut out| {
            write(&mut out)?;
            out.finish()?.flush()
        }),
    };
    written.map_err(failed)?;
    Ok(Pending { temporary, file: file.to_path_buf() })
}

/// A file that was written in full but does not stand under its name yet. Dropped, it vanishes.
#[derive(Debug)]
pub struct Pending {
    temporary: tempfile::NamedTempFile,
    file: std::path::PathBuf,
}

impl Pending {
    /// The bytes as stored.
    ///
    /// # Errors
    /// When they cannot be read back.
    pub fn stored(&self) -> Result<Vec<u8>, InstanceError> {
        read_stored(self.temporary.path())
    }

    /// Puts the file under its name, replacing what stood there.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn commit(self) -> Result<(), InstanceError> {
        use_default_permissions(self.temporary.as_file());
        self.temporary.persist(&self.file).map(drop).map_err(|error| InstanceError::io(&self.file, "write", error.error))
    }
}

/// Temporary files are private; what a user asks for is readable like any file they make.
#[cfg(unix)]
fn use_default_permissions(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    // Failing to widen the permissions is no reason to lose the file.
    let _ = file.set_permissions(std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn use_default_permissions(_file: &File) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(name: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        write_pending(&file, |out| out.write_all(b"hello, hello, hello")).unwrap().commit().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays behind");
        unpack(&file, read_stored(&file).unwrap()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_in_each_compression() {
        for name in ["a.json", "a.json.gz", "a.json.zst"] {
            assert_eq!(round_trip(name), b"hello, hello, hello");
        }
    }

    #[test]
    fn a_truncated_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.gz", "a.zst"] {
            let file = folder.path().join(name);
            let pending = write_pending(&file, |out| out.write_all(&[7; 5000])).unwrap();
            let mut stored = pending.stored().unwrap();
            stored.truncate(stored.len() - 3);
            let error = unpack(&file, stored).unwrap_err();
            assert!(error.to_string().contains("damaged or cut short"), "{error}");
        }
    }

    #[test]
    fn a_decompression_bomb_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bomb.zst");
        let pending = write_pending(&file, |out| {
            let zeros = vec![0_u8; 1 << 16];
            (0..2048).try_for_each(|_| out.write_all(&zeros))
        })
        .unwrap();
        let error = unpack(&file, pending.stored().unwrap()).unwrap_err();
        assert!(error.to_string().contains("unpacks to more than"), "{error}");
    }
}
