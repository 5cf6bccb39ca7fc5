//! A comparator: `SieveStreaming` (Badanidiyuru et al., KDD 2014) with a plain threshold, run again over all candidates when a chosen one is deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::levels::{Frame, Levels, Offer, sound};
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// The sieve of one guess: whoever gains the threshold when it comes is chosen, as long as there is room.
pub(crate) struct Sieve<O> {
    oracle: Counted<O>,
    frame: Arc<Frame>,
    state: SieveState,
}

/// All that is not computed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SieveState {
    chosen: Vec<u32>,
    /// The candidates by the number of their arrival.
    arrivals: BTreeMap<u64, u32>,
    numbers: BTreeMap<u32, u64>,
    next: u64,
    work: Work,
}

impl<O: LevelOracle> Sieve<O> {
    fn offer(&mut self, element: u32) -> Result<(), OracleFault> {
        let height = self.state.chosen.len();
        if height < self.frame.most && self.oracle.reaches(element, height, self.frame.threshold)? {
            self.oracle.push(element);
            self.state.chosen.push(element);
        }
        Ok(())
    }

    fn arrive(&mut self, element: u32) {
        self.state.arrivals.insert(self.state.next, element);
        self.state.numbers.insert(element, self.state.next);
        self.state.next += 1;
    }

    fn run(&mut self) -> Result<(), OracleFault> {
        self.state.chosen.clear();
        self.oracle.truncate(0);
        let candidates: Vec<u32> = self.state.arrivals.values().copied().collect();
        for element in candidates {
            self.offer(element)?;
            if self.state.chosen.len() == self.frame.most {
                break;
            }
        }
        Ok(())
    }
}

impl<O: LevelOracle> Levels<O> for Sieve<O> {
    type State = SieveState;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        Self { oracle: oracle.fresh(), frame, state: SieveState::default() }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.state.arrivals.clear();
        self.state.numbers.clear();
        for element in elements {
            self.arrive(element);
        }
        self.run()
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        self.arrive(element);
        self.offer(element)
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        if let Some(number) = self.state.numbers.remove(&element) {
            self.state.arrivals.remove(&number);
            if self.state.chosen.contains(&element) {
                self.run()?;
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.state.numbers.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        Ok(vec![(self.state.chosen.clone(), Some(self.oracle.value()))])
    }

    fn known_value(&self) -> Option<f64> {
        Some(self.oracle.value())
    }

    fn exhausted_value(&self) -> Option<f64> {
        (self.state.chosen.len() < self.frame.most).then(|| self.oracle.value())
    }

    fn work(&self) -> Work {
        self.oracle.work()
    }

    fn save(&self) -> SieveState {
        SieveState { work: self.oracle.work(), ..self.state.clone() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: SieveState) -> Option<Self> {
        let mut sieve = Self::new(oracle, frame);
        let matching = state.arrivals.len() == state.numbers.len()
            && state.arrivals.iter().all(|(number, element)| *number < state.next && state.numbers.get(element) == Some(number));
        let candidates: Vec<u32> = state.numbers.keys().copied().collect();
        let here = state.chosen.iter().all(|element| state.numbers.contains_key(element));
        if !matching
            || !here
            || state.chosen.len() > sieve.frame.most
            || !sound(&state.chosen, oracle.oracle().elements())
            || !sound(&candidates, oracle.oracle().elements())
        {
            return None;
        }
        for &element in &state.chosen {
            sieve.oracle.push(element);
        }
        sieve.oracle.set_work(state.work);
        sieve.state = state;
        Some(sieve)
    }
}
