//! Numbers in words: the target, then the numbers; and solutions as positions.

use std::io::{self, Write};

use fathom_opt_instances::{FileFormat, Given, Head, Imported, InputFile, InstanceError, Recognition, SolutionForm, WritesFiles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{Chosen, SubsetSum};

/// The target in the first line, a number in each of the others.
#[derive(Debug)]
pub struct SumFile;

/// How such a file is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SumFileOptions {
    /// Every number, the target too, times this.
    pub scale: u32,
}

impl Default for SumFileOptions {
    fn default() -> Self {
        Self { scale: 1 }
    }
}

impl FileFormat for SumFile {
    type Problem = SubsetSum;
    type Options = SumFileOptions;
    const NAME: &'static str = "sums";
    const SUMMARY: &'static str = "the target, then a number per line";
    const ENDINGS: &'static [&'static str] = &[".sums"];

    fn recognizes(head: &Head<'_>, _: &SumFileOptions) -> Recognition {
        if head.first_line().iter().all(u8::is_ascii_digit) { Recognition::Likely } else { Recognition::No }
    }

    fn read(file: &InputFile, options: &SumFileOptions) -> Result<Imported<SubsetSum>, InstanceError> {
        let mut numbers = Vec::new();
        for (k, line) in file.text()?.lines().enumerate() {
            let number = line.trim().parse::<u32>().ok().and_then(|number| number.checked_mul(options.scale));
            numbers.push(number.ok_or_else(|| file.at_line(k + 1, format!("found `{line}`, expected a whole number below 2^32")))?);
        }
        let mut numbers = numbers.into_iter();
        let target = numbers.next().ok_or_else(|| file.about("found nothing, expected a target"))?;
        let problem = SubsetSum::new(numbers.collect(), target.into()).map_err(|fault| file.about(fault.to_string()))?;
        Ok(Imported { name: Some(format!("sums-to-{target}")), ..problem.into() })
    }
}

impl WritesFiles for SumFile {
    fn write(problem: &SubsetSum, _: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", problem.target)?;
        problem.numbers.iter().try_for_each(|number| writeln!(out, "{number}"))
    }
}

impl SolutionForm for SumFile {
    type Problem = SubsetSum;
    const NAME: &'static str = "positions";
    const SUMMARY: &'static str = "a position per line";
    const ENDINGS: &'static [&'static str] = &[".positions"];

    fn read(file: &InputFile, _: &SubsetSum) -> Result<Given<Chosen>, InstanceError> {
        let positions = file
            .text()?
            .lines()
            .enumerate()
            .map(|(k, line)| line.trim().parse().map_err(|_| file.at_line(k + 1, format!("found `{line}`, expected a position"))));
        Ok(Given::Whole(Chosen { positions: positions.collect::<Result<_, _>>()? }))
    }
}
