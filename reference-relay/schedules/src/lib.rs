//! The core of the reference relay, compiled once more with the locks and atomics of shuttle: each
//! is a place where another thread may go on, and a seed says which does. `tests/` runs it in
//! thousands of orders; a thread that nobody wakes is a deadlock, and shuttle reports it.
//!
//! Shuttle and not loom: the models hold a handshake and several locks, of which loom's complete
//! search has no end; and nothing here rests on weak orderings, every hand-over is under a lock.
//! `AtomicWaker` is a library's own, and one step here.

// What the relay's other parts use of the core is not used here.
#![allow(dead_code, unreachable_pub)]

#[path = "../../src/exchange/mod.rs"]
pub mod exchange;
mod sync {
    pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock, atomic};
}

pub use sealwire_relay::limits;
