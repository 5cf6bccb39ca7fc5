//! Serving an online knapsack.

use fathom_opt_core::Run;
use fathom_opt_problems::online_knapsack::stream::Header;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival, OnlineKnapsack, density};
use fathom_opt_serve::{Answer, DecisionLog, Fault, LogFault, LogFigures, Recorded, Service, ServiceOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::algorithms::{Baseline, Constant, Ect, LaEct, Mix, PpA, Zcl, ZclRandomized};
use crate::decision::Reason;
use crate::engine::Engine;
use crate::ledger::PreciseSum;
use crate::packing_log::PackingLog;
use crate::policy::{Frame, Policy};
use crate::settings::Acceptance;
use crate::sketch::DensitySketch;
use crate::state::EngineState;

/// A price curve (or advice) over items as they come.
#[derive(Debug, Clone)]
pub struct KnapsackService {
    capacity: Amounts,
    engine: Engine,
    fractional: bool,
    last: Option<u64>,
    sketch: DensitySketch,
    /// Value of all items offered: no sum of values may leave the doubles.
    offered: PreciseSum,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    last: Option<u64>,
    engine: EngineState,
    sketch: DensitySketch,
    offered: PreciseSum,
}

/// Used capacity: a whole number, or a share where items are taken in parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Used {
    /// Weight, in the stream's unit.
    Whole(u64),
    /// Share of the capacity.
    Share(f64),
}

/// The answer to an item. It repeats the item, so that the log says what was decided about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decided {
    id: u64,
    accept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    why: Reason,
    price: Option<f64>,
    v: f64,
    w: Amounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    used: Used,
    value: f64,
    /// What was wrong with the item, where it could be decided about all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Answer for Decided {
    fn at_fault(&self) -> bool {
        self.error.is_some()
    }
}

impl KnapsackService {
    /// `policy` on the stream that `header` announces.
    pub(crate) fn open(policy: &dyn Policy, header: &Header, run: &Run, notes: &mut Vec<String>) -> Result<Self, Fault> {
        header.validate()?;
        if header.capacity.dimensions() != 1 {
            return Err(Fault::new(None, format!("capacity: found {} dimensions, expected one", header.capacity.dimensions())));
        }
        let frame = Frame { capacity: header.capacity.first(), bounds: header.bounds, stream: None };
        let settings = policy.settings(&frame, run, notes)?;
        let engine = Engine::new(settings)?;
        let fractional = settings.acceptance == Acceptance::Fractional;
        let capacity = header.capacity.clone();
        Ok(Self { capacity, engine, fractional, last: None, sketch: DensitySketch::default(), offered: PreciseSum::default() })
    }

    /// What is wrong with an item, if anything.
    fn examine(&self, item: &Arrival) -> Result<(), Fault> {
        let fault = |message: String| Fault::new(Some(item.id), message);
        item.validate(&self.capacity, self.last).map_err(|malformed| fault(malformed.to_string()))?;
        let mut offered = self.offered;
        offered.add(item.value);
        if !offered.value().is_finite() {
            let value = item.value;
            return Err(fault(format!("v: found {value:e}, with which all values sum up to more than {:e}, the limit", f64::MAX)));
        }
        Ok(())
    }

    /// What is wrong with an item whose density is outside strict bounds.
    fn out_of_bounds(&self, item: &Arrival) -> Option<String> {
        let bounds = self.engine.bounds()?;
        let density = density(item.value, item.weight.first(), self.capacity.first());
        Some(format!("found the density {density}, expected {} to {} (the bounds are strict)", bounds.lower, bounds.upper))
    }
}

impl Service for KnapsackService {
    type Arrival = Arrival;
    type Answer<'a> = Decided;

    fn answer(&mut self, item: Arrival) -> Result<Decided, Fault> {
        self.examine(&item)?;
        self.last = Some(item.id);
        self.offered.add(item.value);
        let (weight, capacity) = (item.weight.first(), self.capacity.first());
        let decision = self.engine.offer(item.value, weight);
        if weight <= capacity {
            self.sketch.add(density(item.value, weight, capacity), item.value, weight as f64 / capacity as f64);
        }
        let error = (decision.reason == Reason::OutsideBounds).then(|| self.out_of_bounds(&item)).flatten();
        let ledger = self.engine.ledger();
        Ok(Decided {
            id: item.id,
            accept: decision.accepted(),
            share: (self.fractional && decision.accepted()).then_some(decision.share),
            why: decision.reason,
            price: decision.price,
            v: item.value,
            w: item.weight,
            group: item.group,
            used: if self.fractional { Used::Share(ledger.sold) } else { Used::Whole(ledger.used) },
            value: ledger.value.value(),
            error,
        })
    }

