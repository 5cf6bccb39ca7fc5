//! A table that comes line by line, as the JSON lines that a server takes.

use csv::StringRecord;
use fathom_opt_problems::online_knapsack::{Amounts, stream};

use super::item_columns::{ItemColumns, ItemTableOptions};
use super::item_table::ItemTable;
use crate::error::InstanceError;
use crate::live_lines::{ComesByLine, LiveLine, LiveLines};

/// Turns the lines of a table of items (its header first, or numbers alone: values of items of weight 1) into lines of JSON. A record is a line.
#[derive(Debug)]
pub struct TableLines {
    options: ItemTableOptions,
    header: stream::Header,
    columns: Option<ItemColumns>,
    items: u64,
}

impl TableLines {
    /// Lines of a knapsack stream with the capacity and the bounds of `options`.
    ///
    /// # Errors
    /// No capacity, or bounds that are none.
    pub fn new(options: ItemTableOptions) -> Result<Self, InstanceError> {
        let about = |message: String| InstanceError::about(std::path::Path::new("standard input"), message);
        let capacity = options.capacity.ok_or_else(|| about("found a table without a capacity, expected `--read capacity=N`".into()))?;
        let bounds = options.bounds.map(|bounds| bounds.0);
        let header = stream::Header { bounds, ..stream::Header::new(Amounts::single(capacity)) };
        header.validate().map_err(|fault| about(fault.to_string()))?;
        Ok(Self { options, header, columns: None, items: 0 })
    }
}

impl LiveLines for TableLines {
    /// The JSON lines that `line` stands for, in order: the stream's header for the table's, an item for a row, nothing for a row that is not selected.
    fn translate(&mut self, line: &[u8]) -> Vec<LiveLine> {
        let record = match record(line) {
            Ok(record) => record,
            Err(message) => return vec![Err(message)],
        };
        let mut lines = Vec::new();
        if self.columns.is_none() {
            match ItemColumns::of(&record, &self.options) {
                Ok((columns, is_header)) => {
                    self.columns = Some(columns);
                    lines.push(json(&self.header));
                    if is_header {
                        return lines;
                    }
                }
                Err(message) => return vec![Err(message)],
            }
        }
        let Some(columns) = &self.columns else { return lines };
        match columns.item(&record, self.items + 1) {
            Ok(Some(item)) => {
                self.items += 1;
                lines.push(json(&item));
            }
            Ok(None) => {}
            Err(message) => lines.push(Err(message)),
        }
        lines
    }
}

impl ComesByLine for ItemTable {
    type Lines = TableLines;

    fn lines(options: ItemTableOptions) -> Result<TableLines, InstanceError> {
        TableLines::new(options)
    }
}

fn json(value: &impl serde::Serialize) -> LiveLine {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}

fn record(line: &[u8]) -> Result<StringRecord, String> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return Err("found an empty line, expected a row".into());
    }
    let delimiter = if line.contains(&b'\t') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .buffer_capacity(line.len() + 1)
        .from_reader(line);
    let mut record = StringRecord::new();
    reader.read_record(&mut record).map_err(|error| error.to_string())?;
    Ok(record)
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::online_knapsack::DensityBounds;

    use super::super::bounds::Bounds;
    use super::super::selection::Selection;
    use super::*;

    fn lines(options: &ItemTableOptions, table: &str) -> Vec<String> {
        let mut lines = TableLines::new(options.clone()).unwrap();
        let translated = table.split('\n').flat_map(|line| lines.translate(line.as_bytes())).collect::<Vec<_>>();
        translated
            .into_iter()
            .map(|line| line.map_or_else(|fault| format!("fault: {fault}"), |line| String::from_utf8(line).unwrap()))
            .collect()
    }

    #[test]
    fn a_table_becomes_a_stream_line_by_line() {
        let options = ItemTableOptions {
            capacity: Some(100),
            bounds: Some(Bounds(DensityBounds { lower: 1.0, upper: 50.0 })),
            select: Selection::of("trace", "2"),
            ..ItemTableOptions::default()
        };
        let found = lines(&options, "trace,weight,value,group\r\n1,2,3,a\n2,4,5.5,\"b, c\"\n2,x,1,d\n\n2,1,NaN,d\n2,0,7,d");
        assert_eq!(found[0], "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[100],\"bounds\":{\"L\":1.0,\"U\":50.0}}");
        assert_eq!(found[1], "{\"id\":1,\"v\":5.5,\"w\":[4],\"group\":\"b, c\"}");
        assert!(found[2].contains("column `weight`: found `x`"), "{}", found[2]);
        assert!(found[3].contains("empty line"));
        assert!(found[4].contains("column `value`: found `NaN`"));
        assert_eq!(found[5], "{\"id\":2,\"v\":7.0,\"w\":[0],\"group\":\"d\"}");
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn numbers_alone_are_values_of_items_of_weight_one() {
        let found = lines(&ItemTableOptions { capacity: Some(3), ..ItemTableOptions::default() }, "10449\n19657.5\n");
        assert_eq!(found[1..3], ["{\"id\":1,\"v\":10449.0,\"w\":[1]}", "{\"id\":2,\"v\":19657.5,\"w\":[1]}"]);
        assert!(TableLines::new(ItemTableOptions::default()).is_err());
    }
}
