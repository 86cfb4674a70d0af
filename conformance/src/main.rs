//! The binary `sealwire`: [`sealwire_conformance`] and nothing else.

use std::process::ExitCode;

/// The reference relay that it starts is itself, and allocates as `sealwire-relay` does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sealwire_conformance::main()
}
