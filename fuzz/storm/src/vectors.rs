//! Vector files: what the schema accepts is read.
//!
//! The input is a file.

/// Vector files.
pub fn check(input: &[u8]) {
    sealwire_conformance::storm::vector_file(input);
}
