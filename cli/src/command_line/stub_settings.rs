//! What the words of a modelling language's call ask for.

use std::time::Duration;

use fathom_opt_core::AnySolverEntry;
use fathom_opt_instances::options::names;
use fathom_opt_instances::{AnyStubFormat, Meaning};
use serde_json::{Map, Value};

use super::solve::seconds;
use super::stub_words::Word;

/// What the words ask for, before the class and the solver are known.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) solver: Option<String>,
    pub(super) seed: u64,
    pub(super) iterations: Option<u64>,
    pub(super) seconds: Option<Duration>,
    /// Nothing is printed.
    pub(super) quiet: bool,
    /// Reading options of the format.
    pub(super) reading: Map<String, Value>,
    /// Remarks for the person.
    pub(super) notes: Vec<String>,
    /// Options of the solver: the keyword, the names that it may have there, and its value.
    of_solver: Vec<(String, Vec<String>, Value)>,
}

impl Settings {
    /// What `words` ask for in the terms of `format`; a later word outdoes an earlier one.
    pub(super) fn of(words: &[Word], format: &AnyStubFormat) -> Result<Self, String> {
        let mut settings = Self::default();
        for Word { key, value } in words {
            let meaning = format.keywords.iter().find(|keyword| keyword.name == key).map(|keyword| keyword.meaning);
            let wrong = |expected: &str| format!("{key}: found `{value}`, expected {expected}");
            match meaning {
                Some(Meaning::Iterations) => settings.iterations = Some(value.parse().map_err(|_| wrong("a whole number from 0"))?),
                Some(Meaning::Seconds) => {
                    let limit = seconds(value).map_err(|_| wrong("a number of seconds"))?;
                    settings.seconds = Some(settings.seconds.map_or(limit, |other| other.min(limit)));
                }
                Some(Meaning::Verbosity) => settings.quiet = value.parse::<i64>().map_err(|_| wrong("a whole number"))? <= 0,
                Some(Meaning::Solver) => settings.solver = Some(value.clone()),
                Some(Meaning::Seed) => settings.seed = value.parse().map_err(|_| wrong("a whole number from 0"))?,
                Some(Meaning::ReadingFromOne(name)) => {
                    let number: u64 = value.parse().ok().filter(|number| *number > 0).ok_or_else(|| wrong("a whole number from 1"))?;
                    settings.reading.insert(name.to_owned(), (number - 1).into());
                }
                // Its words have been put before these.
                Some(Meaning::OptionFile) => {}
                Some(Meaning::Nothing(why)) => settings.notes.push(format!("{key} was left aside: {why}")),
                Some(Meaning::OfSolver(known)) => {
                    let known = known.iter().map(|&name| name.to_owned()).collect();
                    settings.set_of_solver(key, known, value);
                }
                // Modelling languages cannot write hyphens in keywords.
                None => settings.set_of_solver(key, vec![key.clone(), key.replace('_', "-")], value),
            }
        }
        Ok(settings)
    }

    fn set_of_solver(&mut self, key: &str, names: Vec<String>, value: &str) {
        self.of_solver.retain(|(other, ..)| other != key);
        self.of_solver.push((key.to_owned(), names, typed(value)));
    }

    /// The options of `solver`. A keyword of the protocol that it has no option for makes a note; any other word is an error.
    pub(super) fn options(&mut self, solver: &dyn AnySolverEntry, format: &AnyStubFormat) -> Result<Map<String, Value>, String> {
        let schema = solver.options_schema();
        let there = names(&schema);
        let mut options = Map::new();
        for (key, candidates, value) in &self.of_solver {
            match candidates.iter().find(|name| there.contains(&name.as_str())) {
                Some(name) => {
                    options.insert(name.clone(), value.clone());
                }
                None if format.keywords.iter().any(|keyword| keyword.name == key) => {
                    self.notes.push(format!("{key} was left aside: {} has no such option", solver.name()));
                }
                None => {
                    let known = format.keywords.iter().filter(|keyword| !matches!(keyword.meaning, Meaning::Nothing(_)));
                    let known: Vec<&str> = known.map(|keyword| keyword.name).chain(there.iter().copied()).collect();
                    return Err(format!("found the unknown keyword `{key}`, expected one of {}", known.join(", ")));
                }
            }
        }
        Ok(options)
    }
}

/// A number where the text is one, as languages write them; otherwise what JSON makes of it, or the text.
fn typed(text: &str) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    if let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) {
        return number.into();
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_languages_write_them() {
        assert_eq!(typed("3"), Value::from(3));
        assert_eq!(typed("1e-09"), Value::from(1e-9));
        assert_eq!(typed(".5"), Value::from(0.5));
        assert_eq!(typed("true"), Value::from(true));
        assert_eq!(typed("direct"), Value::from("direct"));
        assert_eq!(typed("inf"), Value::from("inf"));
    }
}
