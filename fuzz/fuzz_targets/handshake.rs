//! [`sealwire_storm::handshake`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::handshake::check(input));
