//! What goes wrong on the command line, and the exit statuses.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use fathom_opt_core::{RegistryError, SolveError};
use fathom_opt_instances::suite::SuiteError;
use fathom_opt_instances::{Excerpt, InstanceError, OpenError, ParameterError};
use fathom_opt_serve::ServicesError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};

use super::did_you_mean::meant;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Solved, or the check holds.
    Holds,
    /// Solved, but the check refutes it; or a comparison is worse.
    Fails,
    /// Bad usage or bad input.
    BadInput,
    /// No solution within the limits.
    NoSolution,
    /// Stopped by Ctrl-C, with the best solution so far written.
    Interrupted,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Holds => 0,
            Status::Fails => 1,
            Status::BadInput => 2,
            Status::NoSolution => 3,
            Status::Interrupted => 130_u8,
        })
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Input(#[from] InstanceError),
    #[error(transparent)]
    Suite(#[from] SuiteError),
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Services(#[from] ServicesError),
    #[error(transparent)]
    Solve(#[from] SolveError),
    #[error(transparent)]
    Bench(#[from] fathom_opt_bench::BenchError),
    #[error("{0}")]
    Usage(String),
    #[error("cannot write the results: {0}")]
    Output(#[from] io::Error),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Instance(error) => error.into(),
            OpenError::Parameters(error) => error.into(),
            OpenError::NoDataFolder(_) => Self::Usage(error.to_string()),
        }
    }
}

impl Failure {
    /// Tells the person at the terminal, with the line at fault where there is one.
    pub(super) fn report(&self) {
        let message = self.to_string();
        let meant = meant(&message).map(|name| format!("did you mean `{name}`?"));
        let report = Report { message, meant, excerpt: self.excerpt() };
        let mut theme = if io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::none()
        };
        theme.characters.error = "error:".into();
        let mut text = String::new();
        let rendered = GraphicalReportHandler::new_themed(theme).with_width(110).with_wrap_lines(false).render_report(&mut text, &report);
        if rendered.is_err() || text.is_empty() {
            text = format!("error: {report}");
        }
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "{}", text.trim());
    }

    fn excerpt(&self) -> Option<Numbered> {
        match self {
            Self::Input(InstanceError { line: Some(line), excerpt: Some(excerpt), .. }) if !excerpt.text.trim().is_empty() => {
                Some(Numbered { line: *line, excerpt: excerpt.clone() })
            }
            _ => None,
        }
    }
}

/// One line of a file, with its number.
#[derive(Debug)]
struct Numbered {
    line: usize,
    excerpt: Excerpt,
}

#[derive(Debug)]
struct Report {
    message: String,
    meant: Option<String>,
    excerpt: Option<Numbered>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.meant.as_ref().map(|meant| Box::new(meant) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = &self.excerpt.as_ref()?.excerpt;
        let length = usize::from(excerpt.offset < excerpt.text.len());
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".into()), excerpt.offset, length))))
    }
}

impl SourceCode for Numbered {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _context_lines_before: usize,
        _context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.excerpt.text.as_bytes();
        let whole = SourceSpan::from((0, text.len()));
        Ok(Box::new(miette::MietteSpanContents::new(text, whole, self.line - 1, 0, 1)))
    }
}
