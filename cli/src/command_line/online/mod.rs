//! `fathom online`: a decision per line, for as long as lines come.

mod lines;
mod server;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use fathom_opt_instances::online_knapsack::{Bounds, ItemTableOptions, Selection, TableLines};
use fathom_opt_instances::{InstanceError, unpacking};
use fathom_opt_online::serve::{Session, Step, served};
use fathom_opt_problems::online_knapsack::DensityBounds;
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{bounds, column_value, key_value, object};
use lines::{LONGEST, Line, read_line};
use server::{BLOCK, Server};

/// Items come as JSON lines on standard input, a header first: {"stream":1,"kind":"online-knapsack","capacity":[100],"bounds":{"L":10,"U":5000}}, then
/// {"id":1,"v":12.5,"w":[3]} and so on, ids increasing. Every line is answered by one line. {"cmd":"stats"}, {"cmd":"checkpoint"} and {"cmd":"quit"}
/// control the session. Input packed by gzip or Zstandard is unpacked.
///
/// With --capacity the input is a table instead (CSV or TSV, its header first, or numbers alone), a row per item.
///
/// primal-dual serves bandits: after
/// {"stream":1,"kind":"replenishable-bandit","rounds":1000,"budget":100,"replenishment":0.1,"actions":5,"resources":2} a line {"id":1} asks for an action, and
/// {"id":1,"feedback":{"f":0.5,"c":[0.2,-0.1]}} tells what came of it (of all actions, with --set feedback=full: an array of rewards, an array of arrays).
/// A line {"t":1,"f":[...],"c":[[...],...]} with the outcomes of all actions does both at once.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Online {
    /// Which algorithm: zcl, constant, ect, baseline, la-ect, zcl-randomized, pp-a or mix for items, primal-dual for bandits
    algorithm: String,
    /// Set an option of the algorithm
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    options: Vec<(String, Value)>,
    /// Seed of every random draw, where the header has none
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Read this file instead of standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The input is a table of items, and the knapsack holds so much
    #[arg(long, value_name = "N")]
    capacity: Option<u64>,
    /// Bounds on every density (value per full capacity), for a table
    #[arg(long, value_name = "L,U", value_parser = bounds, requires = "capacity")]
    bounds: Option<(f64, f64)>,
    /// The column that holds the value, weight or group of an item, for a table
    #[arg(long = "column", value_name = "ROLE=NAME", value_parser = column_value, requires = "capacity")]
    columns: Vec<(String, String)>,
    /// Only the rows of a table with this value in this column
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = column_value, requires = "capacity")]
    select: Vec<(String, String)>,
    /// Keep a decision log: every answer is in it before it is given
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Keep the state here: at the end, on {"cmd":"checkpoint"}, on SIGTERM
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Keep the state after so many lines, too
    #[arg(long, value_name = "N", requires = "checkpoint")]
    checkpoint_every: Option<u64>,
    /// Go on where the log or the checkpoint ends. A stream that starts with its header again is taken to be the same stream from its start; a table always
    /// is
    #[arg(long)]
    resume: bool,
    /// Write the final report here instead of to standard error
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Stop with exit status 2 at the first line at fault
    #[arg(long)]
    strict: bool,
    /// Give answers in blocks instead of line by line
    #[arg(long)]
    buffered: bool,
    /// No final report on standard error
    #[arg(long)]
    quiet: bool,
}

impl Online {
    pub(super) fn run(self) -> Result<Status, Failure> {
        let Some(session) = Session::new(&self.algorithm, &object(&self.options)?, self.seed) else {
            let names: Vec<&str> = served().into_iter().map(|(name, _)| name).collect();
            return Err(Failure::Usage(format!("no online algorithm `{}`; there is: {}", self.algorithm, names.join(", "))));
        };
        if self.resume && self.log.is_none() && self.checkpoint.is_none() {
            return Err(Failure::Usage("found `--resume` alone, expected `--log` or `--checkpoint` to go on from".into()));
        }
        let session = session?;
        let mut table = self.table(&session)?;
        let input = self.open_input()?;
        let server = Arc::new(Mutex::new(Server::open(session, &self)?));
        let at_signal = Arc::clone(&server);
        // SIGTERM (and Ctrl-C): the line at hand is finished, for the lock is held until then; what is known is kept.
        let _ = ctrlc::set_handler(move || {
            let mut server = at_signal.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = server.end();
            std::process::exit(i32::from(ended.is_err()) * 2);
        });
        let status = unpacking(input)
            .map_err(|cause| InstanceError::io(&self.input_name(), "read", cause).into())
            .and_then(|mut input| serve(&mut *input, table.as_mut(), &server, self.strict));
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        match status {
            Ok(status) => server.end().map(|()| status),
            // Nobody reads on: what was decided is kept, and that is the end.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                server.drop_pending();
                server.end()?;
                Ok(Status::Holds)
            }
            Err(failure) => Err(failure),
        }
    }

    /// How to read the input, if it is a table.
    fn table(&self, session: &Session) -> Result<Option<TableLines>, Failure> {
        if self.capacity.is_none() {
            return Ok(None);
        }
        if session.kind() != "online-knapsack" {
            return Err(Failure::Usage(format!("found `--capacity` with {}, expected it with an algorithm for items", self.algorithm)));
        }
        let column = |role: &str| self.columns.iter().find(|(known, _)| known == role).map(|(_, name)| name.clone());
        if let Some((role, _)) = self.columns.iter().find(|(role, _)| !["value", "weight", "group"].contains(&role.as_str())) {
            return Err(Failure::Usage(format!("found a column for `{role}`, expected value, weight or group")));
        }
        let options = ItemTableOptions {
            capacity: self.capacity,
            bounds: self.bounds.map(|(lower, upper)| Bounds(DensityBounds { lower, upper })),
            value_column: column("value"),
            weight_column: column("weight"),
            group_column: column("group"),
            select: Selection(self.select.iter().cloned().collect()),
            rows: None,
        };
        Ok(Some(TableLines::new(options)?))
    }

    fn input_name(&self) -> PathBuf {
        self.input.clone().unwrap_or_else(|| "standard input".into())
    }

    fn open_input(&self) -> Result<Box<dyn BufRead>, Failure> {
        Ok(match &self.input {
            None => Box::new(BufReader::with_capacity(BLOCK, io::stdin())),
            Some(file) => {
                let opened = File::open(file).map_err(|cause| InstanceError::io(file, "read", cause))?;
                Box::new(BufReader::with_capacity(BLOCK, opened))
            }
        })
    }
}

fn serve(input: &mut dyn BufRead, mut table: Option<&mut TableLines>, server: &Mutex<Server>, strict: bool) -> Result<Status, Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = read_line(input, &mut line).map_err(|cause| InstanceError::io(Path::new("standard input"), "read", cause))?;
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = Vec::new();
        match (read, &mut table) {
            (Line::End, _) => return Ok(Status::Holds),
            (Line::TooLong, _) => steps.push(server.answer_fault(&format!("found a line of more than {LONGEST} bytes, expected an item"))?),
            (Line::Whole, None) => steps.push(server.answer(&line)?),
            (Line::Whole, Some(table)) => {
                for line in table.translate(&line) {
                    steps.push(match line {
                        Ok(line) => server.answer(&line)?,
                        Err(message) => server.answer_fault(&message)?,
                    });
                }
            }
        }
        if steps.contains(&Step::Quit) {
            return Ok(Status::Holds);
        }
        if strict && steps.contains(&Step::Refused) {
            return Ok(Status::BadInput);
        }
    }
}
