//! Prints the known answers, and ends with success if they are right.
#![no_std]
#![no_main]

#[path = "../../wire/tests/answers/mod.rs"]
mod answers;

use core::fmt;
use cortex_m_rt::entry;
use cortex_m_semihosting::{
    debug::{self, EXIT_FAILURE, EXIT_SUCCESS},
    hprintln,
};
use panic_semihosting as _;

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn is(got: &[u8], expected: &str) -> bool {
    let (digits, rest) = expected.as_bytes().as_chunks();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    rest.is_empty() && digits.iter().map(byte).eq(got.iter().copied().map(Some))
}

#[entry]
fn main() -> ! {
    let mut wrong = 0;
    let judge = &mut |what: &str, got: &[u8], expected: &str| {
        let right = is(got, expected);
        hprintln!("{what}: {}, {}", Hex(got), if right { "right" } else { "WRONG" });
        wrong += u32::from(!right);
    };
    answers::public_keys(judge);
    answers::shared_secrets(judge);
    answers::exchange(judge);
    hprintln!("wrong: {wrong}");
    debug::exit(if wrong == 0 { EXIT_SUCCESS } else { EXIT_FAILURE });
    unreachable!("the debugger ended it")
}
