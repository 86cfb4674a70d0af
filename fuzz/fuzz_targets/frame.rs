//! [`sealwire_storm::frame`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::frame::check(input));
