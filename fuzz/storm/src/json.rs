//! The lines between suite and adapter: a line is refused, or is the same when it is written and
//! read again; the reference's adapter answers every line by one that the suite can read.
//!
//! The input is a line.

/// Adapter lines.
pub fn check(input: &[u8]) {
    sealwire_conformance::storm::adapter_line(input);
}
