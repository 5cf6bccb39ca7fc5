//! Temporal edge lists: who wrote to whom, and when.

use std::collections::{BTreeSet, HashMap};

use fathom_opt_problems::submodular_stream::{Action, Constraint, Coverage, Elements, Ground, Rows, Step, SubmodularStream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edge_list::{columns, each_line, node};
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;

/// Lines of two node numbers and a time, sorted by time. An element is a node that sends; it covers all nodes it ever sends to, and it is live from a message of its
/// own until `window` after its last one.
#[derive(Debug)]
pub struct TemporalEdgeList;

/// How a temporal edge list becomes a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TemporalEdgeListOptions {
    /// How many elements may be chosen.
    pub k: u32,
    /// How long a sender stays live, in the file's unit of time; a twentieth of the whole time without.
    pub window: Option<f64>,
    /// A query after every so many updates.
    pub every: usize,
}

impl Default for TemporalEdgeListOptions {
    fn default() -> Self {
        Self { k: 50, window: None, every: 100 }
    }
}

impl FileFormat for TemporalEdgeList {
    type Problem = SubmodularStream;
    type Options = TemporalEdgeListOptions;
    const NAME: &'static str = "temporal-edge-list";
    const SUMMARY: &'static str = "messages, two node numbers and a time per line: senders that are live for a while after each";
    const ENDINGS: &'static [&'static str] = &[".txt"];

    fn recognizes(head: &Head<'_>, _: &TemporalEdgeListOptions) -> Recognition {
        if columns(head.bytes) == Some(3) { Recognition::Likely } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &TemporalEdgeListOptions) -> Result<Imported<SubmodularStream>, InstanceError> {
        let mut messages: Vec<(u64, u64, f64)> = Vec::new();
        each_line(file, |line, words| {
            let (from, to) = (node(file, line, words, 0)?, node(file, line, words, 1)?);
            let time = match words {
                [_, _, time] => time.parse().ok().filter(|time: &f64| time.is_finite()),
                _ => None,
            };
            let time = time.ok_or_else(|| file.at_line(line, format!("found `{}`, expected two nodes and a time", words.join(" "))))?;
            if let Some(&(_, _, before)) = messages.last().filter(|before| before.2 > time) {
                return Err(file.at_line(line, format!("found the time {time} after {before}, expected times that do not fall")));
            }
            messages.push((from, to, time));
            Ok(())
        })?;
        stream(file, &messages, options).map(Imported::from)
    }
}

fn stream(file: &InputFile, messages: &[(u64, u64, f64)], options: &TemporalEdgeListOptions) -> Result<SubmodularStream, InstanceError> {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
        return Err(file.about("found no message, expected at least one"));
    };
    let window = options.window.unwrap_or((last.2 - first.2) / 20.0);
    if !(window.is_finite() && window >= 0.0) || options.every == 0 {
        return Err(file.about(format!("found window = {window}, every = {}, expected at least 0 and at least 1", options.every)));
    }
    // Senders by position, and what each covers; receivers are the items.
    let (mut senders, mut receivers) = (HashMap::new(), HashMap::new());
    let (mut ids, mut sets): (Vec<u64>, Vec<BTreeSet<u32>>) = (Vec::new(), Vec::new());
    for &(from, to, _) in messages {
        let item = receivers.len() as u32;
        let item = *receivers.entry(to).or_insert(item);
        let sender = *senders.entry(from).or_insert(ids.len());
        if sender == ids.len() {
            ids.push(from);
            sets.push(BTreeSet::new());
        }
        sets[sender].insert(item);
    }
    let mut steps = Vec::new();
    let mut updates = 0;
    let mut push = |steps: &mut Vec<Step>, action, sender: usize, time| {
        steps.push(Step { action, id: Some(ids[sender]), time: Some(time) });
        updates += 1;
        if updates % options.every == 0 {
            steps.push(Step { action: Action::Query, id: None, time: Some(time) });
        }
    };
    // Who is live until when. The order of the keys is that of the times, which are not negative once the first one is taken off.
    let mut leaving: BTreeSet<(u64, usize)> = BTreeSet::new();
    let mut until = vec![None; ids.len()];
    for &(from, _, time) in messages {
        let key = |at: f64| (at - first.2).max(0.0).to_bits();
        while let Some(&(leaves, sender)) = leaving.first().filter(|leaves| leaves.0 < key(time)) {
            leaving.pop_first();
            until[sender] = None;
            push(&mut steps, Action::Delete, sender, first.2 + f64::from_bits(leaves));
        }
        let sender = senders[&from];
        let leaves = key(time + window);
        match until[sender].replace(leaves) {
            Some(earlier) => {
                leaving.remove(&(earlier, sender));
            }
            None => push(&mut steps, Action::Insert, sender, time),
        }
        leaving.insert((leaves, sender));
    }
    steps.push(Step { action: Action::Query, id: None, time: Some(last.2) });
    let rows: Rows<u32> = sets.into_iter().map(|set| set.into_iter().collect::<Vec<_>>()).collect();
    let fault = |error: fathom_opt_problems::Malformed| file.about(error.to_string());
    let function = Coverage::new(Some(vec![1.0; receivers.len()]), rows).map_err(fault)?;
    let ground = Ground::new(Elements::Ids(ids)).map_err(fault)?;
    SubmodularStream::new(function.into(), ground, Constraint::Cardinality(options.k), &steps).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_live_for_a_while_after_each_message() {
        let text = "1 2 0\n2 3 5\n1 3 8\n3 1 30\n";
        let file = InputFile::of_bytes("t.txt", text.as_bytes().to_vec());
        let options = TemporalEdgeListOptions { k: 1, window: Some(10.0), every: 100 };
        let problem = TemporalEdgeList::read(&file, &options).unwrap().problem;
        let steps: Vec<(Action, Option<u64>, Option<f64>)> = problem.steps().map(|step| (step.action, step.id, step.time)).collect();
        assert_eq!(
            steps,
            [
                (Action::Insert, Some(1), Some(0.0)),
                (Action::Insert, Some(2), Some(5.0)),
                (Action::Delete, Some(2), Some(15.0)),
                (Action::Delete, Some(1), Some(18.0)),
                (Action::Insert, Some(3), Some(30.0)),
                (Action::Query, None, Some(30.0)),
            ]
        );
        let file = InputFile::of_bytes("t.txt", b"1 2 5\n1 2 4\n".to_vec());
        assert!(TemporalEdgeList::read(&file, &options).unwrap_err().to_string().contains("t.txt:2: found the time 4 after 5"));
    }
}
