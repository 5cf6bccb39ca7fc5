//! Options that have another name now.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Options of the command line as they were, and what they are now.
const OLD_SPELLINGS: &[(&str, &str)] = &[
    ("--skip-columns", "--read skip=NAMES"),
    ("--rows", "--read rows=N"),
    ("--score", "--read score=NAME"),
    ("--capacity", "--read capacity=N"),
    ("--bounds", "--read bounds=L,U"),
    ("--column", "--read value-column=NAME`, `--read weight-column=NAME` or `--read group-column=NAME"),
    ("--select", "--read select=COLUMN=VALUE"),
    ("--budget", "--read budget=B"),
    ("--most-degradation", "--set max-degradation=FACTOR"),
    ("--replenishment", "--read replenishment=BETA"),
];

/// What to say of an argument that is unknown because it has another name now.
pub(super) fn renamed(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(found)) = error.get(ContextKind::InvalidArg) else { return None };
    let name = found.split('=').next().unwrap_or_default();
    let (old, new) = OLD_SPELLINGS.iter().find(|(old, _)| *old == name)?;
    Some(format!("found `{old}`, which is now `{new}`"))
}
