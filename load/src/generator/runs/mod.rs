//! What can be measured, one file each.

mod handshakes;
mod idle;
mod memory;
mod storm;
mod traffic;

use super::options::{Load, What};
use super::progress::Progress;
use super::relay::Relay;
use super::report::Report;
use crate::Failure;

/// What every run is given.
pub(super) struct Setting<'a> {
    pub(super) asked: &'a Load,
    pub(super) seed: u64,
    pub(super) progress: &'a Progress,
}

/// Does it.
pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    match setting.asked.what {
        What::Traffic => traffic::run(setting, relay),
        What::Idle => idle::run(setting, relay),
        What::Handshakes => handshakes::run(setting, relay),
        What::Storm => storm::run(setting, relay),
        What::Memory => memory::run(setting, relay),
    }
}
