//! Serving a live stream: a line comes in, a line goes out.

mod answer;
mod bandit;
mod checkpoint;
mod knapsack;
mod service;
mod session;

use fathom_opt_core::SolveError;
use serde_json::{Map, Value};

pub use checkpoint::{Checkpoint, CheckpointError};
pub use session::{LoggedError, Session, Step};

use crate::algorithms;
use bandit::BanditService;
use knapsack::KnapsackService;
use service::Service;

/// Every algorithm that can serve a live stream: its name, and what it does in a line.
pub fn served() -> Vec<(&'static str, &'static str)> {
    let mut served: Vec<_> = algorithms().iter().map(|algorithm| (algorithm.name, algorithm.summary)).collect();
    served.push((BanditService::NAME, BanditService::SUMMARY));
    served
}

/// The service of `algorithm` with these options; `None` where there is none of the name.
fn service(algorithm: &str, options: &Map<String, Value>) -> Option<Result<Box<dyn Service>, SolveError>> {
    if algorithm == BanditService::NAME {
        return Some(BanditService::configure(options).map(|service| Box::new(service) as _));
    }
    let known = algorithms().into_iter().find(|known| known.name == algorithm)?;
    Some(known.configure(options).map(|policy| Box::new(KnapsackService::new(policy)) as _))
}
