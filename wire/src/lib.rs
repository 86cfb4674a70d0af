//! Sealwire, wire version 2: frames, packets, handshakes and relay commands.
//!
//! The crate decides and carries nothing: it has no I/O, no clock, no random source and no
//! allocation. Bytes go in, typed values or a [`Clause`] come out; nonces are arguments; sealed
//! bytes are written into the caller's buffer.
//!
//! | chapter of the specification | module |
//! |---|---|
//! | `01-primitives.md` | [`primitives`] |
//! | `02-identity.md` | [`identity`] |
//! | `03-packet.md` | [`packet`] |
//! | `04-frame.md` | [`frame`] |
//! | `05-handshake.md` | [`handshake`] |
//! | `06-relay.md` | [`relay`] |
//!
//! A module uses only modules above it in the table.
//!
//! # Errors
//! Three families, never mixed: the peer broke a [`Clause`]; the caller's buffer is too small
//! ([`BufferTooSmall`]); a builder was asked for what the specification forbids ([`BuildError`]
//! holds that or the former).
#![forbid(unsafe_code)]
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]
// A refused machine is handed back whole in `Err`, keys included: that is its purpose. Without
// an allocator there is no box to make a large variant small.
#![allow(clippy::large_enum_variant, clippy::result_large_err)]

#[cfg(test)]
extern crate std;

mod clause;
mod error;
pub mod frame;
pub mod handshake;
pub mod identity;
pub mod packet;
pub mod primitives;
mod reader;
pub mod relay;

/// The example of the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use clause::{Class, Clause};
pub use error::{BufferTooSmall, BuildError};
