//! `fathom audit`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use fathom_opt_instances::{InstanceError, unpacking, write_pending};
use fathom_opt_online::DecisionLog;

use super::failure::{Failure, Status};
use super::output::{Output, Tone};

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Decision log, as `fathom online --log` keeps it (also .gz, .zst), or - for standard input
    log: PathBuf,
    /// Draw price and use of the capacity over time here
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self, output: &mut Output) -> Result<Status, Failure> {
        let text = self.text().map_err(|cause| InstanceError::io(&self.log, "read", cause))?;
        let log = DecisionLog::parse(&text).map_err(|error| {
            InstanceError::at_line(&self.log, &text, error.line, 0, format!("found {}, expected {}", error.found, error.expected))
        })?;
        let report = log.report();
        if let Some(file) = &self.svg {
            write_pending(file, |out| out.write_all(log.svg().as_bytes()))?.commit()?;
        }
        let status = if report.mistakes.is_empty() { Status::Holds } else { Status::Fails };
        if self.json {
            output.json(&report)?;
            return Ok(status);
        }
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        output.entry("items", format!("{} offered, {} taken, {} lines at fault", report.offered, report.accepted, report.faults))?;
        output.entry("value", format!("{} in {} of the capacity", report.value, percent(report.used_share)))?;
        let (lower, upper, proved) = report.hindsight;
        let best = if proved || lower == upper { format!("{lower}, proved") } else { format!("{lower} to {upper}") };
        output.entry("hindsight", format!("the best packing of these items is worth {best}"))?;
        if let Some((least, most)) = report.ratio {
            let ratio = if least == most { format!("{least:.6}") } else { format!("{least:.6} to {most:.6}") };
            output.entry("ratio", format!("{ratio} times what was taken"))?;
        }
        for (k, posted) in report.posted_prices.iter().take(3).enumerate() {
            let label = if k == 0 { "posted" } else { "" };
            output.entry(label, format!("{} while the use was {} to {}", posted.price, percent(posted.from), percent(posted.to)))?;
        }
        output.entry("quarters", report.quarters.map(percent).join(", "))?;
        for (group, taken, offered) in &report.groups {
            output.entry("group", format!("{group}: {taken} of {offered}, {}", percent(*taken as f64 / *offered as f64)))?;
        }
        output.entry("envy", format!("{} of the refused items are denser than some item taken", percent(report.envy_share)))?;
        output.entry("inverted", format!("{} of the pairs of an item taken and one refused", percent(report.inverted_pairs)))?;
        output.entry("note", "posted prices treat equals alike while room lasts; envy afterwards is no breach of that promise")?;
        for mistake in &report.mistakes {
            let wrong = output.toned(Tone::Bad, "WRONG");
            output.entry(&wrong, mistake)?;
        }
        Ok(status)
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        let stored: Box<dyn BufRead> = if self.log.as_os_str() == "-" {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(&self.log)?))
        };
        let mut text = Vec::new();
        unpacking(stored)?.read_to_end(&mut text)?;
        Ok(text)
    }
}
