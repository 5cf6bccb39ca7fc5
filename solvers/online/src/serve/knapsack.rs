//! Serving an online knapsack.

use fathom_opt_core::{OnlineAlgorithm, Run};
use fathom_opt_problems::online_knapsack::stream::Header;
use fathom_opt_problems::online_knapsack::{Amounts, Arrival, density};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Decided, Used, json_fault, write};
use super::service::{Fault, Mismatch, Service};
use super::session::Step;
use crate::decision::Reason;
use crate::engine::{Acceptance, Engine, EngineState};
use crate::policy::{Frame, Policy};
use crate::sketch::DensitySketch;

/// A price curve (or advice) over items as they come.
pub(super) struct KnapsackService {
    policy: Box<dyn Policy>,
    stream: Option<Stream>,
}

/// What exists once the header has come.
struct Stream {
    capacity: Amounts,
    engine: Engine,
    fractional: bool,
    last: Option<u64>,
    sketch: DensitySketch,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    last: Option<u64>,
    engine: EngineState,
    sketch: DensitySketch,
}

/// An answer to an item in a decision log.
#[derive(Deserialize)]
struct Logged {
    id: Option<u64>,
    accept: Option<bool>,
    v: Option<f64>,
    w: Option<Amounts>,
}

impl KnapsackService {
    pub fn new(policy: Box<dyn Policy>) -> Self {
        Self { policy, stream: None }
    }
}

impl Stream {
    fn sketch(&mut self, arrival: &Arrival) {
        let (weight, capacity) = (arrival.weight.first(), self.capacity.first());
        if weight <= capacity {
            self.sketch.add(density(arrival.value, weight, capacity), arrival.value, weight as f64 / capacity as f64);
        }
    }

    /// What is wrong with an item whose density is outside strict bounds.
    fn out_of_bounds(&self, arrival: &Arrival) -> Option<String> {
        let bounds = self.engine.bounds()?;
        let density = density(arrival.value, arrival.weight.first(), self.capacity.first());
        Some(format!("found the density {density}, expected {} to {} (the bounds are strict)", bounds.lower, bounds.upper))
    }
}

