//! One operation on bare metal, or none, to measure what it takes in flash and stack.
#![no_std]
#![no_main]

#[cfg(any(feature = "keys", feature = "handshake"))]
mod client;
#[cfg(feature = "stack")]
mod stack;

use cortex_m::asm::wfi;
use cortex_m_rt::entry;

/// Small, unlike one that prints: it is part of what is measured.
#[cfg(not(feature = "stack"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        wfi();
    }
}

#[entry]
fn main() -> ! {
    #[cfg(any(feature = "keys", feature = "handshake"))]
    let done = client::run();
    #[cfg(not(any(feature = "keys", feature = "handshake")))]
    let done = Some(());
    #[cfg(feature = "stack")]
    stack::report(done);
    core::hint::black_box(done);
    loop {
        wfi();
    }
}
