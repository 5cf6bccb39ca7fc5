//! Serving a maximizer: insertions, deletions and queries come line by line, and each is answered.

use fathom_opt_problems::objects_only::ObjectsOnly;
use fathom_opt_problems::submodular_stream::{Action, Constraint as Allowed, Elements, Function, FunctionData, Ground, Step, open};
use fathom_opt_problems::{InlineOnly, Malformed};
use fathom_opt_serve::{Answer, Fault, Service};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::builder::Builder;
use crate::constraint::Constraint;
use crate::error::MaximizeError;
use crate::guarantee::Guarantee;
use crate::maximizer::DynamicMaximizer;
use crate::oracles::FunctionOracle;
use crate::settings::Settings;

/// The header of a live stream: the function, its elements and what may be chosen, each as in documents. All rows of the function stand in the header itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LiveHeader {
    /// The function; its rows stand in the order of the elements.
    pub function: FunctionData,
    /// How many elements there are (their ids are then 0, 1, ...), or their ids.
    pub elements: Elements,
    /// Which sets of live elements may be chosen.
    pub constraint: Allowed,
}

impl LiveHeader {
    /// The function and the ground set.
    ///
    /// # Errors
    /// What is none of a document either, and rows in files.
    pub fn load(&self) -> Result<(Function, Ground), Malformed> {
        open(self.function.clone(), self.elements.clone(), &self.constraint, &mut InlineOnly)
    }
}

/// A maximizer once its header has come.
pub struct LiveStream {
    maximizer: DynamicMaximizer<FunctionOracle>,
    oracle: FunctionOracle,
    constraint: Constraint,
    settings: Settings,
    ground: Ground,
    progress: Progress,
}

/// What a later answer or report depends on beside the maximizer.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Progress {
    /// Operations answered.
    operations: u64,
    /// Value and upper bound of the last answer to a query.
    value: f64,
    bound: f64,
}

/// What is kept in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    progress: Progress,
    /// The bytes of the saved maximizer, which have a checksum of their own.
    maximizer: Vec<u8>,
}

/// An operation as it comes in: an object with the fields of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveOperation(Step);

impl<'de> Deserialize<'de> for LiveOperation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A step would be read from an array as well, its fields in order.
        Step::deserialize(ObjectsOnly(deserializer)).map(Self)
    }
}

/// The answer to an operation: the operation itself, and to a query what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveAnswer {
    #[serde(flatten)]
    step: Step,
    /// How many elements are live now.
    live: usize,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    found: Option<LiveFound>,
}

impl Answer for LiveAnswer {}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveFound {
    /// The position (0-based) of the query among the operations answered.
    pub at: u64,
    /// Ids of the chosen elements.
    pub chosen: Vec<u64>,
    /// Their value.
    pub value: f64,
    /// A proven upper bound on the value of every feasible set of live elements.
    pub bound: f64,
    /// What is proved about the value; null where nothing is.
    pub guarantee: Option<Guarantee>,
}

impl LiveStream {
    /// A maximizer with no live element.
    pub(super) fn open(header: &LiveHeader, settings: Settings) -> Result<Self, Fault> {
        let (function, ground) = header.load()?;
        let oracle = FunctionOracle::new(&function);
        let constraint = Constraint::of(&header.constraint);
        let maximizer = builder(&oracle, &constraint, &settings).build().map_err(|error| Fault::new(None, error.to_string()))?;
        Ok(Self { maximizer, oracle, constraint, settings, ground, progress: Progress::default() })
    }

    /// What is proved about answers as things stand.
    pub(super) fn guarantee(&self) -> Option<Guarantee> {
        self.maximizer.guarantee()
    }

    fn element(&self, step: &Step) -> Result<u32, Fault> {
        let Some(id) = step.id else { return Err(Fault::new(None, "id: found none, expected the id of an element")) };
        let element = self.ground.position(id).and_then(|position| u32::try_from(position).ok());
        element.ok_or_else(|| Fault::new(Some(id), format!("id: found {id}, expected the id of an element of the ground set")))
    }

