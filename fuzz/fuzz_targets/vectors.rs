//! [`sealwire_storm::vectors`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::vectors::check(input));
