//! The reference client of Sealwire, version 2: a pure [`peer`] that decides, a thin pump that
//! carries bytes, and a command line.
//!
//! ```text
//! stdin ─ commands ─┐                 ┌─ events ─ stdout
//!                   ├─ pump ─ peer ───┤
//! socket ─ frames ──┘                 └─ frames ─ socket
//! ```
//!
//! [`peer::Peer`] has no socket, clock or random source: bytes, time and random bytes are
//! arguments, so days of it are simulated in milliseconds. [`contract`] is the JSON that the
//! `bridge` command speaks; `README.md` of this crate is its specification. [`adapter`] puts the
//! crate `sealwire` itself behind a pipe, for the suite to judge.
#![forbid(unsafe_code)]

pub mod adapter;
pub mod cli;
pub mod contract;
mod diagnostics;
mod keyfile;
pub mod limits;
mod message;
pub mod peer;
mod pump;
