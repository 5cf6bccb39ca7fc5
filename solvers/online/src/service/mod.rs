//! The family's algorithms on live streams.

mod bandit;
mod knapsack;

use fathom_opt_serve::Services;

use crate::algorithms::{Baseline, Constant, Ect, LaEct, Mix, PpA, Zcl, ZclRandomized};
use crate::replenishable::PrimalDual;
use crate::tune::ItemTuner;

pub use bandit::{BanditArrival, BanditService, Played};
pub use knapsack::{Decided, KnapsackService, Used};

/// Adds every service of the family to `services`, and its tuner.
pub fn register_services(services: &mut Services) {
    services.add::<Zcl>();
    services.add::<Constant>();
    services.add::<Ect>();
    services.add::<Baseline>();
    services.add::<LaEct>();
    services.add::<ZclRandomized>();
    services.add::<PpA>();
    services.add::<Mix>();
    services.add::<PrimalDual>();
    services.add_tuner::<ItemTuner>();
}
