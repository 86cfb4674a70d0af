//! The relay that is loaded: where it listens and which keys it must hold.

use std::net::{SocketAddr, ToSocketAddrs};

use sealwire::identity::PublicIdentity;

use crate::Failure;
use crate::websocket::upgrade;

/// A relay, as the command line names it.
#[derive(Debug)]
pub(crate) struct Relay {
    /// Where its sockets are.
    pub(crate) address: SocketAddr,
    /// Its keys, imported.
    pub(crate) keys: PublicIdentity,
    /// The upgrade that each connection begins with.
    pub(crate) request: Vec<u8>,
}

impl Relay {
    /// Looks its name up and imports its keys.
    pub(crate) fn find(url: &str, x25519: [u8; 32], ed25519: [u8; 32]) -> Result<Self, Failure> {
        let keys = PublicIdentity::import(x25519, ed25519).map_err(|clause| {
            Failure::Usage(format!("--x25519, --ed25519: no keys of a relay: {clause}"))
        })?;
        let (authority, path) = parts(url)?;
        let mut found = authority.to_socket_addrs().map_err(|error| {
            Failure::Usage(format!("--url {url}: {error}; write ws://HOST:PORT/PATH"))
        })?;
        let address = found.next();
        let address =
            address.ok_or_else(|| Failure::Usage(format!("--url {url}: no such host")))?;
        Ok(Self { address, keys, request: upgrade::request(&authority, path) })
    }
}

/// `HOST:PORT` and the path.
fn parts(url: &str) -> Result<(String, &str), Failure> {
    let rest = url.strip_prefix("ws://").ok_or_else(|| {
        Failure::Usage(format!("--url {url}: only ws:// is spoken; measure TLS by its proxy"))
    })?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let ported = authority.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let port = if ported { "" } else { ":80" };
    Ok((format!("{authority}{port}"), if path.is_empty() { "/" } else { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_falls_into_its_parts() {
        for (url, authority, path) in [
            ("ws://127.0.0.1:9/ws", "127.0.0.1:9", "/ws"),
            ("ws://[::1]:9", "[::1]:9", "/"),
            ("ws://[::1]/a/b", "[::1]:80", "/a/b"),
            ("ws://relay.example/", "relay.example:80", "/"),
        ] {
            assert_eq!(parts(url), Ok((authority.to_owned(), path)));
        }
        assert!(parts("wss://relay.example/").is_err());
    }
}