    fn recall(&self, logged: &[u8]) -> Result<Arrival, serde_json::Error> {
        /// The fields of the item alone: `value` is the sum in a log.
        #[derive(Deserialize)]
        struct Logged {
            id: u64,
            v: f64,
            w: Amounts,
            group: Option<String>,
        }
        let Logged { id, v, w, group } = serde_json::from_slice(logged)?;
        Ok(Arrival { id, value: v, weight: w, group })
    }

    fn report(&self) -> Map<String, Value> {
        let ledger = self.engine.ledger();
        let value = ledger.value.value();
        let upper = self.sketch.upper_bound().max(value);
        let figures = json!({
            "offered": ledger.offered,
            "accepted": ledger.accepted,
            "refused-for-room": ledger.no_room,
            "value": value,
            "used-share": self.engine.used_share(),
            "price": self.engine.price(),
            "hindsight-at-most": upper,
            "ratio-at-most": if value > 0.0 { Some(upper / value) } else { None },
            "bounds": self.engine.bounds(),
            "bounds-widened": self.engine.widened(),
            "threshold-so-far": self.sketch.threshold(1.0),
            "guarantees": self.engine.guarantees(),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        let (engine, sketch) = (self.engine.state().clone(), self.sketch.clone());
        Ok(serde_json::to_vec(&State { last: self.last, engine, sketch, offered: self.offered })?)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Fault> {
        let state: State = serde_json::from_slice(state)?;
        self.engine.restore(state.engine)?;
        self.last = state.last;
        self.sketch = state.sketch;
        self.offered = state.offered;
        Ok(())
    }
}

/// The options of each algorithm are those of its service.
macro_rules! served {
    ($($type:ident, $name:literal, $summary:literal;)*) => {$(
        impl ServiceOptions for $type {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
            const HEADER: &'static str =
                "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[...],\"bounds\":{\"L\":...,\"U\":...}}";
            const LINES: &'static str =
                "{\"id\":1,\"v\":12.5,\"w\":[3]} and so on, ids increasing: value, weight, and `group` for the audit if there are any; `accept` answers";
            const ARRIVAL: &'static str = "item";
            type Problem = OnlineKnapsack;
            type Header = Header;
            type Service = KnapsackService;

            fn serves(kind: &str) -> bool {
                Header::is_kind(kind)
            }

            fn open(&self, header: &Header, run: &Run, notes: &mut Vec<String>) -> Result<KnapsackService, Fault> {
                KnapsackService::open(self, header, run, notes)
            }

            fn recorded(log: &DecisionLog<'_>) -> Result<Option<Recorded<OnlineKnapsack>>, LogFault> {
                PackingLog::parse(log)?.recorded().map(Some)
            }

            fn figures(log: &DecisionLog<'_>) -> Result<LogFigures, LogFault> {
                Ok(PackingLog::parse(log)?.figures())
            }

            fn picture(log: &DecisionLog<'_>) -> Result<Option<String>, LogFault> {
                Ok(Some(PackingLog::parse(log)?.svg()))
            }
        }
    )*};
}

served! {
    Zcl, "zcl", "items: exponential price over the used share; the best ratio for small items";
    Constant, "constant", "items: one posted price throughout";
    Ect, "ect", "items: a posted price for a share alpha of the capacity, then exponential";
    Baseline, "baseline", "items: the curve that ect improves on, for comparison";
    LaEct, "la-ect", "items: a posted price at a predicted threshold, with a safety net";
    ZclRandomized, "zcl-randomized", "items: one posted price drawn from the exponential curve";
    PpA, "pp-a", "items: sells against one advised density; best when the advice is right";
    Mix, "mix", "items: pp-a and zcl side by side: advice with a safety net";
}
