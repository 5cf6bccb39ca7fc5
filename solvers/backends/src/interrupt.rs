//! Stopping HiGHS while it runs: the one file of this workspace with `unsafe` code.
//!
//! The `highs` crate offers no callbacks, so that nothing could stop a solve but its time limit. HiGHS's C interface has interrupt callbacks, which it calls
//! between simplex iterations, interior-point iterations and branch-and-bound nodes; this file attaches one that asks a [`CancelFlag`].
#![allow(unsafe_code, reason = "HiGHS's callbacks are offered by its C interface only; each block says why it is sound")]

use std::ffi::{c_char, c_int, c_void};

use fathom_opt_core::CancelFlag;
use highs_sys::{
    Highs_setCallback, Highs_startCallback, HighsCallbackDataIn, HighsCallbackDataOut, kHighsCallbackIpmInterrupt,
    kHighsCallbackMipInterrupt, kHighsCallbackSimplexInterrupt,
};

use crate::error::Error;

/// Runs HiGHS on `model` and stops it soon after `cancel` is raised.
///
/// # Errors
/// When HiGHS refuses the callback or the run.
pub(crate) fn run_until_cancelled(mut model: highs::Model, cancel: &CancelFlag) -> Result<highs::SolvedModel, Error> {
    attach(model.as_mut_ptr(), cancel)?;
    // An error destroys the HiGHS object, and its callback with it, before `cancel` can go.
    let mut solved = model.try_solve().map_err(|_| Error::Highs { doing: "solving" })?;
    detach(solved.as_mut_ptr());
    Ok(solved)
}

/// Makes HiGHS ask `cancel` from now on, until [`detach`].
fn attach(highs: *mut c_void, cancel: &CancelFlag) -> Result<(), Error> {
    let data = std::ptr::from_ref(cancel).cast_mut().cast::<c_void>();
    // SAFETY: `highs` is the object of a live `highs::Model`. HiGHS keeps `data` and calls `ask` with it only while that object runs, which
    // `run_until_cancelled` does while it borrows the flag; it detaches, or the object is destroyed, before the borrow ends. The flag is shared memory made
    // for several threads (an atomic), so HiGHS may ask from any of its own.
    let set = unsafe { Highs_setCallback(highs, Some(ask), data) };
    let kinds = [kHighsCallbackSimplexInterrupt, kHighsCallbackIpmInterrupt, kHighsCallbackMipInterrupt];
    // SAFETY: as above; the kinds are HiGHS's own constants.
    let started = kinds.map(|kind| unsafe { Highs_startCallback(highs, kind) });
    if set == highs_sys::STATUS_OK && started.iter().all(|&status| status == highs_sys::STATUS_OK) {
        Ok(())
    } else {
        Err(Error::Highs { doing: "taking the interrupt callback" })
    }
}

/// Makes HiGHS forget the callback.
fn detach(highs: *mut c_void) {
    // SAFETY: `highs` is the object of a live `highs::SolvedModel`; without a callback HiGHS needs no data.
    let _ = unsafe { Highs_setCallback(highs, None, std::ptr::null_mut()) };
}

/// HiGHS's question, at one of its interrupt points.
///
/// # Safety
/// `data` must point to a live [`CancelFlag`], and `input` to a writable structure or nowhere.
unsafe extern "C" fn ask(
    _kind: c_int,
    _message: *const c_char,
    _output: *const HighsCallbackDataOut,
    input: *mut HighsCallbackDataIn,
    data: *mut c_void,
) {
    // SAFETY: `attach` passed a flag that outlives every call; null is excluded here. Nothing in this function can panic, so nothing unwinds into C++.
    let (cancel, input) = unsafe { (data.cast::<CancelFlag>().as_ref(), input.as_mut()) };
    if let (Some(cancel), Some(input)) = (cancel, input) {
        input.user_interrupt = c_int::from(cancel.is_raised());
    }
}
