//! `fathom generate`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use fathom_opt_instances::{Classes, InstanceSource, write_instance, write_instance_to};
use serde_json::{Map, Value};

use super::failure::{Failure, Status};
use super::input::key_value;
use super::output::Output;
use super::summary;

#[derive(Debug, Args)]
#[command(after_help = "`fathom list generators` shows each generator's parameters with their defaults.")]
pub(super) struct Generate {
    /// Which generator (see `fathom list generators`)
    family: String,
    /// Seed of every random draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write the instance; matrices and vectors too large for a document go to files beside it. With - to standard output, streams as JSON lines
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Parameters of the generator, each as --NAME VALUE
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "PARAMETERS")]
    parameters: Vec<String>,
}

impl Generate {
    pub(super) fn run(mut self, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        let parameters = self.parameters()?;
        let Some(target) = &self.output else {
            return Err(Failure::Usage("found no `--output FILE`, expected one".into()));
        };
        if target.as_os_str() == "-"
            && let Some(generator) = classes.generators().find(|generator| generator.name == self.family)
        {
            let mut out = BufWriter::new(io::stdout().lock());
            if let Some(written) = generator.write(&parameters, self.seed, &mut out) {
                written?.and_then(|()| out.flush())?;
                return Ok(Status::Holds);
            }
        }
        let instance = InstanceSource::Generated { family: self.family.clone(), parameters, seed: self.seed }.open(classes)?;
        if target.as_os_str() == "-" {
            let mut out = BufWriter::new(io::stdout().lock());
            write_instance_to(&mut out, &instance, classes)?;
            out.flush()?;
            return Ok(Status::Holds);
        }
        write_instance(target, &instance, classes)?;
        let sizes: Vec<String> = instance.problem.sizes().iter().map(|size| format!("{} {}", size.value, size.name)).collect();
        output.entry("wrote", target.display().to_string())?;
        output.entry("instance", format!("{} ({}: {})", instance.name, instance.problem.kind(), sizes.join(", ")))?;
        summary::measures(output, "measures", &instance.problem.measures())?;
        Ok(Status::Holds)
    }

    /// `--name value` and `--name=value` pairs. Our own options may stand among them.
    fn parameters(&mut self) -> Result<Map<String, Value>, Failure> {
        let mut parameters = Map::new();
        let mut words = std::mem::take(&mut self.parameters).into_iter();
        while let Some(word) = words.next() {
            if word == "-o" {
                let file = words.next().ok_or_else(|| Failure::Usage("`-o` has no value".into()))?;
                self.output = Some(PathBuf::from(file));
                continue;
            }
            let Some(name) = word.strip_prefix("--") else {
                return Err(Failure::Usage(format!("found `{word}`, expected --NAME VALUE (parameters of {})", self.family)));
            };
            let pair = if name.contains('=') {
                name.to_owned()
            } else {
                let value = words.next().ok_or_else(|| Failure::Usage(format!("`--{name}` has no value")))?;
                format!("{name}={value}")
            };
            let (key, value) = key_value(&pair).map_err(Failure::Usage)?;
            if key == "seed" {
                self.seed = value.as_u64().ok_or_else(|| Failure::Usage("`--seed`: expected a whole number, at least 0".into()))?;
            } else if key == "output" {
                self.output = Some(PathBuf::from(value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
            } else if parameters.insert(key.clone(), value).is_some() {
                return Err(Failure::Usage(format!("`--{key}` is given twice")));
            }
        }
        Ok(parameters)
    }
}