    fn query(&mut self) -> Result<LiveFound, Fault> {
        let solution = self.maximizer.solution().map_err(|error| Fault::new(None, error.to_string()))?;
        (self.progress.value, self.progress.bound) = (solution.value, solution.upper_bound);
        Ok(LiveFound {
            at: self.progress.operations,
            chosen: solution.chosen.iter().map(|&element| self.ground.id(element as usize)).collect(),
            value: solution.value,
            bound: solution.upper_bound,
            guarantee: solution.guarantee,
        })
    }
}

fn builder(oracle: &FunctionOracle, constraint: &Constraint, settings: &Settings) -> Builder<FunctionOracle> {
    DynamicMaximizer::builder(oracle.clone()).constraint(constraint.clone()).settings(settings.clone())
}

/// What was wrong with an operation on element `id`.
fn refused(id: Option<u64>, error: &MaximizeError) -> Fault {
    let message = match (id, error) {
        (Some(id), MaximizeError::AlreadyLive(_)) => format!("id: found {id}, which is live, expected an element that is not live"),
        (Some(id), MaximizeError::NotLive(_)) => format!("id: found {id}, which is not live, expected a live element"),
        _ => error.to_string(),
    };
    Fault::new(id, message)
}

impl Service for LiveStream {
    type Arrival = LiveOperation;
    type Answer<'a> = LiveAnswer;

    fn answer(&mut self, LiveOperation(step): LiveOperation) -> Result<LiveAnswer, Fault> {
        let found = match step.action {
            Action::Query => {
                if let Some(id) = step.id {
                    return Err(Fault::new(Some(id), format!("id: found {id}, expected no id in a query")));
                }
                Some(self.query()?)
            }
            Action::Insert => {
                let element = self.element(&step)?;
                self.maximizer.insert(element).map_err(|error| refused(step.id, &error))?;
                None
            }
            Action::Delete => {
                let element = self.element(&step)?;
                self.maximizer.delete(element).map_err(|error| refused(step.id, &error))?;
                None
            }
        };
        self.progress.operations += 1;
        Ok(LiveAnswer { step, live: self.maximizer.len(), found })
    }

    fn recall(&self, logged: &[u8]) -> Result<LiveOperation, serde_json::Error> {
        /// The fields of the operation alone.
        #[derive(Deserialize)]
        struct Logged {
            op: Action,
            id: Option<u64>,
            t: Option<f64>,
        }
        let Logged { op, id, t } = serde_json::from_slice(logged)?;
        Ok(LiveOperation(Step { action: op, id, time: t }))
    }

    fn report(&self) -> Map<String, Value> {
        let stats = self.maximizer.stats();
        let Progress { operations, value, bound } = self.progress;
        let figures = json!({
            "operations": operations,
            "live": self.maximizer.len(),
            "updates": stats.updates,
            "queries": stats.queries,
            "value": value,
            "bound": bound,
            "certified-ratio": if bound > 0.0 { value / bound } else { 1.0 },
            "evaluations": stats.work.evaluations,
            "evaluations-per-update-p50": stats.update_work.quantile(0.5),
            "evaluations-per-update-p99": stats.update_work.quantile(0.99),
            "evaluations-per-update-max": stats.update_work.max(),
            "recourse": stats.recourse,
            "turns": stats.turns,
            "guarantee": self.maximizer.guarantee().map(|guarantee| guarantee.to_string()),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        // Served on one thread, where nothing is left waiting between two operations.
        let maximizer = self.maximizer.saved().map_err(|error| Fault::new(None, error.to_string()))?;
        let snapshot = Snapshot { progress: self.progress, maximizer };
        postcard::to_allocvec(&snapshot).map_err(|error| Fault::new(None, error.to_string()))
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Fault> {
        let fault = |message: String| Fault::new(None, message);
        let Snapshot { progress, maximizer } = postcard::from_bytes(state).map_err(|error| fault(error.to_string()))?;
        let builder = builder(&self.oracle, &self.constraint, &self.settings);
        self.maximizer = builder.restore(&maximizer).map_err(|error| fault(error.to_string()))?;
        self.progress = progress;
        Ok(())
    }
}
