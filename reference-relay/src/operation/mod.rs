//! Running it: command line, identity file, listening, HTTP, signals.

pub mod cli;
mod http;
pub mod identity_file;
pub mod server;
