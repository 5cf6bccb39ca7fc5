//! Items of a knapsack as JSON lines with a header.

use std::io::{self, Write};

use fathom_opt_problems::Problem;
use fathom_opt_problems::online_knapsack::{OnlineKnapsack, stream};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::options::NoOptions;
use crate::stream_header::kind_of;

/// JSON lines: a header with capacity and bounds, then an item per line.
#[derive(Debug)]
pub struct ItemStream;

impl FileFormat for ItemStream {
    type Problem = OnlineKnapsack;
    type Options = NoOptions;
    const NAME: &'static str = "item-stream";
    const SUMMARY: &'static str = "JSON lines: a header with capacity and bounds, then an item per line";
    const ENDINGS: &'static [&'static str] = &[".jsonl", ".ndjson"];

    /// What begins with an object that names no kind may be one: its reader says what is missing.
    fn recognizes(head: &Head<'_>, _: &NoOptions) -> Recognition {
        let by_default = head.first_line().starts_with(b"{") || Self::ENDINGS.iter().any(|ending| head.name.ends_with(ending));
        match kind_of(head.first_line()) {
            Some(kind) if kind == OnlineKnapsack::KIND => Recognition::Certain,
            None if by_default => Recognition::Possible,
            _ => Recognition::No,
        }
    }

    fn read(file: &InputFile, _: &NoOptions) -> Result<Imported<OnlineKnapsack>, InstanceError> {
        let parsed = stream::parse(&file.path().display().to_string(), file.unmarked());
        parsed.map(Imported::from).map_err(|fault| file.misplaced(&fault))
    }
}

impl WritesFiles for ItemStream {
    fn write(problem: &OnlineKnapsack, _: &str, out: &mut dyn Write) -> io::Result<()> {
        problem.write_stream(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<OnlineKnapsack, InstanceError> {
        ItemStream::read(&InputFile::of_bytes("a.jsonl", bytes.to_vec()), &NoOptions {}).map(|imported| imported.problem)
    }

    #[test]
    fn a_stream_names_the_line_at_fault() {
        let header = "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[10],\"bounds\":{\"L\":1,\"U\":9}}\r\n";
        let good = format!("{header}\n{{\"id\":1,\"v\":2.5,\"w\":[3],\"t\":0}}\n{{\"id\":4,\"v\":1,\"w\":2}}");
        let problem = read(good.as_bytes()).unwrap();
        assert_eq!(problem.items().len(), 2);
        assert_eq!(problem.bounds().unwrap().upper, 9.0);
        for (line, message) in [
            ("{\"id\":1,\"v\":-2,\"w\":[3]}", "v: found -2, expected a finite value of at least 0"),
            ("{\"id\":1,\"v\":2,\"w\":[-3]}", "a.jsonl:2:"),
            ("{\"id\":1,\"v\":2,\"w\":[3,4]}", "found 2 amounts, expected 1"),
            ("{\"id\":1,\"v\":2", "EOF while parsing"),
        ] {
            let error = read(format!("{header}{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("a.jsonl:2") && error.contains(message), "{error}");
        }
        let twice = format!("{header}{{\"id\":1,\"v\":2,\"w\":3}}\n{{\"id\":1,\"v\":2,\"w\":3}}\n");
        assert!(read(twice.as_bytes()).unwrap_err().to_string().contains("a.jsonl:3: id: found 1, expected an id above 1"));
        assert!(read(b"").is_err());
    }
}
