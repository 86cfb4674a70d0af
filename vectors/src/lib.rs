//! The test vectors of the Sealwire protocol, as files that travel with the crate: list them, get
//! one, hash one.
#![forbid(unsafe_code)]

use sha2::{Digest, Sha256};

/// Every vector file by name, in the order of the specification's chapters.
pub const FILES: [(&str, &str); 6] = [
    ("01-primitives.json", include_str!("../01-primitives.json")),
    ("02-identity.json", include_str!("../02-identity.json")),
    ("03-packet.json", include_str!("../03-packet.json")),
    ("04-frame.json", include_str!("../04-frame.json")),
    ("05-handshake.json", include_str!("../05-handshake.json")),
    ("06-relay.json", include_str!("../06-relay.json")),
];

/// What is in the files, and how to run them in any language.
pub const README: &str = include_str!("../README.md");

/// The JSON Schema that every vector file satisfies.
pub const SCHEMA: &str = include_str!("../schema.json");

/// The JSON Schema of every line of the adapter protocol, by definition: `suite.*`, `adapter.*`.
pub const ADAPTER_SCHEMA: &str = include_str!("../adapter.schema.json");

/// Published vectors that others wrote, unchanged, by name. Origin and licence stand beside them.
pub const PUBLISHED: [(&str, &str); 3] = [
    ("blake3.json", include_str!("../published/blake3.json")),
    ("ed25519-cctv.json", include_str!("../published/ed25519-cctv.json")),
    ("ed25519-speccheck.json", include_str!("../published/ed25519-speccheck.json")),
];

/// What is handed on with them: its path in this folder, its text.
pub const BESIDE: [(&str, &str); 6] = [
    ("LICENSE-APACHE", include_str!("../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../LICENSE-MIT")),
    ("README.md", README),
    ("adapter.schema.json", ADAPTER_SCHEMA),
    ("published/README.md", include_str!("../published/README.md")),
    ("schema.json", SCHEMA),
];

/// The text of a file, by its name among [`FILES`] or [`PUBLISHED`].
#[must_use]
pub fn get(name: &str) -> Option<&'static str> {
    FILES.iter().chain(&PUBLISHED).find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// SHA-256 of a file's bytes, 64 hex digits: those of [`FILES`] stand in the specification.
#[must_use]
pub fn hash(file: impl AsRef<[u8]>) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash("abc"), abc);
    }

    #[test]
    fn every_name_is_found_once_and_hashes_are_told_apart() {
        let names: Vec<_> = FILES.iter().chain(&PUBLISHED).map(|(name, _)| *name).collect();
        let hashes: std::collections::BTreeSet<_> =
            names.iter().map(|name| hash(get(name).unwrap_or_default())).collect();
        assert_eq!(hashes.len(), names.len());
        assert_eq!(get("07-none.json"), None);
    }
}
