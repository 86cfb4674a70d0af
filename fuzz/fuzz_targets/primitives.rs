//! [`sealwire_storm::primitives`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::primitives::check(input));
