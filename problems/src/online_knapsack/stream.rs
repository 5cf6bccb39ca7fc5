//! The stream format: JSON lines, a header first.

use std::borrow::Borrow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OnlineKnapsack;
use super::arrival::{Amounts, Arrival, DensityBounds, density};
use crate::malformed::{FilePlace, Malformed, Place, without_position};
use crate::objects_only::ObjectsOnly;

/// The first line of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Version of the stream format: 1.
    pub stream: u32,
    /// The problem class, `online-knapsack`.
    pub kind: String,
    /// What the knapsack holds.
    pub capacity: Amounts,
    /// Bounds on every density, where they are known in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<DensityBounds>,
    /// How many items will come, where that is known in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Seed of every random draw of the algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Header {
    /// The header of a stream without promises.
    pub fn new(capacity: Amounts) -> Self {
        Self { stream: 1, kind: "online-knapsack".into(), capacity, bounds: None, n: None, seed: None }
    }

    /// Whether a header with this `kind` is one of the class.
    pub fn is_kind(kind: &str) -> bool {
        kind == "online-knapsack" || kind == "knapsack"
    }

    /// The header in a line of JSON: an object, and so are the bounds in it. Beside the fields of a header it may have those of the answer to one, since a log
    /// begins with that.
    ///
    /// # Errors
    /// No header, or a field that none has.
    pub fn parse(line: &[u8]) -> serde_json::Result<Self> {
        const FIELDS: [&str; 9] = ["stream", "kind", "capacity", "bounds", "n", "seed", "algorithm", "options", "notes"];
        let mut reader = serde_json::Deserializer::from_slice(line);
        let header = Self::deserialize(ObjectsOnly(&mut reader))?;
        reader.end()?;
        let all: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line)?;
        match all.keys().find(|field| !FIELDS.contains(&field.as_str())) {
            Some(field) => Err(serde::de::Error::unknown_field(field, &FIELDS[..6])),
            None => Ok(header),
        }
    }

    /// Whether this is a header of the class that can be served.
    ///
    /// # Errors
    /// Another version or kind, a capacity of 0, bounds that are none.
    pub fn validate(&self) -> Result<(), Malformed> {
        let root = Place::root();
        if self.stream != 1 {
            return Err(Malformed::new(root.field("stream"), self.stream.to_string(), "version 1 of the stream format"));
        }
        if !Self::is_kind(&self.kind) {
            return Err(Malformed::new(root.field("kind"), format!("`{}`", self.kind), "`online-knapsack`"));
        }
        if self.capacity.iter().any(|amount| amount == 0) {
            return Err(Malformed::new(root.field("capacity"), "0", "a capacity of at least 1"));
        }
        match &self.bounds {
            Some(bounds) if !bounds.is_valid() => {
                let found = format!("L = {}, U = {}", bounds.lower, bounds.upper);
                Err(Malformed::new(root.field("bounds"), found, "0 < L <= U, U and U/L finite"))
            }
            _ => Ok(()),
        }
    }
}

impl Arrival {
    /// Whether the item can be offered to a knapsack of `capacity`, after the item `last`.
    ///
    /// # Errors
    /// A value that is negative or no number, a weight of another dimension, a density beyond `f64`, an id that is not above `last`.
    pub fn validate(&self, capacity: &Amounts, last: Option<u64>) -> Result<(), Malformed> {
        let (root, dimensions) = (Place::root(), capacity.dimensions());
        if let Some(last) = last.filter(|&last| self.id <= last) {
            let expected = format!("an id above {last}, the one before it (a duplicate, or out of order)");
            return Err(Malformed::new(root.field("id"), self.id.to_string(), expected));
        }
        if !(self.value.is_finite() && self.value >= 0.0) {
            return Err(Malformed::new(root.field("v"), self.value.to_string(), "a finite value of at least 0"));
        }
        if self.weight.dimensions() != dimensions {
            let found = format!("{} amounts", self.weight.dimensions());
            return Err(Malformed::new(root.field("w"), found, format!("{dimensions} (one per dimension of the capacity)")));
        }
        let mut sizes = self.weight.iter().zip(capacity.iter()).filter(|(weight, capacity)| (1..=*capacity).contains(weight));
        if let Some((weight, capacity)) = sizes.find(|(weight, capacity)| !density(self.value, *weight, *capacity).is_finite()) {
            let found = format!("{:e} at the weight {weight} of the capacity {capacity}", self.value);
            return Err(Malformed::new(root.field("v"), found, format!("a value per full capacity of at most {:e}", f64::MAX)));
        }
        Ok(())
    }
}

