//! The default: the greedy solution as long as it is cheap to keep, levels with a guarantee where it is not.

use serde::{Deserialize, Serialize};

use crate::engines::Levels;
use crate::error::OracleFault;
use crate::greedy::{Greedy, GreedyState};
use crate::guesses::{Change, Guesses, GuessesState};
use crate::live::Live;
use crate::oracle::LevelOracle;
use crate::work::Work;

/// Work is compared only after so many updates: shorter stretches say little.
const FIRST_LOOK: u64 = 50;

/// The greedy engine, or a net of guesses in its place.
///
/// A stretch with the greedy engine ends when it has cost as much as building the net and keeping it over the same updates is known (or at first expected) to cost;
/// so what is spent in vain is at most what the better engine costs. From the net the greedy engine is tried again when the net has cost several times what
/// one greedy solution from nothing does, ever more of them from trial to trial.
pub(crate) struct Auto<O, L> {
    greedy: Greedy<O>,
    net: Guesses<O, L>,
    ledger: Ledger,
}

/// What the engines were found to cost, in gain evaluations.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ledger {
    on_net: bool,
    /// Updates and work of the present stretch.
    updates: u64,
    work: u64,
    /// What the net costs per update, answers included, and to build per live element.
    net_rate: f64,
    net_build: f64,
    /// The costliest greedy answer.
    greedy_most: u64,
    /// How many greedy solutions from nothing the net has to cost before greedy is tried again.
    patience: f64,
    turns: u64,
}

/// What is saved of [`Auto`].
#[derive(Serialize, Deserialize)]
pub(crate) struct AutoState<S> {
    greedy: GreedyState,
    net: GuessesState<S>,
    ledger: Ledger,
}

impl<O: LevelOracle, L: Levels<O>> Auto<O, L> {
    /// `guesses` is how many guesses the net is expected to need for at most `most` elements.
    pub(crate) fn new(greedy: Greedy<O>, net: Guesses<O, L>, most: usize, guesses: usize) -> Self {
        // Before the net was ever built: `k log^2 k` per update is what it was measured to cost, `log k` per element and guess to build.
        let logarithm = ((most + 1) as f64).log2();
        let ledger = Ledger {
            on_net: false,
            updates: 0,
            work: 0,
            net_rate: most as f64 * logarithm * logarithm,
            net_build: guesses as f64 * logarithm,
            greedy_most: 0,
            patience: 4.0,
            turns: 0,
        };
        Self { greedy, net, ledger }
    }

    pub(crate) fn on_net(&self) -> bool {
        self.ledger.on_net
    }

    pub(crate) fn turns(&self) -> u64 {
        self.ledger.turns
    }

    pub(crate) fn net(&mut self) -> &mut Guesses<O, L> {
        &mut self.net
    }

    pub(crate) fn net_ref(&self) -> &Guesses<O, L> {
        &self.net
    }

    pub(crate) fn greedy(&mut self) -> &mut Greedy<O> {
        &mut self.greedy
    }

    pub(crate) fn update(&mut self, change: Change, live: &Live) -> Result<Vec<u64>, OracleFault> {
        self.ledger.updates += 1;
        if self.ledger.on_net {
            return self.net.update(change, live);
        }
        if change.inserted {
            self.greedy.insert(change.element);
        } else {
            self.greedy.delete(change.element);
        }
        Ok(vec![0])
    }

    pub(crate) fn load(&mut self, live: &Live, changes: u64) -> Result<(), OracleFault> {
        if self.ledger.on_net {
            return self.net.load(live, changes);
        }
        self.greedy.forget();
        Ok(())
    }

    /// Books `work`, done since the last call, and turns to the other engine where that is due. Called after every answer; `live` is as it is then.
    pub(crate) fn settle(&mut self, work: u64, live: &Live) -> Result<(), OracleFault> {
        let ledger = &mut self.ledger;
        ledger.work += work;
        if ledger.on_net {
            if ledger.updates >= FIRST_LOOK {
                ledger.net_rate = ledger.work as f64 / ledger.updates as f64;
            }
            if ledger.work as f64 > ledger.patience * ledger.greedy_most.max(live.len() as u64) as f64 {
                ledger.patience *= 2.0;
                self.turn();
                self.net.park();
                self.greedy.forget();
            }
            return Ok(());
        }
        ledger.greedy_most = ledger.greedy_most.max(work);
        let elsewhere = ledger.net_build * live.len() as f64 + ledger.net_rate * ledger.updates as f64;
        if ledger.updates >= FIRST_LOOK && ledger.work as f64 > elsewhere {
            self.turn();
            let before = self.net.work().evaluations;
            self.net.load(live, 0)?;
            self.ledger.net_build = (self.net.work().evaluations - before) as f64 / live.len().max(1) as f64;
        }
        Ok(())
    }

    fn turn(&mut self) {
        let ledger = &mut self.ledger;
        ledger.on_net = !ledger.on_net;
        (ledger.updates, ledger.work) = (0, 0);
        ledger.turns += 1;
    }

    pub(crate) fn work(&self) -> Work {
        self.greedy.work() + self.net.work()
    }

    pub(crate) fn save(&self) -> AutoState<L::State> {
        AutoState { greedy: self.greedy.save(), net: self.net.save(), ledger: self.ledger.clone() }
    }

    /// Continues from a saved state; `None` where it is damaged.
    pub(crate) fn restore(&mut self, state: AutoState<L::State>) -> Option<()> {
        self.greedy.restore(state.greedy)?;
        self.net.restore(state.net)?;
        self.ledger = state.ledger;
        Some(())
    }
}

/// How many guesses a ratio of `1 + eps` makes over a range of `most`.
pub(crate) fn expected_guesses(most: usize, eps: f64) -> usize {
    ((most.max(2) as f64).ln() / (1.0 + eps).ln()).ceil() as usize + 1
}
