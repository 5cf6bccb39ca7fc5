//! Instances made from published parameters and a seed.
//!
//! A generator's fields are its parameters, each with a default. The same version, parameters and seed give the same instance.

mod diffusion;
mod grid;
mod heat_equation;
mod linear_sem;
mod matrix_drift;
mod mixed_manna;
mod online_items;
mod poisson;
mod replenishable;
mod shifted_laplacians;
mod utilities;

use std::path::Path;

use fathom_opt_problems::{Malformed, Problem};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub use diffusion::Diffusion;
pub use heat_equation::HeatEquation;
pub use linear_sem::LinearSem;
pub use matrix_drift::{Along, Course, MatrixDrift};
pub use mixed_manna::MixedManna;
pub use online_items::{DensityOrder, OnlineItems};
pub use poisson::Poisson;
pub use replenishable::{OutcomeKind, Replenishable};
pub use shifted_laplacians::{ShiftedLaplacians, Variance};
pub use utilities::{Utilities, UtilityModel};

use crate::folder::sha256;
use crate::instance::{Instance, Source};

/// A family of instances.
trait Generator: Serialize + DeserializeOwned + JsonSchema + Default {
    const NAME: &'static str;
    const SUMMARY: &'static str;
    /// Where the parameters were published.
    const CITATION: &'static str;
    /// Parameters that name files.
    const FILES: &'static [&'static str] = &[];
    type Problem: Problem;

    /// SHA-256 of the file that the instance is made from, if there is one.
    fn source(&self) -> Result<Option<String>, ParameterError> {
        Ok(None)
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<Self::Problem, ParameterError>;
}

