//! `fathom audit`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use fathom_opt_instances::{InstanceError, unpacking, write_pending};
use fathom_opt_serve::{DecisionLog, LogFault, Services, audit, service_of};

use super::failure::{Failure, Status};
use super::output::{Output, Tone};

/// Gives every answer in a decision log again, with the service, the options, the header and the seed that it tells of, and compares; has the class's
/// independent checker judge what was decided, where the log tells all of it; and shows what it adds up to.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Decision log, as `fathom online --log` keeps it (also .gz, .zst), or - for standard input
    log: PathBuf,
    /// Draw the stream over time here, where the service has a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self, services: &Services, output: &mut Output) -> Result<Status, Failure> {
        let text = self.text().map_err(|cause| InstanceError::io(&self.log, "read", cause))?;
        let log = DecisionLog::new(&text);
        let at = |fault: LogFault| {
            InstanceError::at_line(&self.log, &text, fault.line, 0, format!("found {}, expected {}", fault.found, fault.expected))
        };
        let report = audit(services, &log).map_err(at)?;
        if let Some(file) = &self.svg {
            let drawn = match service_of(services, &log).map_err(at)? {
                Some(service) => service.picture(&log).map_err(at)?,
                None => None,
            };
            let picture =
                drawn.ok_or_else(|| Failure::Usage("found `--svg`, expected it with the log of a service that has a picture".into()))?;
            write_pending(file, |out| out.write_all(picture.as_bytes()))?.commit()?;
        }
        let status = if report.mistakes.is_empty() { Status::Holds } else { Status::Fails };
        if self.json {
            output.json(&report.to_value())?;
            return Ok(status);
        }
        output.entry("service", format!("{}, {} lines", report.service.unwrap_or("none, no header was taken"), report.lines))?;
        for figure in &report.shown {
            output.entry(&figure.label, &figure.text)?;
        }
        if report.mistakes.is_empty() {
            output.entry("answers", "all given again, the same")?;
        }
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
