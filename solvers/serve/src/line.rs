//! The session's own lines: answers that are no service's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer to a header: all that is needed to open the stream again from the log alone. With its fields it is a header itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Started {
    pub stream: u32,
    pub kind: String,
    pub algorithm: String,
    pub options: Value,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The other fields of the header.
    #[serde(flatten)]
    pub header: Map<String, Value>,
}

/// What tells a header from other lines.
#[derive(Deserialize)]
pub(crate) struct Opening {
    pub stream: u32,
    pub kind: String,
    pub seed: Option<u64>,
}

/// What tells a control line from other lines.
#[derive(Deserialize)]
pub(crate) struct Control {
    pub cmd: Option<String>,
    pub stream: Option<Value>,
    pub id: Option<Value>,
}

/// The answer to a line at fault.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub line: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    pub error: String,
}

/// What wrote a line of a log, told by its first field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Started,
    Refused,
    Stats,
    Checkpoint,
    Quit,
    /// The service.
    Answer,
}

impl Written {
    pub fn by(line: &[u8]) -> Self {
        let marks: [(&[u8], Self); 5] = [
            (b"{\"stream\":", Self::Started),
            (b"{\"line\":", Self::Refused),
            (b"{\"stats\":", Self::Stats),
            (b"{\"checkpoint\":", Self::Checkpoint),
            (b"{\"quit\":", Self::Quit),
        ];
        marks.into_iter().find(|(mark, _)| line.starts_with(mark)).map_or(Self::Answer, |(_, written)| written)
    }
}

/// Appends `answer` as a line.
pub(crate) fn write(answer: &impl Serialize, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = out.len();
    match serde_json::to_writer(&mut *out, answer) {
        Ok(()) => {
            out.push(b'\n');
            Ok(())
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}
