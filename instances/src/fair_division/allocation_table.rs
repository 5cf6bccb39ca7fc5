//! Allocations as tables: a row per item, which names the item and the agent who gets it.

use std::collections::HashMap;
use std::io::{self, Write};

use csv::StringRecord;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};

use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::solution_form::{Given, SolutionForm, WritesSolutions};
use crate::table::{records, write_table};

/// A table with a row per item.
#[derive(Debug)]
pub struct AllocationTable;

impl SolutionForm for AllocationTable {
    type Problem = FairDivision;
    const NAME: &'static str = "allocation-table";
    const SUMMARY: &'static str = "a row per item with the columns item and agent (or owner), by name or index";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    fn read(file: &InputFile, division: &FairDivision) -> Result<Given<Allocation>, InstanceError> {
        read(file, division).map(Given::Whole)
    }
}

impl WritesSolutions for AllocationTable {
    type Problem = FairDivision;
    const NAME: &'static str = "allocation-table";
    const WRITTEN: &'static [&'static str] = &[".csv", ".tsv"];

    fn write(division: &FairDivision, allocation: &Allocation, name: &str, out: &mut dyn Write) -> io::Result<()> {
        if allocation.owner.len() != division.items() || allocation.owner.iter().any(|&agent| agent >= division.agents()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "found an allocation of another instance"));
        }
        let rows = allocation.owner.iter().enumerate().map(|(item, &agent)| [division.item_name(item), division.agent_name(agent)]);
        write_table(name, ["item".to_owned(), "agent".to_owned()], rows, out)
    }
}

/// The allocation in a table with the columns `item` and `agent` (or `owner`), in any order and among others, or without a header in this order. Items and
/// agents go by name or by 0-based index; where a name looks like an index, it is the name. Copies of an item go by their own names (`mug (copy 1)`) or by
/// the item's, once for each.
fn read(file: &InputFile, division: &FairDivision) -> Result<Allocation, InstanceError> {
    let mut columns = None;
    let mut allotment = Allotment::new(file, division);
    for (line, cells) in records(file)? {
        let (item, agent, width) = match columns {
            Some(columns) => columns,
            None => match header(&cells) {
                Some((item, agent)) => {
                    columns = Some((item, agent, cells.len()));
                    continue;
                }
                None => *columns.insert((0, 1, 2)),
            },
        };
        if cells.len() != width {
            let expected = if width == 2 { "2 (an item and its agent)".to_owned() } else { format!("{width} (as in the header)") };
            return Err(file.at_line(line, format!("found {} cells, expected {expected}", cells.len())));
        }
        allotment.add(line, &cells[item], &cells[agent])?;
    }
    allotment.finish()
}

/// The columns of items and of agents, if this is a header.
fn header(record: &StringRecord) -> Option<(usize, usize)> {
    let column = |names: &[&str]| record.iter().position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)));
    column(&["item"]).zip(column(&["agent", "owner"]))
}

/// The rows read so far.
struct Allotment<'a> {
    file: &'a InputFile,
    division: &'a FairDivision,
    items: HashMap<String, usize>,
    agents: HashMap<String, usize>,
    /// The copies of an item, by the item's name.
    copies: HashMap<String, Vec<usize>>,
    /// Owner and line, where known.
    owner: Vec<Option<(usize, usize)>>,
    /// Rows that name an item of which there are copies: the copies, the agent, the line. They take what the other rows leave.
    any_copy: Vec<(String, usize, usize)>,
}

impl<'a> Allotment<'a> {
    fn new(file: &'a InputFile, division: &'a FairDivision) -> Self {
        let mut copies: HashMap<String, Vec<usize>> = HashMap::new();
        let mut items = HashMap::with_capacity(division.items());
        for item in 0..division.items() {
            let name = division.item_name(item);
            if let Some((kind, _)) = name.rsplit_once(" (copy ") {
                copies.entry(kind.to_owned()).or_default().push(item);
            }
            items.insert(name, item);
        }
        let agents = (0..division.agents()).map(|agent| (division.agent_name(agent), agent)).collect();
        Self { file, division, items, agents, copies, owner: vec![None; division.items()], any_copy: Vec::new() }
    }

    fn refuse(&self, line: usize, message: impl Into<String>) -> InstanceError {
        self.file.at_line(line, message)
    }

    fn add(&mut self, line: usize, item: &str, agent: &str) -> Result<(), InstanceError> {
        let index = |cell: &str, count: usize| cell.parse::<usize>().ok().filter(|&k| k < count);
        let owner = self.agents.get(agent).copied().or_else(|| index(agent, self.division.agents()));
        let named = self.items.get(item).copied();
        let is_copied = named.is_none() && self.copies.contains_key(item);
        let named = named.or_else(|| index(item, self.division.items()).filter(|_| !is_copied));
        if named.is_none() && !is_copied {
            return Err(self.unknown(line, "item", item, self.division.items()));
        }
        let Some(owner) = owner else { return Err(self.unknown(line, "agent", agent, self.division.agents())) };
        let Some(named) = named else {
            self.any_copy.push((item.to_owned(), owner, line));
            return Ok(());
        };
        if let Some((_, first)) = self.owner[named] {
            let name = self.division.item_name(named);
            let found = format!("found `{name}` for the second time (first in line {first}), expected one agent per item");
            return Err(self.refuse(line, found));
        }
        self.owner[named] = Some((owner, line));
        Ok(())
    }

    fn unknown(&self, line: usize, what: &str, cell: &str, count: usize) -> InstanceError {
        let found = if cell.is_empty() { "an empty cell".to_owned() } else { format!("`{cell}`") };
        let mut message = format!("{what}: found {found}, expected the name of an {what} or an index below {count}");
        if line == 1 {
            message += " (or a header with the columns `item` and `agent`)";
        }
        self.refuse(line, message)
    }

