//! Tables of items: a row per item, its header naming the columns, or numbers alone.

use std::collections::HashMap;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival, OnlineKnapsack};

use super::item_columns::{ItemColumns, ItemTableOptions};
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, SplitsByColumn};
use crate::input_file::InputFile;
use crate::table::{TableReader, first_rows, is_number};

/// A table with a row per item, its header naming the columns; or numbers alone, a price per line. Without a column of weights every item weighs 1.
#[derive(Debug)]
pub struct ItemTable;

impl FileFormat for ItemTable {
    type Problem = OnlineKnapsack;
    type Options = ItemTableOptions;
    const NAME: &'static str = "item-table";
    const SUMMARY: &'static str = "an item per row, columns value, weight and group; or values alone, a line each";
    const ENDINGS: &'static [&'static str] = &[".csv", ".tsv"];

    /// Likely where the columns have the names of an item's parts. A table whose columns are told by the options may be one; so may numbers alone, in a file that
    /// no other format has.
    fn recognizes(head: &Head<'_>, options: &ItemTableOptions) -> Recognition {
        let rows = first_rows(head.name, head.bytes, 1);
        let Some(first) = rows.first() else { return Recognition::No };
        if first.len() == 1 && first.get(0).is_some_and(is_number) {
            return Recognition::Possible;
        }
        if ItemColumns::are_named_by(first) {
            return Recognition::Likely;
        }
        if ItemColumns::of(first, options).is_ok() { Recognition::Possible } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &ItemTableOptions) -> Result<Imported<OnlineKnapsack>, InstanceError> {
        let whole = read_tables(file, options, None)?.pop();
        whole.map(|(_, stream)| stream.into()).ok_or_else(|| file.about(EMPTY))
    }

    fn label(options: &ItemTableOptions) -> String {
        options.select.0.iter().flat_map(|(column, value)| ["-", column, value]).collect()
    }
}

impl SplitsByColumn for ItemTable {
    fn read_each(file: &InputFile, column: &str, options: &ItemTableOptions) -> Result<Vec<(String, OnlineKnapsack)>, InstanceError> {
        read_tables(file, options, Some(column))
    }
}

const EMPTY: &str = "found an empty table, expected a row per item";

/// The streams of a table, one for each value of the column `each`, with that value; or all of it.
fn read_tables(file: &InputFile, options: &ItemTableOptions, each: Option<&str>) -> Result<Vec<(String, OnlineKnapsack)>, InstanceError> {
    let mut table = TableReader::open(file)?;
    let first = table.next_row()?.ok_or_else(|| file.about(EMPTY))?;
    let (line, first) = (first.line, first.cells.clone());
    let (columns, is_header) = ItemColumns::of(&first, options).map_err(|message| file.at_line(line, message))?;
    let position = |each| columns.position(each).ok_or_else(|| file.at_line(line, format!("found no column `{each}`")));
    let each = each.map(position).transpose()?;
    let capacity = options.capacity.ok_or_else(|| file.about("found a table of items without a capacity, expected `--read capacity=N`"))?;
    let mut streams: Vec<(String, Vec<Arrival>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows = 0;
    if !is_header {
        // Numbers alone: the first line is an item, too.
        table = TableReader::open(file)?;
    }
    while let Some(row) = table.next_row()? {
        if rows >= options.rows.unwrap_or(usize::MAX) {
            break;
        }
        if row.len() != first.len() {
            return Err(file.at_line(row.line, format!("found {} cells, expected {} (as in the first line)", row.len(), first.len())));
        }
        let value = each.map_or("", |at| row.cells.get(at).unwrap_or(""));
        let place = if let Some(place) = places.get(value) {
            *place
        } else {
            places.insert(value.to_owned(), streams.len());
            streams.push((value.to_owned(), Vec::new()));
            streams.len() - 1
        };
        let items = &mut streams[place].1;
        if let Some(item) = columns.item(row.cells, items.len() as u64 + 1).map_err(|message| file.at_line(row.line, message))? {
            items.push(item);
            rows += 1;
        }
    }
    if streams.is_empty() {
        streams.push((String::new(), Vec::new()));
    }
    let bounds = options.bounds.map(|bounds| bounds.0);
    let about = |fault: Malformed| file.about(fault.to_string());
    let stream = |(value, items)| Ok((value, OnlineKnapsack::new(Amounts::single(capacity), bounds, items).map_err(about)?));
    streams.into_iter().map(stream).collect()
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::online_knapsack::DensityBounds;

    use super::super::bounds::Bounds;
    use super::super::selection::Selection;
    use super::*;

    fn read(name: &str, text: &str, options: &ItemTableOptions) -> Result<OnlineKnapsack, InstanceError> {
        ItemTable::read(&InputFile::of_bytes(name, text.as_bytes().to_vec()), options).map(|imported| imported.problem)
    }

    fn holding(capacity: u64) -> ItemTableOptions {
        ItemTableOptions { capacity: Some(capacity), ..ItemTableOptions::default() }
    }

    #[test]
    fn tables_with_named_columns_and_numbers_alone_are_read() {
        let options = ItemTableOptions { select: Selection::of("trace", "2"), ..holding(100) };
        let problem = read("a.csv", "trace,weight_pct,value\n1,5,7.4\n2,3,2.5\n2,1,0.5\n", &options).unwrap();
        assert_eq!((problem.items().len(), problem.items()[0].value, problem.items()[0].weight.first()), (2, 2.5, 3));
        assert_eq!(ItemTable::label(&options), "-trace2");
        let error = read("a.csv", "weight,value\n1.5,2\n", &holding(9)).unwrap_err().to_string();
        assert!(error.contains("a.csv:2: column `weight`: found `1.5`, expected a whole number"), "{error}");
        let bounds = Some(Bounds(DensityBounds { lower: 700.0, upper: 2e7 }));
        let problem = read("prices", "10449.5\r\n19657\n", &ItemTableOptions { bounds, ..holding(1000) }).unwrap();
        assert_eq!((problem.items()[0].value, problem.items()[1].weight.first(), problem.bounds().unwrap().lower), (10449.5, 1, 700.0));
        let named = ItemTableOptions { value_column: Some("bid".into()), ..holding(9) };
        assert_eq!(read("a", "size\tbid\n2\t7\n", &named).unwrap().items()[0].value, 7.0);
        assert!(read("a.csv", "weight,value\n1,2\n", &ItemTableOptions::default()).unwrap_err().to_string().contains("--read capacity=N"));
        assert!(read("a.csv", "", &holding(1)).unwrap_err().to_string().contains("an empty table"));
    }

    #[test]
    fn a_table_is_split_by_the_values_of_a_column() {
        let file = InputFile::of_bytes("a.csv", b"day,value\n2,1\n1,5\n2,3\n".to_vec());
        let streams = ItemTable::read_each(&file, "day", &holding(10)).unwrap();
        let found: Vec<(&str, usize)> = streams.iter().map(|(value, stream)| (value.as_str(), stream.items().len())).collect();
        assert_eq!(found, [("2", 2), ("1", 1)]);
        assert!(ItemTable::read_each(&file, "week", &holding(10)).unwrap_err().to_string().contains("found no column `week`"));
    }
}
