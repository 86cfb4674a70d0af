//! The binary: everything is in the library, so that others can start it as their own child.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealwire_client::cli::main(std::env::args_os())
}
