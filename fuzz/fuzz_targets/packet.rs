//! [`sealwire_storm::packet`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::packet::check(input));