/// Why an instance could not be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// No generator of this name.
    #[error("no generator `{name}`; there is: {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// Parameters that the generator does not take.
    #[error("parameters of {family}: {message}")]
    Parameters {
        /// The generator.
        family: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A parameter outside its range.
    #[error("parameter `{name}`: found {found}, expected {expected}")]
    Range {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A parameter names a file that cannot be used.
    #[error("parameter `{name}`: {message}")]
    File {
        /// The parameter.
        name: &'static str,
        /// What is wrong with the file.
        message: String,
    },
    /// The parameters lead to something that is no instance.
    #[error("the parameters give no instance: {0}")]
    Malformed(#[from] Malformed),
}

impl ParameterError {
    fn range(name: &'static str, found: impl std::fmt::Display, expected: &'static str) -> Self {
        Self::Range { name, found: found.to_string(), expected }
    }

    fn file(name: &'static str, message: impl std::fmt::Display) -> Self {
        Self::File { name, message: message.to_string() }
    }
}

/// A generator, with its types erased.
#[derive(Clone, Copy)]
pub struct Family {
    /// The name on the command line.
    pub name: &'static str,
    /// The family in one line.
    pub summary: &'static str,
    /// The problem class of its instances.
    pub kind: &'static str,
    /// Parameters that name files, or shipped instances as `library:NAME`.
    pub files: &'static [&'static str],
    schema: fn() -> Value,
    defaults: fn() -> Value,
    generate: fn(&Map<String, Value>, u64) -> Result<Instance, ParameterError>,
}

impl Family {
    fn of<G: Generator>() -> Self {
        Self {
            name: G::NAME,
            summary: G::SUMMARY,
            kind: G::Problem::KIND,
            files: G::FILES,
            schema: || schemars::schema_for!(G).to_value(),
            defaults: || serde_json::to_value(G::default()).unwrap_or(Value::Null),
            generate: instance::<G>,
        }
    }

    /// JSON Schema of the parameters.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// All parameters with their defaults.
    pub fn defaults(&self) -> Value {
        (self.defaults)()
    }
}

/// All generators.
pub fn families() -> Vec<Family> {
    vec![
        Family::of::<MixedManna>(),
        Family::of::<Utilities>(),
        Family::of::<Poisson>(),
        Family::of::<HeatEquation>(),
        Family::of::<LinearSem>(),
        Family::of::<ShiftedLaplacians>(),
        Family::of::<Diffusion>(),
        Family::of::<MatrixDrift>(),
        Family::of::<OnlineItems>(),
        Family::of::<Replenishable>(),
    ]
}

/// The instance of `family` with these parameters (the others have their defaults) and this seed.
///
/// # Errors
/// An unknown family or parameter, a parameter of the wrong type or out of range.
pub fn generate(family: &str, parameters: &Map<String, Value>, seed: u64) -> Result<Instance, ParameterError> {
    let families = families();
    let Some(found) = families.iter().find(|known| known.name == family) else {
        return Err(ParameterError::Unknown { name: family.into(), known: families.iter().map(|known| known.name).collect() });
    };
    (found.generate)(parameters, seed)
}

fn instance<G: Generator>(parameters: &Map<String, Value>, seed: u64) -> Result<Instance, ParameterError> {
    let generator: G = serde_json::from_value(Value::Object(parameters.clone()))
        .map_err(|error| ParameterError::Parameters { family: G::NAME, message: error.to_string() })?;
    let problem = generator.generate(&mut ChaCha8Rng::seed_from_u64(seed))?;
    let version = env!("CARGO_PKG_VERSION");
    let mut recipe = json!({ "generator": G::NAME, "version": version, "parameters": generator, "seed": seed });
    if let Some(sha256) = generator.source()? {
        // What counts is the file's contents, not where it lies.
        for file in G::FILES {
            recipe["parameters"][file] = json!({ "sha256": sha256 });
        }
    }
    Ok(Instance {
        name: name::<G>(parameters, seed),
        source: Some(Source {
            citation: Some(format!("{} Generated by Fathom {version} from {recipe}", G::CITATION)),
            license: Some("CC0-1.0".into()),
        }),
        known: None,
        sha256: sha256(recipe.to_string().as_bytes()),
        problem: Box::new(problem),
    })
}

/// A name that tells the parameters which were given, of a file its own name without endings: `poisson-grid31-s1`.
fn name<G: Generator>(parameters: &Map<String, Value>, seed: u64) -> String {
    let plain = |key: &str, value: &Value| match value {
        Value::String(path) if G::FILES.contains(&key) => {
            let file = Path::new(path).file_name().map_or_else(|| path.clone(), |file| file.to_string_lossy().into_owned());
            let stem = file.trim_start_matches("library:").split('.').next().unwrap_or_default().to_owned();
            format!("-{stem}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut name = G::NAME.to_owned();
    for (key, value) in parameters {
        name.extend(["-", key, &plain(key, value)]);
    }
    let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-.+".contains(c) { c } else { '_' }).collect();
    format!("{clean}-s{seed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &Value) -> Map<String, Value> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn the_same_seed_gives_the_same_instance_and_another_seed_another() {
        let data = |seed| {
            let instance = generate("mixed-manna", &Map::new(), seed).unwrap();
            instance.problem.data_json(&mut fathom_opt_problems::InlineOnly).unwrap().get().to_owned()
        };
        assert_eq!(data(1), data(1));
        assert_ne!(data(1), data(2));
    }

    #[test]
    fn unknown_names_and_bad_ranges_are_refused() {
        let message = |family: &str, json| generate(family, &parameters(&json), 1).unwrap_err().to_string();
        assert!(message("nothing", json!({})).starts_with("no generator `nothing`; there is: mixed-manna"));
        assert!(message("poisson", json!({"gird": 3})).contains("unknown field `gird`"));
        assert_eq!(message("poisson", json!({"grid": 0})), "parameter `grid`: found 0, expected 1 to 4096");
    }

    #[test]
    fn every_family_generates_with_its_defaults() {
        for family in families() {
            let instance = generate(family.name, &Map::new(), 1).unwrap();
            assert_eq!(instance.problem.kind(), family.kind);
        }
    }
}
