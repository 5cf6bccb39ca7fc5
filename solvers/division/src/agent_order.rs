//! The order in which agents take turns.

use fathom_opt_core::{OptionError, SolveError};

/// The agents in the order that the option `order` names, or by index when it names none.
///
/// # Errors
/// When the option does not name every agent exactly once.
pub(crate) fn agent_order(option: &[usize], agents: usize) -> Result<Vec<usize>, SolveError> {
    if option.is_empty() {
        return Ok((0..agents).collect());
    }
    let mut seen = vec![false; agents];
    let complete = option.len() == agents && option.iter().all(|&agent| agent < agents && !std::mem::replace(&mut seen[agent], true));
    if complete {
        Ok(option.to_vec())
    } else {
        let expected = format!("each of the agents 0 to {} once", agents - 1);
        Err(OptionError::new("order", format!("{option:?}"), expected).into())
    }
}
