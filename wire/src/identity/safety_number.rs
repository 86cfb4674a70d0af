//! Sixty digits that two people compare.
//!
//! ```text
//! first, second = sort(X pub ‖ Ed pub of both, bytewise)
//! bytes(60)     = derive_key("sealwire 2026-11-21 v2 safety-number", first ‖ second)
//! group i       = big-endian(bytes[5i .. 5i+5]) mod 100000, five digits      i = 0 … 11
//! ```
//!
//! Clause: `identity/safety-number`.

use super::PublicIdentity;
use crate::primitives::Context;
use core::fmt;

const GROUPS: usize = 12;

/// Twelve groups of five digits; `Display` joins them with one space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyNumber(pub [u32; GROUPS]);

/// The number of a pair. The order of the arguments does not matter.
#[must_use]
pub fn safety_number(a: &PublicIdentity, b: &PublicIdentity) -> SafetyNumber {
    let mut keys = [[*a.x25519(), *a.ed25519()], [*b.x25519(), *b.ed25519()]];
    keys.sort_unstable();
    let mut bytes = [0; GROUPS * 5];
    Context::SafetyNumber.derive(keys.as_flattened().as_flattened(), &mut bytes);
    let mut groups = [0; GROUPS];
    for (group, chunk) in groups.iter_mut().zip(bytes.chunks_exact(5)) {
        let value = chunk.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        // Below 100 000, so it fits.
        *group = u32::try_from(value % 100_000).unwrap_or_default();
    }
    SafetyNumber(groups)
}

impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, group) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { " " };
            write!(f, "{separator}{group:05}")?;
        }
        Ok(())
    }
}
