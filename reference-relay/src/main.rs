//! `sealwire-relay`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealwire_relay::cli::main(std::env::args_os())
}
