//! The live judge: sockets, people, sessions, the processes it judges, and the runner.
//!
//! Protocol bytes are made and read by the model alone. Nothing here sleeps to wait for an effect:
//! an expected message is awaited, and the absence of one is proven by a barrier that travels the
//! same path behind it: a frame to oneself through a relay ([`session::Session::settle`]), a
//! contact's text to a client ([`meeting::Meeting::converse`]).

pub(crate) mod case;
pub(crate) mod examiner;
pub(crate) mod host;
pub(crate) mod meeting;
pub(crate) mod oracle;
pub(crate) mod outcome;
pub(crate) mod process;
pub(crate) mod runner;
pub(crate) mod seed;
pub(crate) mod session;
pub(crate) mod socket;
pub(crate) mod target;
pub(crate) mod testee;
pub(crate) mod trial;
pub(crate) mod upgrade;
pub(crate) mod waits;

#[cfg(test)]
mod tests;
