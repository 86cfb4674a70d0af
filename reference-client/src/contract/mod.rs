//! The JSON lines of the bridge: commands in, events out. `README.md` of this crate documents
//! every member.

mod command;
mod event;
mod hex;
mod line;

pub use command::{Command, MAX_REFERENCE};
pub use event::{Code, Event, Fault, Person};
pub use hex::Hex;
pub use line::EventLines;

/// An X25519 public key, by which the contract names a peer.
pub type Key = Hex<32>;
/// A message uuid.
pub type Uuid = Hex<16>;
/// The caller's own name for a command.
pub type Reference = Option<String>;
