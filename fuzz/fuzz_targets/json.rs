//! [`sealwire_storm::json`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::json::check(input));
