//! The binary `sealwire`: [`sealwire_conformance`] and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealwire_conformance::main()
}
