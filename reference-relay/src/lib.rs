//! The reference relay of the Sealwire protocol, version 2.
//!
//! ```text
//! operation   configuration, listening, HTTP, metrics, logs, signals
//!     │
//!   pump      one task a connection: moves bytes and decides nothing
//!     │
//! exchange    the pure core: route and switchboard, tested in simulated days
//!     │
//!  limits     every number that somebody may tune
//! ```
//!
//! Chapters 4 to 6 of the specification; each module names its clauses. To read it, begin with
//! [`exchange`].

pub mod exchange;
pub mod limits;
pub mod operation;
pub mod pump;
mod sync;
pub mod websocket;

pub use operation::cli;
