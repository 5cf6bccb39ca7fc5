//! A table that comes line by line, as the JSON lines that a server takes.

use fathom_opt_problems::online_knapsack::{Amounts, stream};

use super::item_columns::{ItemColumns, ItemTableOptions};
use super::item_table::ItemTable;
use crate::error::InstanceError;
use crate::live_lines::{ComesByLine, LiveLine, LiveLines};
use crate::table::{Delimiter, Encoding, NumberStyle, is_wanted, line_text, split_line};

/// Turns the lines of a table of items (its header first, or numbers alone: values of items of weight 1) into lines of JSON. A record is a line.
#[derive(Debug)]
pub struct TableLines {
    options: ItemTableOptions,
    header: stream::Header,
    layout: Option<LineLayout>,
    items: usize,
    last: Option<u64>,
}

/// What the first line tells.
#[derive(Debug)]
struct LineLayout {
    columns: ItemColumns,
    /// Columns that a row is chosen by, and what has to stand there.
    selected: Vec<(usize, String)>,
    width: usize,
    delimiter: Delimiter,
    style: NumberStyle,
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
        if options.table.encoding == Some(Encoding::Utf16) {
            return Err(about("found `--read encoding=utf-16`, expected utf-8 or latin-1 for a table that comes line by line".into()));
        }
        Ok(Self { options, header, layout: None, items: 0, last: None })
    }

    /// What the first line tells, and whether it is a header.
    fn opened(&self, line: &str) -> Result<(LineLayout, bool), String> {
        if line.trim_start().starts_with('{') {
            return Err("found a line of JSON, expected a table (a stream of JSON lines takes no reading options)".into());
        }
        let (record, delimiter) = split_line(line, self.options.table.delimiter)?;
        let has_header = self.options.table.header.map_or(!ItemColumns::is_headless(&record), |header| header.0);
        let names: Vec<String> = if has_header {
            record.iter().map(str::to_owned).collect()
        } else {
            (0..record.len()).map(|column| format!("x{column}")).collect()
        };
        if let Some(missing) = self.options.table.skip.missing_in(names.iter().map(String::as_str)) {
            return Err(format!("found no column `{missing}` to skip"));
        }
        let columns = if names.len() == 1 && !has_header { ItemColumns::default() } else { ItemColumns::of(&names, &self.options)? };
        let mut selected = Vec::new();
        for (name, wanted) in &self.options.table.select.0 {
            let at = names.iter().position(|found| found.eq_ignore_ascii_case(name));
            selected.push((at.ok_or_else(|| format!("found no column `{name}` to select rows by"))?, wanted.clone()));
        }
        // Where a comma separates cells, the point stands before decimals; otherwise every number has to tell.
        let by_delimiter = (delimiter == Delimiter::Comma).then_some(crate::table::Mark::Point);
        let style = NumberStyle::of(self.options.table.decimal.or(by_delimiter));
        Ok((LineLayout { columns, selected, width: record.len(), delimiter, style }, has_header))
    }
}

impl LiveLines for TableLines {
    /// The JSON lines that `line` stands for, in order: the stream's header for the table's, an item for a row, nothing for a row that is not selected.
    fn translate(&mut self, line: &[u8]) -> Result<Vec<LiveLine>, String> {
        let mut lines = Vec::new();
        let text = line_text(line, self.options.table.encoding);
        if self.layout.is_none() {
            let (layout, is_header) = text.clone().and_then(|text| self.opened(&text))?;
            self.layout = Some(layout);
            lines.push(json(&self.header));
            if is_header {
                return Ok(lines);
            }
        }
        if let Some(item) = text.and_then(|text| self.item(&text)).transpose() {
            lines.push(item);
        }
        Ok(lines)
    }
}

impl TableLines {
    /// The item in a row, if the row is among those to be read.
    fn item(&mut self, line: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(layout) = &self.layout else { return Ok(None) };
        let (record, _) = split_line(line, Some(layout.delimiter))?;
        if record.len() != layout.width {
            return Err(format!("found {} cells, expected {} (as in the first line)", record.len(), layout.width));
        }
        let is_selected = layout.selected.iter().all(|(column, wanted)| is_wanted(record.get(*column), wanted, layout.style));
        if !is_selected || self.options.table.rows.is_some_and(|most| self.items >= most) {
            return Ok(None);
        }
        let item = layout.columns.item(&record, layout.style, self.last)?;
        self.items += 1;
        self.last = Some(item.id);
        json(&item).map(Some)
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

#[cfg(test)]
mod tests {
    use fathom_opt_problems::online_knapsack::DensityBounds;

    use super::super::bounds::Bounds;
    use super::*;
    use crate::table::{Selection, TableOptions};

    fn lines(options: &ItemTableOptions, table: &str) -> Vec<String> {
        let mut lines = TableLines::new(options.clone()).unwrap();
        let translated = table.split('\n').flat_map(|line| lines.translate(line.as_bytes()).unwrap()).collect::<Vec<_>>();
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
            table: TableOptions { select: Selection::of("trace", "2"), ..TableOptions::default() },
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
        // A header that tells no columns is the end, and not a fault of every line.
        let mut unreadable = TableLines::new(ItemTableOptions { capacity: Some(3), ..ItemTableOptions::default() }).unwrap();
        assert!(unreadable.translate(b"colour,shape").unwrap_err().contains("found no column of values"));
    }
}
