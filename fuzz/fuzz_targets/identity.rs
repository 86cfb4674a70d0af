//! [`sealwire_storm::identity`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sealwire_storm::identity::check(input));
