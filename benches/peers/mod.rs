//! Other libraries, doing the same work.

mod aws_lc;
mod libsodium;

pub use aws_lc::AwsLc;
pub use libsodium::Libsodium;
