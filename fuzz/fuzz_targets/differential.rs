//! [`sealwire_storm::differential`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::differential::check(input));
