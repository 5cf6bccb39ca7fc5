//! Any bytes are refused with a place, or read into an instance that survives being written and read again: shipped documents, edited at random.

use fathom_opt_instances::{InstanceError, library, parse_bytes};
use fathom_opt_problems::InlineOnly;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces that are likelier than random bytes to reach the checks behind the JSON.
const PIECES: &[&str] = &[
    "0",
    "1",
    "-1",
    "1e400",
    "1e-400",
    "0.1",
    "18446744073709551616",
    "4294967296",
    "NaN",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\u0000",
    "\u{0}",
    "\u{fffd}",
    "\"shift\":1,",
    "\"values\":[1],",
    "\"rhs\":\"ones\"",
    "\"symmetric\":true,",
    "\"entitlements\":[1,2,3],",
    "\"copies\":[2,0,1],",
    "{\"file\":\"../a.mtx\"}",
    "{\"file\":\"a.mtx\",\"sha256\":\"0\"}",
    "\"welfare\":\"nash\",",
    "\"fathom\":2,",
    "\n",
];

#[derive(Debug, Clone)]
enum Edit {
    Byte(Index, u8),
    Insert(Index, &'static str),
    Delete(Index, usize),
    Repeat(Index, usize),
    Truncate(Index),
}

impl Edit {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        match self {
            Self::Byte(at, byte) => {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            Self::Insert(at, piece) => {
                let at = at.index(text.len());
                text.splice(at..at, piece.bytes());
            }
            Self::Delete(at, length) => {
                let at = at.index(text.len());
                text.drain(at..(at + length).min(text.len()));
            }
            Self::Repeat(at, length) => {
                let at = at.index(text.len());
                let copy = text[at..(at + length).min(text.len())].to_vec();
                text.splice(at..at, copy);
            }
            Self::Truncate(at) => text.truncate(at.index(text.len())),
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        4 => (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        3 => (any::<Index>(), 1..12_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        1 => any::<Index>().prop_map(Edit::Truncate),
    ]
}

/// Small documents of every class, and one with every field.
fn originals() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        library::names().filter_map(library::bytes).filter(|bytes| bytes.len() < 4000).map(<[u8]>::to_vec).collect();
    all.push(
        br#"{"fathom":1,"problem":"fair-division","name":"x","source":{"citation":"c","license":"l"},"known":{"objective":1,"bound":2.5,"status":"s","by":"b"},
            "data":{"agents":["a","b"],"items":["i","j"],"utilities":[[1,-2.5],[0.25,1e3]],"entitlements":[1,2],"copies":[1,3],"welfare":"egalitarian"}}"#
            .to_vec(),
    );
    all.push(
        br#"{"fathom":1,"problem":"linear-sequence","data":{"matrix":{"rows":2,"cols":2,"entries":[[0,0,2],[0,1,-1],[1,0,1],[1,1,2]]},
            "systems":[{"rhs":[1,2],"shift":0.5},{"rhs":"ones","diagonal":[1,2]},{"rhs":"row-sums","values":[1,2,3,4]},
            {"rhs":[1,1],"matrix":{"rows":2,"cols":2,"symmetric":true,"entries":[[0,0,1],[1,1,1]]}}],
            "tolerance":1e-6,"relative-to":"initial-residual","start":"previous"}}"#
            .to_vec(),
    );
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edited_documents_are_refused_with_a_place_or_survive_a_round_trip(
        original in select(originals()),
        edits in vec(edit(), 1..6),
    ) {
        let mut text = original;
        for edit in &edits {
            edit.apply(&mut text);
        }
        match parse_bytes("edited.fathom.json", &text) {
            Err(InstanceError { message, line, .. }) => {
                prop_assert!(!message.is_empty());
                prop_assert!(line.is_some_and(|line| line >= 1), "{message}");
            }
            Ok(instance) => {
                let data = instance.problem.data_json(&mut InlineOnly).unwrap();
                let again = format!("{{\"fathom\":1,\"problem\":\"{}\",\"data\":{}}}", instance.problem.kind(), data.get());
                let reread = parse_bytes("again.fathom.json", again.as_bytes()).unwrap();
                let data_again = reread.problem.data_json(&mut InlineOnly).unwrap();
                prop_assert_eq!(data_again.get(), data.get());
            }
        }
    }
}

#[test]
fn the_originals_are_valid() {
    for original in originals() {
        parse_bytes("original.fathom.json", &original).unwrap();
    }
}
