//! Data that may stand inside a document or in a file beside it.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::malformed::{Malformed, Place};
use crate::objects_only::ObjectsOnly;

/// A file beside the document: inside the document's own folder, and with this content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileReference {
    /// Path relative to the document's folder; no absolute path, no `..`, no link that leads out of the folder.
    pub file: String,
    /// SHA-256 of the file's bytes as stored, 64 hexadecimal digits. Required when a file is read; the error for a missing one names the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
    /// Which column (0-based) of a table is meant, where one vector is wanted and the file holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// A value of type `T` in the document itself, or a reference to a file that holds it.
///
/// Read by its shape, in one pass and with positions kept: an object whose first field is one of a reference's (`file`, `sha256`, `column`) is a reference.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Bulk<T> {
    /// The value stands in a file beside the document.
    File(FileReference),
    /// The value stands here.
    Inline(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bulk<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BulkVisitor(PhantomData))
    }
}

struct BulkVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for BulkVisitor<T> {
    type Value = Bulk<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the data itself, or {\"file\": NAME, \"sha256\": DIGITS}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        // Without the adapter an array would be taken for a struct here.
        T::deserialize(ObjectsOnly(SeqAccessDeserializer::new(seq))).map(Bulk::Inline)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(first) = map.next_key::<String>()? else {
            return Err(A::Error::custom("empty object where data or a file reference is expected"));
        };
        let is_reference = matches!(first.as_str(), "file" | "sha256" | "column");
        let whole = ObjectsOnly(MapAccessDeserializer::new(Resumed { first: Some(first), rest: map }));
        if is_reference { FileReference::deserialize(whole).map(Bulk::File) } else { T::deserialize(whole).map(Bulk::Inline) }
    }
}

/// A map whose first key was already read.
struct Resumed<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Resumed<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        self.rest.next_value_seed(seed)
    }
}

/// Where references lead. `fathom-opt-instances` reads files; a library user may keep data elsewhere.
pub trait BulkSource {
    /// The matrix that `reference` names.
    ///
    /// # Errors
    /// When it cannot be had: the path leaves the folder, the hash differs, the content is not a matrix.
    #[cfg(feature = "sparse")]
    fn matrix(&mut self, reference: &FileReference) -> Result<crate::sparse::SparseMatrix, Malformed>;

    /// The vector that `reference` names.
    ///
    /// # Errors
    /// As for `matrix`.
    fn vector(&mut self, reference: &FileReference) -> Result<Vec<f64>, Malformed>;

    /// The stream of JSON lines that `reference` names, unpacked.
    ///
    /// # Errors
    /// As for `matrix`; and where the source has no streams.
    fn stream(&mut self, reference: &FileReference) -> Result<Vec<u8>, Malformed> {
        let found = format!("a reference to the stream `{}`", reference.file);
        Err(Malformed::new(Place::root(), found, "data in the document itself (streams are not read from here)"))
    }

    /// The problem of the class `kind` in the file that `reference` names, in whatever foreign format of that class, read with the reading options `options`. The
    /// box holds the class's own type, for downcasting.
    ///
    /// # Errors
    /// As for `matrix`; when the file is no instance of the class; and where the source has no foreign formats.
    fn problem(&mut self, kind: &str, reference: &FileReference, options: &Map<String, Value>) -> Result<Box<dyn Any>, Malformed> {
        let _ = (kind, options);
        Err(no_problem(reference))
    }
}

/// The problem that a reference leads to, where the source has none.
fn no_problem(reference: &FileReference) -> Malformed {
    let found = format!("a reference to the file `{}`", reference.file);
    Malformed::new(Place::root(), found, "data in the document itself (files of other formats are not read from here)")
}

/// Where large parts of a document go when it is written.
pub trait BulkSink {
    /// A place for `matrix`: inline, or a reference to a file that now holds it. `name` suggests the file's name, without ending.
    ///
    /// # Errors
    /// When it cannot be written.
    #[cfg(feature = "sparse")]
    fn matrix(&mut self, name: &str, matrix: &crate::sparse::SparseMatrix) -> Result<Bulk<crate::sparse::MatrixData>, Malformed>;

