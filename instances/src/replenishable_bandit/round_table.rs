//! Tables of rounds: a row per round, with what each action would have brought.

use fathom_opt_problems::replenishable_bandit::{Outcomes, Phase, ReplenishableBandit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;
use crate::table::{Table, TableOptions, preview};

/// A table with a row per round: columns `f0`, `f1`, ... with the reward of each action, and `c0_0`, `c0_1`, ... with the consumption of each resource by each
/// action (action first).
#[derive(Debug)]
pub struct RoundTable;

/// How a table of rounds is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct RoundTableOptions {
    /// The budget of every resource; required.
    pub budget: Option<f64>,
    /// What idling gives back per round.
    pub replenishment: f64,
    /// As every table.
    #[serde(flatten)]
    pub table: TableOptions,
}

impl FileFormat for RoundTable {
    type Problem = ReplenishableBandit;
    type Options = RoundTableOptions;
    const NAME: &'static str = "round-table";
    const SUMMARY: &'static str = "a round per row, columns f0, f1, ... (rewards) and c0_0, c0_1, ... (consumption by action and resource)";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    fn recognizes(head: &Head<'_>, options: &RoundTableOptions) -> Recognition {
        let layout = preview(head, &options.table, &[]);
        let has = |name: &str| layout.as_ref().is_some_and(|layout| layout.names.iter().any(|found| found.eq_ignore_ascii_case(name)));
        if has("f0") && has("c0_0") { Recognition::Certain } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &RoundTableOptions) -> Result<Imported<ReplenishableBandit>, InstanceError> {
        read(file, options).map(Imported::from)
    }
}

fn read(file: &InputFile, options: &RoundTableOptions) -> Result<ReplenishableBandit, InstanceError> {
    let table = Table::open(file, &options.table, &[])?;
    let (line, names) = (table.layout().header_line, &table.layout().names);
    let column = |name: String| table.position(&name);
    let rewards: Vec<usize> = (0..names.len()).map_while(|action| column(format!("f{action}"))).collect();
    let resources = (0..names.len()).take_while(|resource| column(format!("c0_{resource}")).is_some()).count();
    let mut consumption = Vec::new();
    for action in 0..rewards.len() {
        for resource in 0..resources {
            let name = format!("c{action}_{resource}");
            let missing = || table.at_line(line, format!("found no column `{name}`, expected one per action and resource"));
            consumption.push(column(name.clone()).ok_or_else(missing)?);
        }
    }
    if consumption.is_empty() {
        let expected = "expected `f0`, `f1`, ... (rewards) and `c0_0`, `c0_1`, ... (consumption by action and resource)";
        return Err(table.at_line(line, format!("found no columns of outcomes, {expected}")));
    }
    let budget = options.budget.ok_or_else(|| file.about("found a table of rounds without a budget, expected `--read budget=B`"))?;
    let mut phases = Vec::new();
    let mut rows = table.rows();
    while let Some(row) = rows.next_row()? {
        let number = |at: usize| -> Result<f64, InstanceError> {
            row.number(at)
                .parse()
                .map_err(|_| table.at_line(row.line, format!("column `{}`: found `{}`, expected a number", names[at], row.cell(at))))
        };
        let rewards = rewards.iter().map(|&at| number(at)).collect::<Result<_, _>>()?;
        let amounts = consumption.iter().map(|&at| number(at)).collect::<Result<Vec<_>, _>>()?;
        phases.push(Phase { rewards, consumption: amounts.chunks(resources).map(<[f64]>::to_vec).collect() });
    }
    let problem = ReplenishableBandit::new(phases.len() as u64, budget, options.replenishment, Outcomes::Phases(phases));
    problem.map_err(|fault| file.about(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_rounds_is_read() {
        let table = b"t,f0,f1,c0_0,c1_0\n1,0.5,0,1,-1\n2,0,1,0.25,0\n";
        let options = RoundTableOptions { budget: Some(1.5), replenishment: 0.1, ..RoundTableOptions::default() };
        let file = |table: &[u8]| InputFile::of_bytes("a.csv", table.to_vec());
        let problem = read(&file(table), &options).unwrap();
        assert_eq!((problem.rounds(), problem.actions(), problem.resources(), problem.replenishment()), (2, 2, 1, 0.1));
        let refuse = |table: &[u8], options: &RoundTableOptions| read(&file(table), options).unwrap_err().to_string();
        assert!(refuse(table, &RoundTableOptions::default()).contains("--read budget"));
        assert!(refuse(b"f0,c0_0\n1,x\n", &options).contains("a.csv:2: column `c0_0`: found `x`"));
        assert!(refuse(b"f0,f1,c0_0\n1,1,0\n", &options).contains("no column `c1_0`"));
        assert!(refuse(b"a,b\n1,1\n", &options).contains("expected `f0`"));
        assert!(refuse(b"f0,c0_0\n2,0\n", &options).contains("found 2, expected 0 to 1"));
    }
}
