//! The memory that this process may take.

use std::io;

use rlimit::Resource;

/// Address space that the program itself takes (code, stacks, the allocator's reserves), in MiB: it comes on top of what a job may allocate.
const OWN_ADDRESS_SPACE: u64 = 128;

/// Limits this process, and what it starts, to so many MiB each.
///
/// # Errors
/// When the system refuses.
pub(crate) fn set(mib: u64) -> io::Result<()> {
    let limit = mib.saturating_add(OWN_ADDRESS_SPACE).saturating_mul(1 << 20);
    // The soft limit only: checking is ours and runs without it.
    Resource::AS.get().and_then(|(_, hard)| Resource::AS.set(limit.min(hard), hard))
}

/// Takes the limit away.
pub(crate) fn lift() {
    // Failing to lift the limit only means that checking has to do with what is left.
    let _ = Resource::AS.get().and_then(|(_, hard)| Resource::AS.set(hard, hard));
}
