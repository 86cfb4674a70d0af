//! [`sealwire_storm::relay`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::relay::check(input));
