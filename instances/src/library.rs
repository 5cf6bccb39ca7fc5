//! The instances shipped with Fathom, inside the binary: they are there without any file.

use crate::error::InstanceError;
use crate::input_file::InputFile;
pub use crate::shipped_classes::library_instance as read;

/// Begins the name of a shipped instance, where a file could be named too.
pub const PREFIX: &str = "library:";

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../library/", $name, ".fathom.json")))),*]
    };
}

const INSTANCES: &[(&str, &[u8])] = shipped![
    "estate-3x8",
    "mixed-manna-5x20",
    "goods-10x60",
    "chores-8x40",
    "no-ef1-fpo-3x4",
    "no-efx3-2x3",
    "no-efx0-2x2",
    "no-ef13-po-2x4",
    "no-efx-chores-4x13",
    "no-mms-goods-3x9",
    "no-mms-chores-3x9",
    "no-propm-3x6",
    "no-propx-3x2",
    "no-prop-3x15",
    "poisson-15",
    "shifted-poisson-20",
    "heat-10",
    "spring-chain-60",
    "hs40",
    "bandit-5x2-rho0.1-beta0",
    "bandit-5x2-rho0.3-beta0",
    "bandit-5x2-rho0.02-beta0.2",
    "bandit-5x2-rho0.1-beta0.2",
    "bandit-phases-1",
    "bandit-phases-2",
    "bandit-phases-3",
];

/// The names of the shipped instances.
pub fn names() -> impl Iterator<Item = &'static str> {
    INSTANCES.iter().map(|(name, _)| *name)
}

/// The shipped instance called `name`, as the bytes of its document.
pub fn bytes(name: &str) -> Option<&'static [u8]> {
    INSTANCES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// The shipped instance called `name`, as the file of its document.
///
/// # Errors
/// When there is none.
pub fn file(name: &str) -> Result<InputFile, InstanceError> {
    if let Some(bytes) = bytes(name) {
        return Ok(InputFile::of_bytes(&format!("{PREFIX}{name}"), bytes.to_vec()));
    }
    let known: Vec<&str> = names().collect();
    let message = format!("found no shipped instance `{name}`, expected one of {}", known.join(", "));
    Err(InstanceError::about(std::path::Path::new(name), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_instance_is_valid_and_has_a_source_and_a_license() {
        for name in names() {
            let instance = read(name).unwrap();
            assert_eq!(instance.name, name);
            let source = instance.source.unwrap();
            assert!(source.citation.is_some() && source.license.is_some(), "{name}");
        }
        assert!(read("nothing").unwrap_err().to_string().contains("expected one of estate-3x8"));
    }
}
