//! What a builder can refuse. What a peer can break is a [`Clause`].

use crate::Clause;
use core::fmt;

/// The caller's buffer cannot hold the result; nothing in it is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// Bytes that the result needs.
    pub needed: usize,
}

/// Why a builder refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The specification forbids to write this.
    Clause(Clause),
    /// The caller's buffer is too small.
    Buffer(BufferTooSmall),
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "buffer too small: {} bytes needed", self.needed)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clause(clause) => clause.fmt(f),
            Self::Buffer(short) => short.fmt(f),
        }
    }
}

impl core::error::Error for BufferTooSmall {}
impl core::error::Error for BuildError {}

impl From<Clause> for BuildError {
    fn from(clause: Clause) -> Self {
        Self::Clause(clause)
    }
}

impl From<BufferTooSmall> for BuildError {
    fn from(short: BufferTooSmall) -> Self {
        Self::Buffer(short)
    }
}
