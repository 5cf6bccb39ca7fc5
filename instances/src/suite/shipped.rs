//! The suites that Fathom ships, built into the program so that an installed binary has them too.

use super::{Suite, SuiteError, document};
use crate::classes::Classes;

/// Name and text of each shipped suite. Their entries come from the library, from generators and from a data folder.
const SHIPPED: &[(&str, &str)] = &[
    ("quick", include_str!("../../suites/quick.toml")),
    ("dag-paper", include_str!("../../suites/dag-paper.toml")),
    ("dag-scale", include_str!("../../suites/dag-scale.toml")),
    ("relaxation-paper", include_str!("../../suites/relaxation-paper.toml")),
    ("relaxation-sequences", include_str!("../../suites/relaxation-sequences.toml")),
    ("division-small", include_str!("../../suites/division-small.toml")),
    ("division-exists", include_str!("../../suites/division-exists.toml")),
    ("division-scale", include_str!("../../suites/division-scale.toml")),
    ("division-hard", include_str!("../../suites/division-hard.toml")),
    ("division-nash", include_str!("../../suites/division-nash.toml")),
    ("online-knapsack", include_str!("../../suites/online-knapsack.toml")),
    ("online-bandits", include_str!("../../suites/online-bandits.toml")),
    ("nlp-paper", include_str!("../../suites/nlp-paper.toml")),
    ("nlp-sketching", include_str!("../../suites/nlp-sketching.toml")),
    ("nlp-hs", include_str!("../../suites/nlp-hs.toml")),
    ("nlp-cutest", include_str!("../../suites/nlp-cutest.toml")),
    ("nlp-models", include_str!("../../suites/nlp-models.toml")),
    ("nlp-scaling", include_str!("../../suites/nlp-scaling.toml")),
    ("submodular-snap", include_str!("../../suites/submodular-snap.toml")),
    ("submodular-synthetic", include_str!("../../suites/submodular-synthetic.toml")),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|&(name, _)| name)
}

pub(super) fn named(name: &str, classes: &Classes) -> Result<Suite, SuiteError> {
    match SHIPPED.iter().find(|&&(known, _)| known == name) {
        Some((_, text)) => document::parse(name, text, None, classes),
        None => Err(SuiteError::Unknown { name: name.to_owned(), known: names().collect() }),
    }
}
