//! Rounds of a bandit with replenishable knapsacks: JSON lines with a header, and tables.

use std::path::Path;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::replenishable_bandit::{Outcomes, Phase, ReplenishableBandit, stream};
use serde::Deserialize;

use crate::document::utf8;
use crate::error::InstanceError;
use crate::format::ReadOptions;
use crate::item_stream::misplaced;

/// Whether `bytes` start with the header of such a stream.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let first = bytes.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    serde_json::from_slice::<Kind>(first).is_ok_and(|header| header.kind == "replenishable-bandit")
}

/// A stream of JSON lines.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<ReplenishableBandit, InstanceError> {
    stream::problem(&file.display().to_string(), bytes).map_err(|fault| misplaced(file, bytes, &fault))
}

/// A table with a row per round: columns `f0`, `f1`, ... with the reward of each action, and `c0_0`, `c0_1`, ... with the consumption of each resource by
/// each action (action first).
pub(crate) fn read_table(file: &Path, bytes: &[u8], delimiter: u8, options: &ReadOptions) -> Result<ReplenishableBandit, InstanceError> {
    let text = utf8(file, bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let failed = |error: &csv::Error| InstanceError::about(file, error.to_string());
    let header = reader.headers().map_err(|error| failed(&error))?.clone();
    let column = |name: String| header.iter().position(|found| found.eq_ignore_ascii_case(&name));
    let rewards: Vec<usize> = (0..header.len()).map_while(|action| column(format!("f{action}"))).collect();
    let resources = (0..header.len()).take_while(|resource| column(format!("c0_{resource}")).is_some()).count();
    let mut consumption = Vec::new();
    for action in 0..rewards.len() {
        for resource in 0..resources {
            let name = format!("c{action}_{resource}");
            let missing =
                || InstanceError::at_line(file, bytes, 1, 0, format!("found no column `{name}`, expected one per action and resource"));
            consumption.push(column(name.clone()).ok_or_else(missing)?);
        }
    }
    if consumption.is_empty() {
        let expected = "expected `f0`, `f1`, ... (rewards) and `c0_0`, `c0_1`, ... (consumption by action and resource)";
        return Err(InstanceError::at_line(file, bytes, 1, 0, format!("found no columns of outcomes, {expected}")));
    }
    let budget =
        options.budget.ok_or_else(|| InstanceError::about(file, "found a table of rounds without a budget, expected `--budget B`"))?;
    let mut phases = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(&error))?;
        if phases.len() >= options.rows.unwrap_or(usize::MAX) {
            break;
        }
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let number = |at: usize| -> Result<f64, InstanceError> {
            let cell = record.get(at).unwrap_or("");
            cell.parse().map_err(|_| {
                let message = format!("column `{}`: found `{cell}`, expected a number", header.get(at).unwrap_or(""));
                InstanceError::at_line(file, bytes, line, 0, message)
            })
        };
        let rewards = rewards.iter().map(|&at| number(at)).collect::<Result<_, _>>()?;
        let amounts = consumption.iter().map(|&at| number(at)).collect::<Result<Vec<_>, _>>()?;
        phases.push(Phase { rewards, consumption: amounts.chunks(resources).map(<[f64]>::to_vec).collect() });
    }
    let about = |fault: Malformed| InstanceError::about(file, fault.to_string());
    ReplenishableBandit::new(phases.len() as u64, budget, options.replenishment.unwrap_or(0.0), Outcomes::Phases(phases)).map_err(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_rounds_is_read() {
        let table = b"t,f0,f1,c0_0,c1_0\n1,0.5,0,1,-1\n2,0,1,0.25,0\n";
        let options = ReadOptions { budget: Some(1.5), replenishment: Some(0.1), ..ReadOptions::default() };
        let problem = read_table(Path::new("a.csv"), table, b',', &options).unwrap();
        assert_eq!((problem.rounds(), problem.actions(), problem.resources(), problem.replenishment()), (2, 2, 1, 0.1));
        let refuse = |table: &[u8], options: &ReadOptions| read_table(Path::new("a.csv"), table, b',', options).unwrap_err().to_string();
        assert!(refuse(table, &ReadOptions::default()).contains("--budget"));
        assert!(refuse(b"f0,c0_0\n1,x\n", &options).contains("a.csv:2: column `c0_0`: found `x`"));
        assert!(refuse(b"f0,f1,c0_0\n1,1,0\n", &options).contains("no column `c1_0`"));
        assert!(refuse(b"a,b\n1,1\n", &options).contains("expected `f0`"));
        assert!(refuse(b"f0,c0_0\n2,0\n", &options).contains("found 2, expected 0 to 1"));
    }
}
