//! What makes two runs the same run.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What makes two runs the same run: the results file holds each key at most once.
#[derive(Debug, Clone, PartialEq)]
pub struct RunKey {
    /// Hash of the instance: of what it is read from and how, or of how it is generated.
    pub instance_sha256: String,
    /// The solver's name.
    pub solver: String,
    /// Hash of all its options, defaults included.
    pub options_sha256: String,
    /// The solver's seed.
    pub seed: u64,
    /// Seconds for the solve.
    pub time_limit: f64,
    /// MiB for the solve.
    pub memory_limit: u64,
    /// Threads of the solve.
    pub threads: usize,
    /// Fathom's version.
    pub version: String,
    /// Hash of the program that ran: an edited solver is never given the figures of the one before.
    pub build: String,
}

impl RunKey {
    /// The key as a hash, which is what the results file keeps unique.
    pub fn digest(&self) -> String {
        digest(&json!({
            "instance": self.instance_sha256,
            "solver": self.solver,
            "options": self.options_sha256,
            "seed": self.seed,
            "time": self.time_limit,
            "memory": self.memory_limit,
            "threads": self.threads,
            "version": self.version,
            "build": self.build,
        }))
    }
}

/// SHA-256, in hexadecimal digits, of the canonical JSON of `value`.
pub(crate) fn digest(value: &Value) -> String {
    hex(&Sha256::digest(canonical_json(value)))
}

/// SHA-256, in hexadecimal digits, of the content of the file `path`.
pub(crate) fn hash_of_file(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = BufReader::new(File::open(path)?);
    loop {
        let some = file.fill_buf()?;
        if some.is_empty() {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(some);
        let length = some.len();
        file.consume(length);
    }
}

/// `bytes` in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// JSON text without spaces and with every object's keys sorted: equal values give equal text.
pub fn canonical_json(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|&(key, _)| key);
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RunKey {
        RunKey {
            instance_sha256: "aa".into(),
            solver: "s".into(),
            options_sha256: "bb".into(),
            seed: 1,
            time_limit: 1.5,
            memory_limit: 100,
            threads: 1,
            version: "0.1.0".into(),
            build: "cc".into(),
        }
    }

    #[test]
    fn every_part_of_a_key_matters() {
        let changes: [fn(&mut RunKey); 9] = [
            |key| key.instance_sha256 = "ab".into(),
            |key| key.solver = "t".into(),
            |key| key.options_sha256 = "bc".into(),
            |key| key.seed = 2,
            |key| key.time_limit = 1.6,
            |key| key.memory_limit = 101,
            |key| key.threads = 2,
            |key| key.version = "0.1.1".into(),
            |key| key.build = "cd".into(),
        ];
        let mut digests = vec![key().digest()];
        for change in changes {
            let mut changed = key();
            change(&mut changed);
            digests.push(changed.digest());
        }
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), 10);
    }

    #[test]
    fn the_order_of_keys_does_not_change_canonical_json() {
        let a: Value = serde_json::from_str(r#"{"b":[{"y":1,"x":2.50}],"a":null}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{ "a": null, "b": [ { "x": 2.5, "y": 1 } ] }"#).unwrap();
        assert_eq!(canonical_json(&a), r#"{"a":null,"b":[{"x":2.5,"y":1}]}"#);
        assert_eq!(digest(&a), digest(&b));
    }
}
