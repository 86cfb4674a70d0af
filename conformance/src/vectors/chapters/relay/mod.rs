//! Chapter 6, relay: commands at the relay, events at the client, errors.

mod commands;
mod events;

use super::super::case::{Case, Draft, case};
use super::numbered;

pub(super) fn cases() -> Vec<Case> {
    [commands::cases(), events::cases()].concat()
}

/// The relay reads a command.
fn command(clause: &str, number: usize, comment: &str, command: u8, body: &[u8]) -> Draft {
    case(&numbered(clause, number), "relay.command", comment)
        .value("command", command)
        .bytes("body", body)
}

/// A client reads an event.
fn event(clause: &str, number: usize, comment: &str, command: u8, body: &[u8]) -> Draft {
    case(&numbered(clause, number), "relay.event", comment)
        .value("command", command)
        .bytes("body", body)
}
