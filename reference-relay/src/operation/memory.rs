//! Memory that is free goes back to the system.
//!
//! The allocator does that for a thread when the thread allocates again: once a crowd has gone,
//! nobody does. So each thread has it done when it has nothing else to do.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// From one time to the next of a thread, at least. Pages that are in use again and again would be
/// given back and faulted in too often: at 20 ms that costs long frames a tenth.
const PAUSE: Duration = Duration::from_millis(100);

thread_local! {
    static GIVEN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// To be called by a thread that is about to wait.
pub(super) fn give_back() {
    let now = Instant::now();
    if GIVEN.get().is_none_or(|given| now >= given + PAUSE) {
        GIVEN.set(Some(now));
        collect();
    }
}

#[allow(unsafe_code)]
fn collect() {
    // SAFETY: takes no pointer, and works on the heap of the thread that calls it. If another
    // allocator serves the process, that heap is empty.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