    /// A place for each of `vectors`, all of one length, together in one file if they go to a file.
    ///
    /// # Errors
    /// When they cannot be written.
    fn vectors(&mut self, name: &str, vectors: &[&[f64]]) -> Result<Vec<Bulk<Vec<f64>>>, Malformed>;

    /// A file for a part that `write` writes as lines of text, `numbers` numbers in all; `None` where it is to stand in the document itself.
    ///
    /// # Errors
    /// When it cannot be written.
    fn stream(&mut self, name: &str, numbers: usize, write: &LineWriter<'_>) -> Result<Option<FileReference>, Malformed> {
        let _ = (name, numbers, write);
        Ok(None)
    }
}

/// Writes a part of a document as lines of text.
pub type LineWriter<'a> = dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()> + 'a;

/// No files: every part stands in the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct InlineOnly;

impl InlineOnly {
    fn refuse(reference: &FileReference) -> Malformed {
        Malformed::new(
            Place::root(),
            format!("a reference to the file `{}`", reference.file),
            "data in the document itself (no folder to read files from)",
        )
    }
}

impl BulkSource for InlineOnly {
    #[cfg(feature = "sparse")]
    fn matrix(&mut self, reference: &FileReference) -> Result<crate::sparse::SparseMatrix, Malformed> {
        Err(Self::refuse(reference))
    }

    fn vector(&mut self, reference: &FileReference) -> Result<Vec<f64>, Malformed> {
        Err(Self::refuse(reference))
    }
}

impl BulkSink for InlineOnly {
    #[cfg(feature = "sparse")]
    fn matrix(&mut self, _name: &str, matrix: &crate::sparse::SparseMatrix) -> Result<Bulk<crate::sparse::MatrixData>, Malformed> {
        Ok(Bulk::Inline(crate::sparse::MatrixData::from_matrix(matrix)))
    }

    fn vectors(&mut self, _name: &str, vectors: &[&[f64]]) -> Result<Vec<Bulk<Vec<f64>>>, Malformed> {
        Ok(vectors.iter().map(|vector| Bulk::Inline(vector.to_vec())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_and_inline_data_are_told_apart_by_shape() {
        let here: Bulk<Vec<f64>> = serde_json::from_str("[1, 2.5]").unwrap();
        assert_eq!(here, Bulk::Inline(vec![1.0, 2.5]));
        let there: Bulk<Vec<f64>> = serde_json::from_str(r#"{"file": "b.mtx"}"#).unwrap();
        assert_eq!(there, Bulk::File(FileReference { file: "b.mtx".into(), sha256: None, column: None }));
    }

    #[test]
    fn the_fields_of_a_reference_come_in_any_order() {
        let fields = [r#""file": "b.mtx""#, r#""sha256": null"#, r#""column": 2"#];
        for [a, b, c] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let text = format!("{{{}, {}, {}}}", fields[a], fields[b], fields[c]);
            let there: Bulk<Inner> = serde_json::from_str(&text).unwrap();
            assert_eq!(there, Bulk::File(FileReference { file: "b.mtx".into(), sha256: None, column: Some(2) }), "{text}");
        }
        let error = serde_json::from_str::<Bulk<Inner>>(r#"{"column": 1, "x": 2}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `x`, expected one of `file`, `sha256`, `column`"), "{error}");
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        x: f64,
    }

    #[test]
    fn an_array_is_no_object() {
        for text in ["[1]", "[1, 2]", "[[1]]"] {
            let error = serde_json::from_str::<Bulk<Inner>>(text).unwrap_err();
            assert!(error.to_string().contains("found an array, expected an object"), "{error}");
        }
        let error = serde_json::from_str::<Bulk<Vec<Inner>>>(r#"[{"x": 1}, [2]]"#).unwrap_err();
        assert!(error.to_string().contains("found an array, expected an object"), "{error}");
        assert_eq!(serde_json::from_str::<Bulk<Inner>>(r#"{"x": 1}"#).unwrap(), Bulk::Inline(Inner { x: 1.0 }));
    }

    #[test]
    fn an_error_in_inline_data_keeps_its_line() {
        let error = serde_json::from_str::<Bulk<Vec<f64>>>("[1,\n\"x\"]").unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 3));
        let error = serde_json::from_str::<Bulk<Vec<f64>>>(r#"{"file": "a", "sha": "b"}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `sha`"), "{error}");
    }
}
