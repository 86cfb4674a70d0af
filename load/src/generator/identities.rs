//! Clients by number: the same seed and number make the same keys.

use sealwire::identity::Identity;
use sealwire::primitives::Secret;

use crate::Failure;

/// The keys of client `number`. Worth nothing as secrets: whoever knows the seed knows them.
pub(crate) fn identity(seed: u64, number: usize) -> Result<Identity, Failure> {
    // Clamping overwrites bits of the first and the last byte of an X25519 seed; these stand between.
    let mut bytes = [0x5a; 32];
    bytes[8..16].copy_from_slice(&seed.to_be_bytes());
    bytes[16..24].copy_from_slice(&(number as u64).to_be_bytes());
    let identity = Identity::from_seeds(&Secret::new(bytes), &Secret::new(bytes));
    identity.map_err(|clause| {
        Failure::Usage(format!("--seed {seed:x} makes no keys: {clause}; take another one"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_make_one_identity() {
        let id = |seed, number| identity(seed, number).expect("keys").id();
        assert_eq!(id(1, 2), id(1, 2));
        assert_ne!(id(1, 2), id(1, 3));
        assert_ne!(id(1, 2), id(2, 2));
    }
}
