//! `fathom online`: a decision per line, for as long as lines come.

mod keeping;
mod lines;
mod log_file;
mod server;
mod signals;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use fathom_opt_instances::{Class, Classes, InstanceError, LiveLines, unpacking};
use fathom_opt_serve::{Answered, Services, Session};
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{key_value, object, text_value};
use keeping::Keeping;
use lines::{BLOCK, LONGEST, Line, read_line};
use server::Server;
use signals::{Signal, on_signal};

/// Arrivals come as JSON lines on standard input, a header first: {"stream":1,"kind":...} with the fields of its class. Every line is answered by one line.
/// {"cmd":"stats"}, {"cmd":"checkpoint"} and {"cmd":"quit"} control the session. Input packed by gzip or Zstandard is unpacked. `fathom list services` shows
/// the services, what the lines of a stream of each look like, and their options. With --read or --format the input is a file of another format instead, such as a
/// table, a row per arrival.
#[derive(Debug, Args)]
pub(super) struct Online {
    /// Which service; `fathom list services` names them
    service: String,
    /// Set an option of the service
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    options: Vec<(String, Value)>,
    /// Seed of every random draw, where the header has none [default: 0; of the session where one is resumed]
    #[arg(long)]
    seed: Option<u64>,
    /// Read this file instead of standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The input is no stream of JSON lines but a file of this format (see `fathom list formats`); --read alone says so, too
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Set a reading option of that format
    #[arg(long = "read", value_name = "KEY=VALUE", value_parser = text_value)]
    reading: Vec<(String, Value)>,
    /// Stop with exit status 2 at the first line at fault
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    keeping: Keeping,
}

impl Online {
    pub(super) fn run(self, services: &Services, classes: &Classes) -> Result<Status, Failure> {
        let session = services.find(&self.service)?.session(&object(&self.options)?, self.seed.unwrap_or(0))?;
        self.keeping.validate()?;
        let mut translation = self.translation(&session, classes)?;
        let input = self.open_input()?;
        let server = Server::open(session, &self.keeping)?;
        if let (Some(given), Some(taken)) = (self.seed, server.seed())
            && given != taken
        {
            return Err(Failure::Usage(format!("found `--seed {given}`, expected {taken}, the seed of the session that is resumed")));
        }
        let server = Arc::new(Mutex::new(server));
        let at_signal = Arc::clone(&server);
        // The line at hand is finished, for the lock is held until then; what is known is kept.
        on_signal(move |signal| {
            let mut server = at_signal.lock().unwrap_or_else(PoisonError::into_inner);
            let status = match (server.end(), signal) {
                (Err(_), _) => 2,
                (Ok(()), Signal::Interrupt) => 130,
                (Ok(()), Signal::Terminate) => 0,
            };
            std::process::exit(status);
        });
        let status = unpacking(input)
            .map_err(|cause| InstanceError::io(&self.input_name(), "read", cause).into())
            .and_then(|mut input| serve(&mut *input, &self.input_name(), translation.as_mut(), &server, self.strict));
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        match status {
            Ok(status) => {
                server.may_end()?;
                server.end().map(|()| status)
            }
            // Nobody reads on: what was decided is kept, and that is the end.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                server.drop_pending();
                server.end()?;
                Ok(Status::Holds)
            }
            Err(failure) => Err(failure),
        }
    }

    /// How to read the input, if it is no stream.
    fn translation(&self, session: &Session, classes: &Classes) -> Result<Option<Box<dyn LiveLines>>, Failure> {
        if self.format.is_none() && self.reading.is_empty() {
            return Ok(None);
        }
        let formats = classes.iter().filter(|class| class.kind == session.kind()).flat_map(Class::live_formats);
        let known: Vec<&str> = formats.clone().map(|format| format.name).collect();
        let chosen = match &self.format {
            Some(name) => formats.clone().find(|format| format.name == name),
            None => formats.clone().next().filter(|_| known.len() == 1),
        };
        let Some(format) = chosen else {
            let given = self.format.as_ref().map_or_else(|| "`--read`".to_owned(), |name| format!("`--format {name}`"));
            let expected =
                if known.is_empty() { "a stream of JSON lines alone".to_owned() } else { format!("--format {}", known.join(" or ")) };
            return Err(Failure::Usage(format!("found {given} with {}, expected {expected}", self.service)));
        };
        Ok(Some(format.lines(&object(&self.reading)?)?))
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

fn serve(
    input: &mut dyn BufRead,
    input_name: &Path,
    mut translation: Option<&mut Box<dyn LiveLines>>,
    server: &Mutex<Server>,
    strict: bool,
) -> Result<Status, Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = read_line(input, &mut line).map_err(|cause| InstanceError::io(input_name, "read", cause))?;
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = Vec::new();
        match (read, &mut translation) {
            (Line::End, _) => return Ok(Status::Holds),
            (Line::TooLong, _) => {
                answers.push(server.answer_fault(&format!("found a line of more than {LONGEST} bytes, expected a shorter one"))?);
            }
            (Line::Whole, None) => answers.push(server.answer(&line)?),
            (Line::Whole, Some(translation)) => {
                let lines = translation.translate(&line).map_err(|message| InstanceError::about(input_name, message))?;
                for line in lines {
                    answers.push(match line {
                        Ok(line) => server.answer(&line)?,
                        Err(message) => server.answer_fault(&message)?,
                    });
                }
            }
        }
        if answers.contains(&Answered::Quit) {
            return Ok(Status::Holds);
        }
        if strict && answers.contains(&Answered::Refused) {
            return Ok(Status::BadInput);
        }
    }
}
