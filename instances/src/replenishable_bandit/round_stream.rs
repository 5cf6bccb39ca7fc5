//! Rounds of a bandit as JSON lines with a header.

use std::io::{self, Write};

use fathom_opt_problems::Problem;
use fathom_opt_problems::replenishable_bandit::{ReplenishableBandit, stream};

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::options::NoOptions;
use crate::stream_header::kind_of;

/// JSON lines: a header with budget and replenishment, then the outcomes of a round per line.
#[derive(Debug)]
pub struct RoundStream;

impl FileFormat for RoundStream {
    type Problem = ReplenishableBandit;
    type Options = NoOptions;
    const NAME: &'static str = "round-stream";
    const SUMMARY: &'static str = "JSON lines: a header with budget and replenishment, then the outcomes of a round per line";
    const ENDINGS: &'static [&'static str] = &[".jsonl", ".ndjson"];

    fn recognizes(head: &Head<'_>, _: &NoOptions) -> Recognition {
        if kind_of(head.first_line()).is_some_and(|kind| kind == ReplenishableBandit::KIND) {
            Recognition::Certain
        } else {
            Recognition::No
        }
    }

    fn read(file: &InputFile, _: &NoOptions) -> Result<Imported<ReplenishableBandit>, InstanceError> {
        let problem = stream::problem(&file.path().display().to_string(), file.unmarked());
        problem.map(Imported::from).map_err(|fault| file.misplaced(&fault))
    }
}

impl WritesFiles for RoundStream {
    fn write(problem: &ReplenishableBandit, _: &str, out: &mut dyn Write) -> io::Result<()> {
        problem.write_stream(out)
    }
}