impl Service for KnapsackService {
    fn algorithm(&self) -> &'static str {
        self.policy.name()
    }

    fn options(&self) -> Value {
        self.policy.options()
    }

    fn kind(&self) -> &'static str {
        "online-knapsack"
    }

    fn example(&self) -> &'static str {
        "{\"stream\":1,\"kind\":\"online-knapsack\",\"capacity\":[...]}"
    }

    fn started(&self) -> bool {
        self.stream.is_some()
    }

    fn start(&mut self, header: &[u8], seed: u64, notes: &mut Vec<String>) -> Result<Map<String, Value>, String> {
        let header: Header = serde_json::from_slice(header).map_err(|error| json_fault("header", &error))?;
        header.validate().map_err(|fault| fault.to_string())?;
        if header.capacity.dimensions() != 1 {
            return Err(format!("capacity: found {} dimensions, expected one", header.capacity.dimensions()));
        }
        let frame = Frame { capacity: header.capacity.first(), bounds: header.bounds, stream: None };
        let settings = self.policy.settings(&frame, &Run::new(seed), notes).map_err(|error| error.to_string())?;
        let engine = Engine::new(settings).map_err(|error| error.to_string())?;
        let mut described = Map::new();
        described.insert("capacity".into(), json!(header.capacity));
        if let Some(bounds) = header.bounds {
            described.insert("bounds".into(), json!(bounds));
        }
        let fractional = settings.acceptance == Acceptance::Fractional;
        self.stream = Some(Stream { capacity: header.capacity, engine, fractional, last: None, sketch: DensitySketch::default() });
        Ok(described)
    }

    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<Step, Fault>> {
        let stream = self.stream.as_mut()?;
        let arrival: Arrival = serde_json::from_slice(line).ok()?;
        if let Err(fault) = arrival.validate(stream.capacity.dimensions(), stream.last) {
            return Some(Err(Fault::new(Some(arrival.id), fault.to_string())));
        }
        stream.last = Some(arrival.id);
        let decision = stream.engine.decide(&arrival);
        stream.sketch(&arrival);
        let error = (decision.reason == Reason::OutsideBounds).then(|| stream.out_of_bounds(&arrival)).flatten();
        let step = if error.is_some() { Step::Refused } else { Step::Continue };
        let ledger = stream.engine.ledger();
        let answer = Decided {
            id: arrival.id,
            accept: decision.accepted(),
            share: (stream.fractional && decision.accepted()).then_some(decision.share),
            why: decision.reason,
            price: decision.price,
            v: arrival.value,
            w: &arrival.weight,
            group: arrival.group.as_deref(),
            used: if stream.fractional { Used::Share(ledger.sold) } else { Used::Whole(ledger.used) },
            value: ledger.value.value(),
            error,
        };
        write(&answer, out);
        Some(Ok(step))
    }

    fn fault(&self, line: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Part {
            id: Option<Value>,
            feedback: Option<Value>,
        }
        let part: Option<Part> = serde_json::from_slice(line).ok();
        let id = part.as_ref().and_then(|part| part.id.as_ref()).and_then(Value::as_u64);
        if part.is_some_and(|part| part.feedback.is_some()) {
            return Fault::new(id, "found feedback, expected an item (an online knapsack takes none)");
        }
        match serde_json::from_slice::<Arrival>(line) {
            Err(error) => Fault::new(id, json_fault("item", &error)),
            // It was tried before.
            Ok(_) => Fault::new(id, "found an item out of place"),
        }
    }

    fn report(&self) -> Map<String, Value> {
        let mut report = Map::new();
        let Some(stream) = &self.stream else { return report };
        let ledger = stream.engine.ledger();
        let value = ledger.value.value();
        let upper = stream.sketch.upper_bound().max(value);
        let figures = json!({
            "offered": ledger.offered,
            "accepted": ledger.accepted,
            "refused-for-room": ledger.no_room,
            "value": value,
            "used-share": stream.engine.used_share(),
            "price": stream.engine.price(),
            "hindsight-at-most": upper,
            "ratio-at-most": if value > 0.0 { Some(upper / value) } else { None },
            "bounds": stream.engine.bounds(),
            "bounds-widened": stream.engine.widened(),
            "threshold-so-far": stream.sketch.threshold(1.0),
            "guarantees": stream.engine.guarantees(),
        });
        if let Value::Object(figures) = figures {
            report.extend(figures);
        }
        report
    }

    fn replay(&mut self, line: &[u8]) -> Result<(), Mismatch> {
        let logged: Logged = serde_json::from_slice(line).map_err(|error| Mismatch::Line(json_fault("answer", &error)))?;
        let (Some(id), Some(accept)) = (logged.id, logged.accept) else { return Ok(()) };
        let (Some(value), Some(weight), Some(stream)) = (logged.v, logged.w, &mut self.stream) else {
            return Err(Mismatch::Line("found a decision without its item, or before the header".into()));
        };
        let arrival = Arrival { id, value, weight, group: None };
        arrival.validate(stream.capacity.dimensions(), stream.last).map_err(|fault| Mismatch::Line(fault.to_string()))?;
        stream.last = Some(id);
        stream.sketch(&arrival);
        let decision = stream.engine.decide(&arrival);
        if decision.accepted() != accept {
            let (found, expected) = (format!("accept: {accept}"), format!("accept: {}", decision.accepted()));
            return Err(Mismatch::Decision { id, found, expected });
        }
        Ok(())
    }

    fn snapshot(&self) -> Value {
        let Some(stream) = &self.stream else { return Value::Null };
        json!(State { last: stream.last, engine: stream.engine.snapshot(), sketch: stream.sketch.clone() })
    }

    fn restore(&mut self, state: Value) -> Result<(), serde_json::Error> {
        let state: State = serde_json::from_value(state)?;
        if let Some(stream) = &mut self.stream {
            stream.last = state.last;
            stream.engine.restore(state.engine);
            stream.sketch = state.sketch;
        }
        Ok(())
    }
}
