//! The locks and atomics on which threads of the core meet. `schedules/` compiles the core with
//! others, which try orders of the threads that a machine seldom takes.

pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, atomic};
