//! A service whose types are erased: what a session talks to.

use fathom_opt_core::{Run, SolveError};
use fathom_opt_problems::Problem;
use fathom_opt_problems::objects_only::ObjectsOnly;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::line::write;
use crate::service::{Answer, Service, ServiceOptions};

/// What a header of every class may have, and what the answer to one has: a log begins with that.
pub(crate) const OF_EVERY_HEADER: [&str; 6] = ["stream", "kind", "seed", "algorithm", "options", "notes"];

/// A service of unknown types, before or after its header.
pub(crate) trait AnyService: Send {
    fn name(&self) -> &'static str;
    fn options(&self) -> Value;
    fn kind(&self) -> &'static str;
    fn header_example(&self) -> &'static str;
    /// The same options before any header.
    fn anew(&self) -> Box<dyn AnyService>;
    fn serves(&self, kind: &str) -> bool;
    fn started(&self) -> bool;
    /// Takes the header and returns its fields.
    fn open(&mut self, header: &[u8], seed: u64, notes: &mut Vec<String>) -> Result<Map<String, Value>, Fault>;
    /// Answers an arrival with a line appended to `out`, and says whether it was at fault all the same; `None` where `line` is none.
    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<bool, Fault>>;
    /// What is wrong with a line that is neither an arrival nor the session's.
    fn fault(&self, line: &[u8]) -> Fault;
    /// Answers the arrival that the answer `logged` was given to.
    fn answer_again(&mut self, logged: &[u8], out: &mut Vec<u8>) -> Result<(), Fault>;
    fn report(&self) -> Map<String, Value>;
    /// The state; empty before the header.
    fn snapshot(&self) -> Result<Vec<u8>, Fault>;
    fn restore(&mut self, state: &[u8]) -> Result<(), Fault>;
}

/// Options, and the service once the header has come.
struct Configured<O: ServiceOptions> {
    options: O,
    service: Option<O::Service>,
}

/// The service with these options; what is not named has its default.
pub(crate) fn configure<O: ServiceOptions>(options: &Map<String, Value>) -> Result<Box<dyn AnyService>, SolveError> {
    let options: O = serde_path_to_error::deserialize(Value::Object(options.clone())).map_err(|error| {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        SolveError::Options(if path == "." { message } else { format!("`{path}`: {message}") })
    })?;
    options.validate()?;
    Ok(Box::new(Configured { options, service: None }))
}

impl<O: ServiceOptions> AnyService for Configured<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn options(&self) -> Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn kind(&self) -> &'static str {
        O::Problem::KIND
    }

    fn header_example(&self) -> &'static str {
        O::HEADER
    }

    fn anew(&self) -> Box<dyn AnyService> {
        Box::new(Self { options: self.options.clone(), service: None })
    }

    fn serves(&self, kind: &str) -> bool {
        O::serves(kind)
    }

    fn started(&self) -> bool {
        self.service.is_some()
    }

    fn open(&mut self, header: &[u8], seed: u64, notes: &mut Vec<String>) -> Result<Map<String, Value>, Fault> {
        let no_header = |error: serde_json::Error| Fault::json(None, "header", &error);
        let given: Map<String, Value> = serde_json::from_slice(header).map_err(no_header)?;
        let mut reader = serde_json::Deserializer::from_slice(header);
        let header = O::Header::deserialize(ObjectsOnly(&mut reader)).map_err(no_header)?;
        let Value::Object(fields) = serde_json::to_value(&header)? else {
            return Err(Fault::new(None, "found a header that is no JSON object"));
        };
        // What was given and is not there any more was never looked at.
        let unknown = |(field, value): &(&String, &Value)| {
            !value.is_null() && !fields.contains_key(*field) && !OF_EVERY_HEADER.contains(&field.as_str())
        };
        if let Some((field, _)) = given.iter().find(unknown) {
            return Err(Fault::new(
                None,
                format!("header: found the field `{field}`, which a header of {} does not have", O::Problem::KIND),
            ));
        }
        self.service = Some(self.options.open(&header, &Run::new(seed), notes)?);
        Ok(fields)
    }

    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<bool, Fault>> {
        let service = self.service.as_mut()?;
        let arrival = serde_json::from_slice(line).ok()?;
        Some(answered(service, arrival, out))
    }

    fn fault(&self, line: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Part {
            #[serde(alias = "t")]
            id: Option<Value>,
        }
        let part: Option<Part> = serde_json::from_slice(line).ok();
        let id = part.and_then(|part| part.id).and_then(|id| id.as_u64());
        match serde_json::from_slice::<<O::Service as Service>::Arrival>(line) {
            Err(error) => Fault::json(id, O::ARRIVAL, &error),
            Ok(_) => Fault::new(id, format!("found an {} before the header", O::ARRIVAL)),
        }
    }

    fn answer_again(&mut self, logged: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let Some(service) = &mut self.service else {
            return Err(Fault::new(None, "found an answer before the header"));
        };
        let arrival = service.recall(logged).map_err(|error| Fault::json(None, "answer", &error))?;
        answered(service, arrival, out).map(|_| ())
    }

    fn report(&self) -> Map<String, Value> {
        self.service.as_ref().map(Service::report).unwrap_or_default()
    }

    fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        self.service.as_ref().map_or(Ok(Vec::new()), Service::snapshot)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Fault> {
        self.service.as_mut().map_or(Ok(()), |service| service.restore(state))
    }
}

fn answered<S: Service>(service: &mut S, arrival: S::Arrival, out: &mut Vec<u8>) -> Result<bool, Fault> {
    let answer = service.answer(arrival)?;
    write(&answer, out).map_err(|error| Fault::new(None, format!("the answer cannot be written: {error}")))?;
    Ok(answer.at_fault())
}
