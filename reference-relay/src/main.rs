//! `sealwire-relay`: see the library.

use std::process::ExitCode;

/// Frames are allocated by one thread and freed by another. The system's allocator gives their pages
/// back and faults them in again, frame after frame, which takes more than half of the time of long
/// ones; and it keeps what a crowd has left behind.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sealwire_relay::cli::main(std::env::args_os())
}
