//! A file that is read: its bytes, unpacked, and the hash of what is stored.

use std::path::{Path, PathBuf};

use fathom_opt_problems::Malformed;

use crate::content_hash::sha256;
use crate::error::InstanceError;
use crate::stored_bytes::{Compression, read_stored, unpack};
use crate::text::{unmarked, utf8};

/// A file in memory, with the files that belong to it. Everything that is read from it is covered by its hash, and by theirs.
#[derive(Debug, Clone)]
pub struct InputFile {
    path: PathBuf,
    bytes: Vec<u8>,
    sha256: String,
    others: Vec<(String, InputFile)>,
}

impl InputFile {
    /// Reads and unpacks the file at `path`.
    ///
    /// # Errors
    /// When it is no regular file, cannot be read, or is not packed as its name says.
    pub fn open(path: &Path) -> Result<Self, InstanceError> {
        let stored = read_stored(path)?;
        let sha256 = sha256(&stored);
        Ok(Self { path: path.to_path_buf(), bytes: unpack(path, stored)?, sha256, others: Vec::new() })
    }

    /// A file that lies nowhere, with these bytes; `name` stands for it in messages.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { path: name.into(), sha256: sha256(&bytes), bytes, others: Vec::new() }
    }

    /// The path, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The unpacked bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The unpacked bytes, for keeping.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// SHA-256 of the bytes as stored, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The bytes without a byte order mark.
    pub fn unmarked(&self) -> &[u8] {
        unmarked(&self.bytes)
    }

    /// The text, without a byte order mark.
    ///
    /// # Errors
    /// When it is not UTF-8, with the place.
    pub fn text(&self) -> Result<&str, InstanceError> {
        utf8(&self.path, &self.bytes).map(|text| text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The file's name in lower case, without the ending of a packing.
    pub fn name(&self) -> String {
        lower_name(&self.path)
    }

    /// The file that belongs to this one as `role`: the name of a reading option that holds its path, or the ending of a companion.
    pub fn other(&self, role: &str) -> Option<&InputFile> {
        self.others.iter().find_map(|(known, file)| (known == role).then_some(file))
    }

    /// The files that belong to this one, with their roles.
    pub fn others(&self) -> impl Iterator<Item = (&str, &InputFile)> {
        self.others.iter().map(|(role, file)| (role.as_str(), file))
    }

    /// This file with `other` belonging to it as `role`.
    pub fn with_other(mut self, role: &str, other: InputFile) -> Self {
        self.others.push((role.to_owned(), other));
        self
    }

    /// The error `message` about the file as a whole.
    pub fn about(&self, message: impl Into<String>) -> InstanceError {
        InstanceError::about(&self.path, message)
    }

    /// The error `message` about a 1-based line (0: about the file as a whole).
    pub fn at_line(&self, line: usize, message: impl Into<String>) -> InstanceError {
        InstanceError::at_line(&self.path, &self.bytes, line, 0, message)
    }

    /// The error `message` about the unpacked byte at `offset`.
    pub fn at_offset(&self, offset: usize, message: impl Into<String>) -> InstanceError {
        InstanceError::at_offset(&self.path, &self.bytes, offset, message)
    }

    /// The error for `fault`, at the line and column that it names.
    pub fn misplaced(&self, fault: &Malformed) -> InstanceError {
        let message = Malformed { file: None, ..fault.clone() }.to_string();
        match &fault.file {
            Some(place) if place.line > 0 => InstanceError::at_line(&self.path, &self.bytes, place.line, place.column, message),
            _ => self.about(message),
        }
    }
}

/// The name of `path` in lower case, without the ending of a packing.
pub(crate) fn lower_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    Compression::of(&name).1.to_owned()
}

/// Whether a name in lower case has this ending.
pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    name.ends_with(ending)
}

/// The name of `path` without the ending of a packing and without the longest of `endings` that it has.
pub(crate) fn stem<'a>(path: &Path, endings: impl IntoIterator<Item = &'a str>) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = Compression::of(&name).1;
    let lower = name.to_lowercase();
    let longest = endings.into_iter().filter(|ending| lower.ends_with(ending)).map(str::len).max().unwrap_or(0);
    // The ending is ASCII, so that the cut is between characters also where lower case has another length.
    let stem = name.get(..name.len() - longest).unwrap_or(name);
    if stem.is_empty() { "instance".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_the_name_without_packing_and_longest_ending() {
        let stem = |path: &str| stem(Path::new(path), [".fathom.json", ".json", ".mtx"]);
        assert_eq!(stem("a/b.fathom.json.gz"), "b");
        assert_eq!(stem("b.v2.JSON"), "b.v2");
        assert_eq!(stem("A.mtx.zst"), "A");
        assert_eq!(stem("items.csv"), "items.csv");
        assert_eq!(stem(".mtx"), "instance");
    }
}