    fn finish(mut self) -> Result<Allocation, InstanceError> {
        for (item, owner, line) in std::mem::take(&mut self.any_copy) {
            let copies = self.copies.get(&item).map_or(&[][..], Vec::as_slice);
            let Some(&copy) = copies.iter().find(|&&copy| self.owner[copy].is_none()) else {
                let message = format!("found `{item}` once more than its {} copies, expected one agent for each", copies.len());
                return Err(self.refuse(line, message));
            };
            self.owner[copy] = Some((owner, line));
        }
        let missing: Vec<usize> = (0..self.owner.len()).filter(|&item| self.owner[item].is_none()).collect();
        if let Some(&first) = missing.first() {
            let others = if missing.len() > 1 { format!(" and {} others", missing.len() - 1) } else { String::new() };
            let message = format!(
                "found no row for {}{others}, expected an agent for each of the {} items",
                self.division.item_name(first),
                self.owner.len()
            );
            return Err(self.file.about(message));
        }
        Ok(Allocation::new(self.owner.iter().flatten().map(|(owner, _)| *owner).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn estate() -> FairDivision {
        let problem = FairDivision::new(vec![vec![1; 3]; 2]).unwrap();
        problem.with_agent_names(names(&["Ann", "Bob"])).unwrap().with_item_names(names(&["car", "dog, old", "2"])).unwrap()
    }

    fn owners(division: &FairDivision, text: &str) -> Result<Vec<usize>, String> {
        read(&InputFile::of_bytes("a.csv", text.as_bytes().to_vec()), division)
            .map(|allocation| allocation.owner)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn items_and_agents_go_by_name_or_index_in_any_order() {
        let estate = estate();
        for text in [
            "item,agent\ncar,Ann\n\"dog, old\",Bob\n2,Ann\n",
            "\"dog, old\",Bob\n2,Ann\ncar,Ann\n",
            "0,0\n1,1\n2,0\n",
            "item;agent\n0;Ann\n1;Bob\n2;Ann\n",
            "\u{feff}Owner,value,Item\n 0 , 7 , 2 \nBob,3,1\nAnn,1,car\n",
        ] {
            assert_eq!(owners(&estate, text).unwrap(), [0, 1, 0], "{text}");
        }
        // The third item is called 2; an item called 0 would be the item of that name, and not the first.
        let renamed = FairDivision::new(vec![vec![1; 2]; 2]).unwrap().with_item_names(names(&["1", "0"])).unwrap();
        assert_eq!(owners(&renamed, "1,agent 0\n0,agent 1\n").unwrap(), [0, 1]);
    }

    #[test]
    fn an_allocation_survives_being_written() {
        let estate = estate();
        let mut text = Vec::new();
        AllocationTable::write(&estate, &Allocation::new(vec![1, 0, 1]), "a.csv", &mut text).unwrap();
        assert_eq!(String::from_utf8_lossy(&text), "item,agent\ncar,Bob\n\"dog, old\",Ann\n2,Bob\n");
        assert_eq!(owners(&estate, std::str::from_utf8(&text).unwrap()).unwrap(), [1, 0, 1]);
        assert!(AllocationTable::write(&estate, &Allocation::new(vec![1, 0]), "a.csv", &mut Vec::new()).is_err());
    }

    #[test]
    fn copies_go_by_their_own_name_or_the_items() {
        let problem = FairDivision::new(vec![vec![1, 2]; 3]).unwrap().with_item_names(names(&["mug", "jug"])).unwrap();
        let problem = problem.with_copies(vec![3, 1]).unwrap();
        assert_eq!(owners(&problem, "mug,0\nmug,1\nmug,2\njug,0\n").unwrap(), [0, 1, 2, 0]);
        assert_eq!(owners(&problem, "mug,0\nmug (copy 0),2\nmug,1\njug (copy 0),0\n").unwrap(), [2, 0, 1, 0]);
        assert_eq!(
            owners(&problem, "mug,0\nmug,1\nmug,2\nmug,2\njug,0\n").unwrap_err(),
            "a.csv:4: found `mug` once more than its 3 copies, expected one agent for each"
        );
    }

    #[test]
    fn what_is_no_allocation_is_refused_with_its_line() {
        let refusal = |text: &str| owners(&estate(), text).unwrap_err();
        assert_eq!(
            refusal("item,agent\ncar,Ann\n2,Cid\n"),
            "a.csv:3: agent: found `Cid`, expected the name of an agent or an index below 2"
        );
        assert_eq!(refusal("item,agent\nboat,Ann\n"), "a.csv:2: item: found `boat`, expected the name of an item or an index below 3");
        assert!(refusal("thing,who\ncar,Ann\n").ends_with("(or a header with the columns `item` and `agent`)"));
        assert!(refusal("item,agent\ncar,-1\n").contains("found `-1`"));
        assert!(refusal("item,agent\ncar,\n").contains("agent: found an empty cell"));
        assert_eq!(
            refusal("car,Ann\ncar,Bob\n"),
            "a.csv:2: found `car` for the second time (first in line 1), expected one agent per item"
        );
        assert_eq!(refusal("car,Ann\n"), "a.csv: found no row for dog, old and 1 others, expected an agent for each of the 3 items");
        assert_eq!(refusal(""), "a.csv: found no row for car and 2 others, expected an agent for each of the 3 items");
        assert_eq!(refusal("item,agent,value\ncar,Ann\n"), "a.csv:2: found 2 cells, expected 3 (as in the header)");
    }
}
