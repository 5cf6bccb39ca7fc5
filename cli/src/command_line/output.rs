//! Standard output: buffered, plain in a pipe, coloured on a terminal, and never a panic when the reader goes away.

#[cfg(unix)]
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

#[cfg(unix)]
use nix::unistd::{dup, dup2_stdout};

/// How a word is to stand out on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Faint,
    Heading,
}

/// Where results go.
pub(super) struct Output {
    out: BufWriter<Box<dyn Write>>,
    coloured: bool,
}

impl Output {
    /// Standard output of this process.
    pub(super) fn standard() -> Self {
        let out = io::stdout();
        let coloured = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: BufWriter::new(Box::new(out)), coloured }
    }

    /// Standard output of this process, kept for this value alone: what else is printed there from now on, by a library in C perhaps, goes to standard error.
    #[cfg(unix)]
    pub(super) fn reserved() -> Self {
        let standard = Self::standard();
        let kept = dup(io::stdout()).and_then(|kept| dup2_stdout(io::stderr()).map(|()| kept));
        match kept {
            Ok(kept) => Self { out: BufWriter::new(Box::new(File::from(kept))), ..standard },
            // Where one of the two is closed, there is nothing to keep apart.
            Err(_) => standard,
        }
    }

    /// Standard output of this process; elsewhere than on Unix, what a library in C prints there stands among the results.
    #[cfg(not(unix))]
    pub(super) fn reserved() -> Self {
        Self::standard()
    }

    /// Whether colours are shown.
    pub(super) fn is_coloured(&self) -> bool {
        self.coloured
    }

    /// `text` with its tone, if colours are shown.
    pub(super) fn toned(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Faint => "2",
            Tone::Heading => "1",
        };
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        self.out.write_all(text.as_ref().as_bytes())?;
        self.out.write_all(b"\n")
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    /// A label in a column of its own and what belongs to it.
    pub(super) fn entry(&mut self, label: &str, text: impl AsRef<str>) -> io::Result<()> {
        let label = self.toned(Tone::Faint, &format!("{label:<LABELS$}"));
        self.line(format!("{label}{}", text.as_ref()))
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `text` from a file, with what would steer a terminal taken out.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Width of the column of labels.
const LABELS: usize = 12;

/// `text` aligned in columns two spaces apart; the last column is left as it is.
pub(super) fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    line.extend(std::iter::repeat_n(' ', widths[column] - cell.chars().count() + 2));
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}
