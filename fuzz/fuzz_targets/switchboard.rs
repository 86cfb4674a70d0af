//! [`sealwire_storm::switchboard`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::switchboard::check(input));
