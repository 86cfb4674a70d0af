//! Chapter 1, primitives.

mod agreement;
mod sealing;
mod signing;

use super::super::case::Case;
use super::{bytes, key, numbered};

pub(super) fn cases() -> Vec<Case> {
    [agreement::cases(), signing::cases(), sealing::cases()].concat()
}
