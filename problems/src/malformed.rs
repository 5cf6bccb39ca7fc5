//! Data that is not what a problem class expects.

use std::fmt;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A named field of an object.
    Field(String),
    /// A position (0-based) in an array.
    Index(usize),
}

/// Where in a document something stands, as a path from its root: `data.utilities[2][0]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place {
    segments: Vec<Segment>,
}

impl Place {
    /// The whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path made of its parts.
    pub fn from_segments(segments: Vec<Segment>) -> Self {
        Self { segments }
    }

    /// The field `name` of this place.
    pub fn field(&self, name: &str) -> Self {
        self.then(Segment::Field(name.to_owned()))
    }

    /// The element `index` (0-based) of this place.
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// This place below another one.
    pub fn below(&self, parent: &Self) -> Self {
        let mut segments = parent.segments.clone();
        segments.extend(self.segments.iter().cloned());
        Self { segments }
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    fn then(&self, segment: Segment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment);
        Self { segments }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Field(name) if k == 0 => write!(f, "{name}")?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A position in a file beside the document, for errors found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The file, as the document names it.
    pub file: String,
    /// 1-based line; 0 when the error concerns the file as a whole.
    pub line: usize,
    /// 1-based column; 0 when the error concerns the line as a whole.
    pub column: usize,
}

/// Data that is not an instance (or a solution) of its problem class: where it goes wrong, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The part at fault.
    pub place: Place,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    /// The position in a file beside the document, when the fault lies there.
    pub file: Option<FilePlace>,
}

impl Malformed {
    /// `place` holds `found` where `expected` should be.
    pub fn new(place: Place, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { place, found: found.into(), expected: expected.into(), file: None }
    }

    /// The same fault, located in a file beside the document.
    #[must_use]
    pub fn in_file(mut self, file: FilePlace) -> Self {
        self.file = Some(file);
        self
    }

    /// The same fault with its place taken relative to `parent`.
    #[must_use]
    pub fn below(mut self, parent: &Place) -> Self {
        self.place = self.place.below(parent);
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.segments().is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        if let Some(file) = &self.file {
            write!(f, "{}", file.file)?;
            if file.line > 0 {
                write!(f, ":{}", file.line)?;
                if file.column > 0 {
                    write!(f, ":{}", file.column)?;
                }
            }
            write!(f, ": ")?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for Malformed {}

/// The message of a JSON error without its position, where that is told otherwise.
#[cfg(any(feature = "online-knapsack", feature = "replenishable-bandit", feature = "submodular-stream"))]
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_path() {
        let place = Place::root().field("data").field("utilities").index(2).index(0);
        assert_eq!(place.to_string(), "data.utilities[2][0]");
        assert_eq!(Place::root().index(1).to_string(), "[1]");
    }

    #[test]
    fn a_fault_in_a_bulk_file_names_both_places() {
        let fault = Malformed::new(Place::root().field("matrix"), "`x`", "a number")
            .in_file(FilePlace { file: "A.mtx".into(), line: 3, column: 5 })
            .below(&Place::root().field("data"));
        assert_eq!(fault.to_string(), "data.matrix: A.mtx:3:5: found `x`, expected a number");
    }
}
