//! What the system gives: sockets and their readiness, and what a process takes of the machine.

mod poll;
mod process;
mod socket;

pub(crate) use poll::{Poll, Ready};
pub(crate) use process::{Process, own_cpu, raise_open_files};
pub(crate) use socket::{Sources, accept, listen};
