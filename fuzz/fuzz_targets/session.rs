//! [`sealwire_storm::session`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::session::check(input));
