//! The press: what loads a relay, what a machine could do at best, and what goes wrong on the way.
//!
//! Reached through the binary `sealwire`. Whoever links this crate gets, for each command, its
//! options and a function that does it.

/// Why a command ended without its result. One line that says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line cannot be used.
    Usage(String),
    /// The relay, or this machine, does not give what the command needs.
    Broken(String),
}
