//! How much stack was used: the runtime paints all of it before the program starts.

use cortex_m_semihosting::{
    debug::{self, EXIT_FAILURE, EXIT_SUCCESS},
    hprintln,
};
use panic_semihosting as _;

/// What the runtime paints with, as it says.
const PAINT: u32 = 0xcccc_cccc;

/// Prints the number of bytes, and ends with success if what used them was.
pub(crate) fn report(done: Option<()>) {
    hprintln!("{}", used());
    debug::exit(if done.is_some() { EXIT_SUCCESS } else { EXIT_FAILURE });
}

fn used() -> usize {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (mut lowest, top) = (&raw const _stack_end, &raw const _stack_start);
    // SAFETY: the linker put both symbols at the ends of RAM that is the stack's alone, aligned for
    // words; what lies below the stack pointer nobody writes meanwhile, and above it is used.
    while unsafe { lowest.read_volatile() } == PAINT {
        lowest = lowest.wrapping_add(1);
    }
    top.addr() - lowest.addr()
}
