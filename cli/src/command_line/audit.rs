//! `fathom audit`.

use std::path::PathBuf;

use clap::Args;
use fathom_instances::{InstanceError, write_pending};
use fathom_online::DecisionLog;

use super::failure::{Failure, Status};
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Decision log, as `fathom online --log` keeps it
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
        let text = std::fs::read(&self.log).map_err(|cause| InstanceError::io(&self.log, "read", cause))?;
        let log = DecisionLog::parse(&text).map_err(|error| {
            InstanceError::at_line(&self.log, &text, error.line, 0, format!("found {}, expected {}", error.found, error.expected))
        })?;
        let report = log.report();
        if let Some(file) = &self.svg {
            write_pending(file, |out| out.write_all(log.svg().as_bytes()))?.commit()?;
        }
        if self.json {
            output.json(&report)?;
            return Ok(Status::Holds);
        }
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        output.entry("items", format!("{} offered, {} taken, {} lines at fault", report.offered, report.accepted, report.faults))?;
        output.entry("value", format!("{} in {} of the capacity", report.value, percent(report.used_share)))?;
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
        Ok(Status::Holds)
    }
}
