//! The family on live streams.

mod live_stream;
mod options;
mod stream_log;

use fathom_opt_serve::Services;

pub use live_stream::{LiveAnswer, LiveFound, LiveHeader, LiveOperation, LiveStream};
pub use options::Submodular;

/// Adds the family's service to `services`.
pub fn register_services(services: &mut Services) {
    services.add::<Submodular>();
}
