//! The binary `sealwire`: [`sealwire_conformance`] and nothing else.

use std::process::ExitCode;

/// That of `sealwire-relay`, which is in here too and is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sealwire_conformance::main()
}
