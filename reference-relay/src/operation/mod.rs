//! Running it: configuration, command line, identity file, listening, HTTP, metrics, logs, signals.

mod admin;
pub mod cli;
pub mod config;
mod http;
pub mod identity_file;
pub mod logs;
mod memory;
mod metrics;
pub mod server;
mod signals;
