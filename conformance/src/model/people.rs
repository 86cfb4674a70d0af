//! The parties of the known answers: their seeds are runs of consecutive bytes.

use super::identity::Keys;

/// 32 consecutive byte values.
fn run(first: u8) -> [u8; 32] {
    core::array::from_fn(|i| first + i as u8)
}

/// The relay.
pub(crate) fn relay() -> Keys {
    Keys::from_seeds(run(0x00), run(0x20))
}

/// Who writes.
pub(crate) fn alice() -> Keys {
    Keys::from_seeds(run(0x40), run(0x60))
}

/// Whom she writes to.
pub(crate) fn bob() -> Keys {
    Keys::from_seeds(run(0x80), run(0xa0))
}

/// Who means no good.
pub(crate) fn mallory() -> Keys {
    Keys::from_seeds(run(0xc0), run(0xe0))
}
