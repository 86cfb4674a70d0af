//! [`sealwire_storm::invite`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::invite::check(input));
