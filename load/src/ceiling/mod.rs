//! `sealwire ceiling`: what this machine could do at best with the frames of a relay.
//!
//! It is no relay. It has no limits, checks nothing, trusts its clients and answers nobody who is
//! not there. What it does is what no relay can leave out: read, unmask as RFC 6455 asks, write. A
//! read and a write take as many whole frames as are there; a frame is passed over once, by the
//! unmasking, which moves it down over its mask key so that frames stand in a row for the write.
//! Upgrade and hello are genuine, so that `sealwire load` drives it like a relay.
//!
//! One thread: the unit is frames a CPU-second.

mod connection;
mod forwarder;

use std::io::{Write, stdout};
use std::net::SocketAddr;

use clap::Args;

use self::forwarder::Forwarder;
use crate::Failure;
use crate::machine::{Poll, listen, raise_open_files};
use crate::party::new_identity;

/// Connections that it is ready for.
const CONNECTIONS: usize = 18_100;

/// The forwarder.
#[derive(Args, Clone, Debug)]
pub struct Ceiling {
    /// Where to listen, on this machine only: it checks nothing. Port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
    /// Look the recipient of each frame up and mask both headers, as a relay does; without it the
    /// first frame of a connection says where all go.
    #[arg(long)]
    pub mask: bool,
}

/// `sealwire ceiling`. It serves until it is killed.
///
/// # Errors
/// The address is taken; the system refuses sockets.
pub fn ceiling(asked: &Ceiling) -> Result<(), Failure> {
    let broken = |error: std::io::Error| {
        Failure::Broken(format!("--listen {}: {error}; choose another", asked.listen))
    };
    // Fewer serve fewer clients.
    let _ = raise_open_files(CONNECTIONS);
    let (listener, address) = listen(asked.listen).map_err(broken)?;
    let identity = new_identity()?;
    let public = identity.public();
    let line = serde_json::json!({
        "listening": format!("ws://{address}/ws"),
        "x25519": hex::encode(public.x25519()),
        "ed25519": hex::encode(public.ed25519()),
    });
    // Whoever started it may have stopped listening to it: that is no reason to end.
    let _ = writeln!(stdout(), "{line}").and_then(|()| stdout().flush());
    let poll = Poll::new().map_err(broken)?;
    Forwarder::new(listener, poll, identity, asked.mask).map_err(broken)?.serve().map_err(broken)
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "not an address like 127.0.0.1:0")?;
    if address.ip().is_loopback() { Ok(address) } else { Err("not a loopback address".to_owned()) }
}

#[cfg(test)]
mod tests;
