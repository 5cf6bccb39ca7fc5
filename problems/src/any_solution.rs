//! A solution whose class is known only at run time.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

/// A solution of any class, as the solver returned it; it becomes JSON only when somebody wants to read it.
#[derive(Clone)]
pub struct AnySolution(Arc<dyn Erased>);

trait Erased: Send + Sync {
    fn to_json(&self) -> serde_json::Result<Box<RawValue>>;
    fn as_any(&self) -> &dyn Any;
}

impl<S: Serialize + Any + Send + Sync> Erased for S {
    fn to_json(&self) -> serde_json::Result<Box<RawValue>> {
        serde_json::value::to_raw_value(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl AnySolution {
    /// `solution` with its type erased.
    pub fn new<S: Serialize + Any + Send + Sync>(solution: S) -> Self {
        Self(Arc::new(solution))
    }

    /// The solution as one of type `S`, if it is one.
    pub fn downcast<S: Any>(&self) -> Option<&S> {
        self.0.as_any().downcast_ref()
    }

    /// The solution as JSON text.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<Box<RawValue>> {
        self.0.to_json()
    }
}

impl fmt::Debug for AnySolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_json() {
            Ok(json) => f.write_str(json.get()),
            Err(error) => write!(f, "AnySolution({error})"),
        }
    }
}
