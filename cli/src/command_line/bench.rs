//! `fathom bench`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use fathom_opt_bench::{Bar, ExportFormat, RunRequest, Store, WorkerCommand};
use fathom_opt_core::Registry;
use fathom_opt_instances::suite::Suite;
use fathom_opt_instances::{Classes, write_pending};

use super::failure::{Failure, Status};
use super::interrupt::cancel_on_interrupt;
use super::output::Output;
use super::solve::seconds;

/// The hidden verb under which a run's own process starts.
pub(super) const WORKER: &str = "bench-worker";

#[derive(Debug, Args)]
pub(super) struct Bench {
    #[command(subcommand)]
    verb: BenchVerb,
}

#[derive(Debug, Subcommand)]
enum BenchVerb {
    /// Run what is missing of some suites, a process per run, and show the table
    Run(Run),
    /// Write all records as CSV or JSON
    Export(Export),
}

#[derive(Debug, Args)]
struct Run {
    /// Suites: TOML files, or names from `fathom list suites`
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<String>,
    /// Only these solvers, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    solvers: Option<Vec<String>>,
    /// How many runs at a time
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Seconds per solve, instead of what the suite says
    #[arg(long, value_name = "S", value_parser = seconds, allow_hyphen_values = true)]
    time_limit: Option<Duration>,
    /// MiB that a run may allocate, on top of the program itself, instead of what the suite says
    #[arg(long, value_name = "MIB")]
    memory_limit: Option<u64>,
    /// Seeds, separated by commas, instead of the suite's
    #[arg(long, value_name = "SEEDS", value_delimiter = ',')]
    seeds: Option<Vec<u64>>,
    /// The folder with the data files that suites refer to; what is not there is skipped, with the reason
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where the records are; runs that are recorded there are not repeated
    #[arg(long, value_name = "FILE", default_value = "fathom-results.sqlite")]
    results: PathBuf,
    /// Run also what is recorded already; the new records take the place of the old ones
    #[arg(long)]
    rerun: bool,
    /// Show no table and no progress
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shape {
    Csv,
    Json,
}

#[derive(Debug, Args)]
struct Export {
    /// The records
    #[arg(value_name = "RESULTS")]
    results: PathBuf,
    /// As what
    #[arg(long, value_enum, default_value = "csv")]
    format: Shape,
    /// Write also the courses of the runs here, as CSV: a row per sample
    #[arg(long, value_name = "FILE")]
    courses: Option<PathBuf>,
}

impl Bench {
    pub(super) fn run(self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        match self.verb {
            BenchVerb::Run(run) => run.run(registry, classes, output),
            BenchVerb::Export(export) => {
                let store = Store::open(&export.results)?;
                let format = match export.format {
                    Shape::Csv => ExportFormat::Csv,
                    Shape::Json => ExportFormat::Json,
                };
                if let Some(file) = &export.courses {
                    let mut bytes = Vec::new();
                    fathom_opt_bench::export_courses(&store, &mut bytes)?;
                    write_pending(file, |out| out.write_all(&bytes))?.commit()?;
                }
                fathom_opt_bench::export(&store, format, output)?;
                Ok(Status::Holds)
            }
        }
    }
}

impl Run {
    fn run(self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        if let Some(folder) = self.data.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(Failure::Usage(format!("found `--data {}`, expected a folder", folder.display())));
        }
        let suites = self.suites.iter().map(|suite| Suite::find(suite, classes).map(|suite| suite.with_data(self.data.as_deref())));
        let suites = suites.collect::<Result<Vec<_>, _>>()?;
        let worker = WorkerCommand::this_program([WORKER])?;
        let request = RunRequest {
            jobs: self.jobs,
            solvers: self.solvers,
            time_limit: self.time_limit.map(|limit| limit.as_secs_f64()),
            memory_limit: self.memory_limit,
            seeds: self.seeds,
            rerun: self.rerun,
            classes: classes.clone(),
            cancel: cancel_on_interrupt(),
            ..RunRequest::new(suites, self.results, worker)
        };
        let summary = if self.quiet {
            fathom_opt_bench::run(&request, registry, &mut |_: &fathom_opt_bench::Progress| {})
        } else {
            fathom_opt_bench::run(&request, registry, &mut Bar::new())
        }?;
        if summary.rows.is_empty()
            && summary.untaken == 0
            && summary.unreadable.is_empty()
            && summary.skipped.is_empty()
            && !summary.interrupted
        {
            return Err(Failure::Usage("found no run: none of the solvers takes instances of these kinds".into()));
        }
        if !self.quiet {
            output.bytes(fathom_opt_bench::table(&summary, output.is_coloured()).as_bytes())?;
        }
        Ok(match summary.exit_code() {
            0 => Status::Holds,
            1 => Status::Fails,
            130 => Status::Interrupted,
            _ => Status::BadInput,
        })
    }
}
