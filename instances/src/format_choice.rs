//! Which format a file is read as.

use crate::classes::Classes;
use crate::document_format::{self, ENDING};
use crate::file_format::{AnyFormat, Head, Recognition};
use crate::input_file::InputFile;
use crate::reading::Reading;

/// Which format a file is read as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// A document.
    Document,
    /// A format of a class.
    Foreign(AnyFormat),
}

/// One format that a file may be of.
struct Candidate {
    choice: Choice,
    /// Whether it has the reading options that are given.
    takes: bool,
    recognition: Recognition,
}

impl Candidate {
    /// Name and class, for lists.
    fn name(&self) -> (&'static str, Option<&'static str>) {
        match self.choice {
            Choice::Document => (document_format::NAME, None),
            Choice::Foreign(format) => (format.name, Some(format.kind)),
        }
    }
}

/// Whether some format could be chosen for a file of this name; otherwise, why not.
pub(crate) fn is_told_by_name(classes: &Classes, name: &str, reading: &Reading) -> Result<(), String> {
    if reading.problem.is_some() || reading.format.is_some() || name.ends_with(ENDING) {
        return Ok(());
    }
    if classes.formats().any(|format| format.matches(name).is_some()) {
        return Ok(());
    }
    let endings = classes.endings().join(", ");
    Err(format!("found an unknown kind of file, expected {endings} (also with .gz or .zst), or `--problem KIND` or `--format NAME`"))
}

/// The format of `file`: the one that `reading` names; otherwise, among those with the file's ending (or, of a class that `reading` names, all, where none has
/// it), the one that has the reading options and that the content fits best.
///
/// # Errors
/// No such format, or several that fit equally well: a sentence.
pub(crate) fn choose(classes: &Classes, file: &InputFile, reading: &Reading) -> Result<Choice, String> {
    if let Some(kind) = reading.problem.as_deref().filter(|kind| classes.find(kind).is_none()) {
        return Err(format!("found the problem class `{kind}`, expected one of {}", classes.kinds().join(", ")));
    }
    let name = file.name();
    let head = Head::of(&name, file.unmarked());
    let (mut candidates, told_by_name) = candidates(classes, &head, reading)?;
    if candidates.iter().any(|candidate| candidate.takes) {
        candidates.retain(|candidate| candidate.takes);
    }
    if let [only] = candidates.as_slice()
        && (told_by_name || only.recognition > Recognition::No)
    {
        // Its reader says best what is wrong with the file.
        return Ok(only.choice);
    }
    let best = candidates.iter().map(|candidate| candidate.recognition).max().unwrap_or(Recognition::No);
    let all: Vec<(&str, Option<&str>)> = candidates.iter().map(Candidate::name).collect();
    candidates.retain(|candidate| candidate.recognition == best);
    match candidates.as_slice() {
        [one] if best > Recognition::No => Ok(one.choice),
        several if best > Recognition::No => Err(ambiguous(&several.iter().map(Candidate::name).collect::<Vec<_>>())),
        _ => Err(format!("found content of no format that it may be in, expected one of {}", listed(&all))),
    }
}

/// The formats that the file may be of, and whether its name or `reading` tells them; otherwise its content has to.
fn candidates(classes: &Classes, head: &Head<'_>, reading: &Reading) -> Result<(Vec<Candidate>, bool), String> {
    let of_kind = |format: &&AnyFormat| reading.problem.as_deref().is_none_or(|kind| kind == format.kind);
    let foreign = |format: &AnyFormat| Candidate {
        choice: Choice::Foreign(*format),
        takes: format.takes(&reading.options),
        recognition: format.recognizes(head, &reading.options),
    };
    // Which options a document takes is not known before its class is.
    let document = || Candidate { choice: Choice::Document, takes: true, recognition: document_format::recognizes(head) };
    if let Some(wanted) = reading.format.as_deref() {
        if wanted == document_format::NAME {
            return Ok((vec![document()], true));
        }
        let named: Vec<Candidate> = classes.formats().filter(of_kind).filter(|format| format.name == wanted).map(foreign).collect();
        if named.is_empty() {
            let known: Vec<&str> =
                std::iter::once(document_format::NAME).chain(classes.formats().filter(of_kind).map(|format| format.name)).collect();
            return Err(format!("found the format `{wanted}`, expected one of {}", known.join(", ")));
        }
        return Ok((named, true));
    }
    let longest = classes.formats().filter(of_kind).filter_map(|format| format.matches(head.name)).max();
    let mut all: Vec<Candidate> =
        classes.formats().filter(of_kind).filter(|format| longest.is_some() && format.matches(head.name) == longest).map(foreign).collect();
    if head.name.ends_with(ENDING) {
        all.insert(0, document());
    }
    let told_by_name = !all.is_empty();
    if all.is_empty() {
        // The name says nothing, or something else: the content of a file whose class is known may.
        all = classes.formats().filter(of_kind).map(foreign).collect();
    }
    if all.is_empty() {
        let kind = reading.problem.as_deref().unwrap_or("any class");
        return Err(format!("found no document, expected one (there is no other format for {kind})"));
    }
    Ok((all, told_by_name))
}

fn ambiguous(several: &[(&str, Option<&str>)]) -> String {
    let mut kinds: Vec<&str> = several.iter().filter_map(|(_, kind)| *kind).collect();
    kinds.dedup();
    let advice = if kinds.len() > 1 { "`--problem KIND`" } else { "`--format NAME`" };
    format!("found a file that may be {}, expected {advice} to say which", listed(several))
}

fn listed(several: &[(&str, Option<&str>)]) -> String {
    let one = |(name, kind): &(&str, Option<&str>)| kind.map_or_else(|| (*name).to_owned(), |kind| format!("{name} ({kind})"));
    several.iter().map(one).collect::<Vec<_>>().join(", ")
}
