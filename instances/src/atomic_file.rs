//! Files that are written whole or not at all: what is new takes the place of what was there in one step.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::InstanceError;
use crate::stored_bytes::{Compression, folder_of, pack, read_stored};

/// Writes `file` with `write`, compressed as its name says, and puts it in place with [`Pending::commit`]: the whole file or none, never a part of it.
///
/// A link is followed. What exists and is no regular file (a device, a pipe) is written to, not replaced; an existing file keeps its permissions.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_pending(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Pending, InstanceError> {
    let failed = |cause| InstanceError::io(file, "write", cause);
    let place = Place::of(file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let compression = Compression::of(&name).0;
    let Place::Regular { target, permissions } = place else {
        let mut bytes = Vec::new();
        pack(compression, &mut bytes, write).map_err(failed)?;
        return Ok(Pending { file: file.to_path_buf(), content: Content::Bytes(bytes) });
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fathom-");
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    // The error of a temporary file names that file, which nobody has heard of.
    let nameless = |cause: io::Error| failed(io::Error::from(cause.kind()));
    let mut temporary = builder.tempfile_in(folder_of(&target)).map_err(nameless)?;
    let mut out = BufWriter::new(temporary.as_file_mut());
    pack(compression, &mut out, write).and_then(|()| out.flush()).map_err(failed)?;
    drop(out);
    Ok(Pending { file: target, content: Content::Temporary(temporary) })
}

/// Whether [`write_pending`] could write `file` as things stand, so that long work need not end in an error about its output.
///
/// # Errors
/// As [`write_pending`].
pub fn ensure_writable(file: &Path) -> Result<(), InstanceError> {
    if let Place::Regular { target, .. } = Place::of(file)? {
        tempfile::Builder::new()
            .prefix(".fathom-")
            .tempfile_in(folder_of(&target))
            .map_err(|cause| InstanceError::io(file, "write", io::Error::from(cause.kind())))?;
    }
    Ok(())
}

/// What stands where a file is to be written.
enum Place {
    /// A regular file or nothing: the path with links followed, and the permissions it is to have.
    Regular { target: PathBuf, permissions: Option<Permissions> },
    /// A device or a pipe.
    Special,
}

impl Place {
    fn of(file: &Path) -> Result<Self, InstanceError> {
        let failed = |cause| InstanceError::io(file, "write", cause);
        match std::fs::metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self::Regular { target: file.to_path_buf(), permissions: default_permissions() })
            }
            Err(error) => Err(failed(error)),
            Ok(metadata) if metadata.is_dir() => Err(InstanceError::about(file, "cannot write: found a folder, expected a file")),
            Ok(metadata) if metadata.is_file() => {
                // Replacing a file needs no permission to write it; whoever forbade that meant it.
                File::options().write(true).open(file).map_err(failed)?;
                let target = file.canonicalize().map_err(failed)?;
                Ok(Self::Regular { target, permissions: Some(metadata.permissions()) })
            }
            Ok(_) => Ok(Self::Special),
        }
    }
}

/// Temporary files are private; what a user asks for has the permissions of any file they make (these, less the umask).
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there are none")]
fn default_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn default_permissions() -> Option<Permissions> {
    None
}

/// A file that was written in full but does not stand under its name yet. Dropped, it vanishes.
#[derive(Debug)]
pub struct Pending {
    file: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// To be renamed.
    Temporary(tempfile::NamedTempFile),
    /// To be written into what stands there.
    Bytes(Vec<u8>),
}

impl Pending {
    /// The bytes as stored.
    ///
    /// # Errors
    /// When they cannot be read back.
    pub fn stored(&self) -> Result<Vec<u8>, InstanceError> {
        match &self.content {
            Content::Temporary(temporary) => read_stored(temporary.path()),
            Content::Bytes(bytes) => Ok(bytes.clone()),
        }
    }

    /// Puts the file under its name, replacing what stood there.
    ///
    /// # Errors
    /// When it cannot be renamed or written.
    pub fn commit(self) -> Result<(), InstanceError> {
        let failed = |cause| InstanceError::io(&self.file, "write", cause);
        match self.content {
            Content::Temporary(temporary) => temporary.persist(&self.file).map(drop).map_err(|error| failed(error.error)),
            Content::Bytes(bytes) => File::options().write(true).open(&self.file).and_then(|mut out| out.write_all(&bytes)).map_err(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored_bytes::unpack;

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

    #[cfg(unix)]
    #[test]
    fn links_are_followed_permissions_kept_and_devices_written_to() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.txt");
        std::fs::write(&real, "old").unwrap();
        std::fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.txt");
        symlink("real.txt", &link).unwrap();
        write_pending(&link, |out| out.write_all(b"new")).unwrap().commit().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

        // A device reached through a link of our own, so that a mistake here cannot replace the device itself.
        let null = folder.path().join("null");
        symlink("/dev/null", &null).unwrap();
        write_pending(&null, |out| out.write_all(b"gone")).unwrap().commit().unwrap();
        assert!(std::fs::symlink_metadata(&null).unwrap().is_symlink());
        assert!(!std::fs::metadata(&null).unwrap().is_file());

        assert!(write_pending(folder.path(), |_| Ok(())).unwrap_err().to_string().contains("found a folder"));
        assert!(read_stored(&null).unwrap_err().to_string().contains("a pipe or a device"));
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
