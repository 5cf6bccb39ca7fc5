//! Tables of items: a row per item, its header naming the columns, or numbers alone.

use std::collections::HashMap;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival, OnlineKnapsack};

use super::item_columns::{ItemColumns, ItemTableOptions};
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, SplitsByColumn};
use crate::input_file::InputFile;
use crate::table::{Table, preview};

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
        let Some(layout) = preview(head, &options.table, &[]) else { return Recognition::No };
        if layout.header_line == 0 {
            return if layout.width == 1 && layout.rows > 0 && layout.starts_with_numbers {
                Recognition::Possible
            } else {
                Recognition::No
            };
        }
        if ItemColumns::are_named_by(&layout.names) {
            return Recognition::Likely;
        }
        if ItemColumns::of(&layout.names, options).is_ok() { Recognition::Possible } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &ItemTableOptions) -> Result<Imported<OnlineKnapsack>, InstanceError> {
        let table = Table::open(file, &options.table, &[])?;
        let (mut streams, notes) = read_tables(&table, options, None)?;
        let (_, stream) = streams.pop().ok_or_else(|| file.about(EMPTY))?;
        Ok(Imported { notes, ..stream.into() })
    }

    fn label(options: &ItemTableOptions) -> String {
        options.table.select.0.iter().flat_map(|(column, value)| ["-", column, value]).collect()
    }
}

impl SplitsByColumn for ItemTable {
    fn read_each(file: &InputFile, column: &str, options: &ItemTableOptions) -> Result<Vec<(String, OnlineKnapsack)>, InstanceError> {
        let table = Table::open(file, &options.table, &[])?;
        read_tables(&table, options, Some(column)).map(|(streams, _)| streams)
    }
}

const EMPTY: &str = "found an empty table, expected a row per item";

/// Streams, each with the value of the column that tells them apart; and what the reader took upon itself.
type Streams = (Vec<(String, OnlineKnapsack)>, Vec<String>);

/// The streams of a table, one for each value of the column `each`, with that value; or all of it.
fn read_tables(table: &Table<'_>, options: &ItemTableOptions, each: Option<&str>) -> Result<Streams, InstanceError> {
    let layout = table.layout();
    let about = |message: String| table.at_line(0, message);
    if layout.rows == 0 && layout.header_line == 0 {
        return Err(about(EMPTY.into()));
    }
    let mut columns = if layout.header_line == 0 && layout.width == 1 {
        ItemColumns::default()
    } else {
        ItemColumns::of(&layout.names, options).map_err(|message| table.at_line(layout.header_line.max(1), message))?
    };
    let position = |each| table.position(each).ok_or_else(|| table.at_line(layout.header_line, format!("found no column `{each}`")));
    let each = each.map(position).transpose()?;
    let capacity =
        options.capacity.ok_or_else(|| about("found a table of items without a capacity, expected `--read capacity=N`".into()))?;
    let mut notes = Vec::new();
    let mut streams: Vec<(String, Vec<Arrival>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows = table.rows();
    while let Some(row) = rows.next_row()? {
        if let Some(id) =
            columns.id().filter(|&id| streams.is_empty() && options.id_column.is_none() && row.cell(id).parse::<u64>().is_err())
        {
            notes.push(format!("the items are numbered by their rows: the column `{}` holds no whole numbers", layout.names[id]));
            columns = columns.without_ids();
        }
        let value = each.map_or("", |at| row.cell(at));
        let place = if let Some(place) = places.get(value) {
            *place
        } else {
            places.insert(value.to_owned(), streams.len());
            streams.push((value.to_owned(), Vec::new()));
            streams.len() - 1
        };
        let items = &mut streams[place].1;
        let last = items.last().map(|item| item.id);
        items.push(columns.item(row.cells, row.style, last).map_err(|message| table.at_line(row.line, message))?);
    }
    if streams.is_empty() {
        streams.push((String::new(), Vec::new()));
    }
    let bounds = options.bounds.map(|bounds| bounds.0);
    let stream = |(value, items)| {
        let stream = OnlineKnapsack::new(Amounts::single(capacity), bounds, items);
        Ok((value, stream.map_err(|fault: Malformed| about(fault.to_string()))?))
    };
    Ok((streams.into_iter().map(stream).collect::<Result<_, _>>()?, notes))
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::online_knapsack::DensityBounds;

    use super::super::bounds::Bounds;
    use super::*;
    use crate::table::{Selection, TableOptions};

    fn read(name: &str, text: &str, options: &ItemTableOptions) -> Result<OnlineKnapsack, InstanceError> {
        ItemTable::read(&InputFile::of_bytes(name, text.as_bytes().to_vec()), options).map(|imported| imported.problem)
    }

    fn holding(capacity: u64) -> ItemTableOptions {
        ItemTableOptions { capacity: Some(capacity), ..ItemTableOptions::default() }
    }

    #[test]
    fn tables_with_named_columns_and_numbers_alone_are_read() {
        let table = TableOptions { select: Selection::of("trace", "2"), ..TableOptions::default() };
        let options = ItemTableOptions { table, ..holding(100) };
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
    fn ids_that_rise_are_kept_and_words_are_noted() {
        let ids =
            |text: &str| read("a.csv", text, &holding(9)).map(|problem| problem.items().iter().map(|item| item.id).collect::<Vec<_>>());
        assert_eq!(ids("id,value,weight\n101,10,3\n205,5,2.0\n").unwrap(), [101, 205]);
        assert!(
            ids("id,value,weight\n7,10,3\n5,5,2\n")
                .unwrap_err()
                .to_string()
                .contains("a.csv:3: column `id`: found `5`, expected an id above 7")
        );
        assert_eq!(ids("item,value,weight\nmug,10,3\njug,5,2\n").unwrap(), [1, 2]);
        let file = InputFile::of_bytes("a.csv", b"item,value,weight\nmug,10,3\njug,5,2\n".to_vec());
        assert!(ItemTable::read(&file, &holding(9)).unwrap().notes[0].contains("numbered by their rows"));
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