/// A stream as JSON lines, header first.
///
/// # Errors
/// When `out` cannot be written.
pub fn write<A: Borrow<Arrival>>(header: &Header, items: impl Iterator<Item = A>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, header)?;
    for item in items {
        out.write_all(b"\n")?;
        serde_json::to_writer(&mut *out, item.borrow())?;
    }
    out.write_all(b"\n")
}

/// The stream in `text`; `name` stands for its file in messages. Empty lines, a carriage return before the newline and a byte order mark
/// before the first line do no harm.
///
/// # Errors
/// The first line that is not what it should be.
pub fn parse(name: &str, text: &[u8]) -> Result<OnlineKnapsack, Malformed> {
    let fault = |line: usize, fault: Malformed| fault.in_file(FilePlace { file: name.to_owned(), line: line + 1, column: 0 });
    let json = |line: usize, error: &serde_json::Error, expected: &str| {
        let found = format!("no {expected} ({})", without_position(error));
        Malformed::new(Place::root(), found, expected).in_file(FilePlace { file: name.to_owned(), line: line + 1, column: error.column() })
    };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut lines = text.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let Some((number, first)) = lines.next() else {
        return Err(Malformed::new(Place::root(), "an empty stream", "a header line").in_file(FilePlace {
            file: name.to_owned(),
            line: 0,
            column: 0,
        }));
    };
    let header = Header::parse(first).map_err(|error| json(number, &error, "header"))?;
    header.validate().map_err(|found| fault(number, found))?;
    let mut arrivals = Vec::new();
    let mut last = None;
    for (number, line) in lines {
        // A struct would be read from an array as well, its fields in order.
        if !line.trim_ascii_start().starts_with(b"{") {
            return Err(fault(number, Malformed::new(Place::root(), "no object", "an item: an object with the fields id, v and w")));
        }
        let arrival: Arrival = serde_json::from_slice(line).map_err(|error| json(number, &error, "item"))?;
        arrival.validate(&header.capacity, last).map_err(|found| fault(number, found))?;
        last = Some(arrival.id);
        arrivals.push(arrival);
    }
    OnlineKnapsack::new(header.capacity, header.bounds, arrivals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_objects_and_every_field_of_a_header_is_known() {
        let refusal = |text: &str| parse("s.jsonl", text.as_bytes()).unwrap_err().to_string();
        let header = r#"{"stream":1,"kind":"online-knapsack","capacity":[10]}"#;
        assert!(refusal(&format!("{header}\n[1,5,[6]]\n")).contains("s.jsonl:2"));
        assert!(refusal("[1,\"online-knapsack\",[10]]\n").contains("s.jsonl:1"));
        assert!(refusal(r#"{"stream":1,"kind":"online-knapsack","capacity":[10],"bounds":[1,2]}"#).contains("header"));
        assert!(refusal(r#"{"stream":1,"kind":"online-knapsack","capacity":[10],"bound":{"L":1,"U":2}}"#).contains("`bound`"));
        let stream = format!("{header}\n{{\"id\":1,\"v\":5,\"w\":[6]}}\n");
        assert_eq!(parse("s.jsonl", stream.as_bytes()).unwrap().items().len(), 1);
    }
}
