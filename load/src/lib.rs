//! The press: what loads a relay, what a machine could do at best, and what goes wrong on the way.
//!
//! Reached through the binary `sealwire`. Whoever links this crate gets, for each command, its
//! options and a function that does it.
#![forbid(unsafe_code)]

mod ceiling;
mod faultproxy;
mod fit;
mod generator;
mod isolation;
mod machine;
mod party;
mod soak;
mod values;
mod websocket;

pub use ceiling::{Ceiling, ceiling};
pub use faultproxy::{Faultproxy, faultproxy};
pub use generator::{Format, Load, What, load};
pub use isolation::{Isolation, Programs, isolation};
pub use soak::{Soak, soak};

/// Why a command ended without its result, or with one that is not as it should be. One line that
/// says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The relay does not keep what the protocol promises.
    Fails(String),
    /// The command line cannot be used.
    Usage(String),
    /// The relay, or this machine, does not give what the command needs.
    Broken(String),
}
