//! Chapter 5, handshake: hello and reply.
//!
//! ```text
//! 0         32        56                   108      172
//! X pub     nonce     AEAD_S(inner) ‖ tag  signature      inner = 00 00 ‖ 01 ‖ Ed pub 32 ‖ 02
//! ```
//!
//! Clauses: every `handshake/*` that a byte string can show.

use super::frame::{BEFORE_HELLO_MAX, FRAME_MAX, Routes, downlink, relay_packet, route_keys};
use super::identity::{Keys, Public, RELAY_ID};
use super::packet::{Inner, open, seal, signed};
use super::primitives::{
    aead_open, aead_seal, import_ed25519, import_x25519, screen_x25519, verify, x25519,
    x25519_point,
};
use super::{Judged, array};

/// Length of a hello without trailing bytes.
pub(crate) const HELLO: usize = 172;
/// The version that this page speaks.
pub(crate) const VERSION: u8 = 2;
/// Command of the hello.
pub(crate) const HANDSHAKE_REQUEST: u8 = 0x01;
/// Command of the reply that opens a session.
pub(crate) const HANDSHAKE_OK: u8 = 0x02;
/// Command of an error.
pub(crate) const ERROR: u8 = 0xff;
/// Error: another session holds the id.
pub(crate) const ID_IN_USE: u8 = 0x01;
/// Error: the relay speaks another version.
pub(crate) const BAD_VERSION: u8 = 0x02;

/// The parts of a hello, each of which a negative may replace.
#[derive(Clone, Debug)]
pub(crate) struct HelloParts {
    /// The X25519 public key in clear.
    pub(crate) x: [u8; 32],
    /// The secret that both sides derive.
    pub(crate) shared: [u8; 32],
    /// Seed of the key that signs.
    pub(crate) ed_seed: [u8; 32],
    /// The nonce.
    pub(crate) nonce: [u8; 24],
    /// The bytes under the seal.
    pub(crate) inner: Vec<u8>,
}

impl HelloParts {
    /// `nonce ‖ AEAD_S(inner)` and the signature over it behind the key.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let sealed = aead_seal(self.shared, self.nonce, &self.inner);
        [self.x.to_vec(), signed(self.ed_seed, self.nonce, &sealed)].concat()
    }
}

/// `00 00 ‖ 01 ‖ Ed pub ‖ version`.
pub(crate) fn hello_inner(ed: [u8; 32], version: u8) -> Vec<u8> {
    [&[0, 0, HANDSHAKE_REQUEST][..], &ed, &[version]].concat()
}

/// The parts of the hello that an honest client sends to the relay with the key `relay_x`.
pub(crate) fn hello_parts(keys: &Keys, relay_x: [u8; 32], nonce: [u8; 24]) -> Judged<HelloParts> {
    let public = keys.public();
    Ok(HelloParts {
        x: public.x,
        shared: x25519(keys.x_seed, import_x25519(relay_x)?)?,
        ed_seed: keys.ed_seed,
        nonce,
        inner: hello_inner(public.ed, VERSION),
    })
}

/// The 172 bytes.
pub(crate) fn hello(keys: &Keys, relay_x: [u8; 32], nonce: [u8; 24]) -> Judged<Vec<u8>> {
    Ok(hello_parts(keys, relay_x, nonce)?.bytes())
}

/// What a relay knows once the signature of a hello has held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Who it is.
    pub(crate) peer: Public,
    /// The version asked for.
    pub(crate) version: u8,
    /// `S`.
    pub(crate) shared: [u8; 32],
    /// `nonce ‖ tag`: what the replay memory keeps.
    pub(crate) mark: [u8; 40],
}

/// The relay's order up to and with the signature.
pub(crate) fn open_hello(relay: &Keys, hello: &[u8]) -> Judged<Hello> {
    if hello.len() > BEFORE_HELLO_MAX {
        return Err("frame/before-hello");
    }
    if hello.len() < HELLO {
        return Err("handshake/too-short");
    }
    let (nonce, signature_at) = (array(hello, 32), hello.len() - 64);
    let x = screen_x25519(array(hello, 0))?;
    // A secret of zero opens nothing: the second half of the import is next, and refuses its key.
    let shared = x25519(relay.x_seed, x).or_else(|zero| x25519_point(x).and(Err(zero)))?;
    let inner =
        aead_open(shared, nonce, &hello[56..signature_at]).map_err(|_| "handshake/hello-seal")?;
    x25519_point(x)?;
    if inner[2] != HANDSHAKE_REQUEST {
        return Err("handshake/hello-command");
    }
    let ed = import_ed25519(array(&inner, 3))?;
    verify(ed, &hello[32..signature_at], &hello[signature_at..])
        .map_err(|_| "handshake/hello-signature")?;
    let tag = &hello[signature_at - 16..signature_at];
    let mark = array(&[&nonce[..], tag].concat(), 0);
    Ok(Hello { peer: Public { x, ed }, version: inner[35], shared, mark })
}

/// The same with the version judged: what may be registered.
pub(crate) fn accept(relay: &Keys, hello: &[u8]) -> Judged<Hello> {
    let hello = open_hello(relay, hello)?;
    if hello.version == VERSION { Ok(hello) } else { Err("handshake/version") }
}

/// One frame of the relay's own: header of zero, sealed under `S`, signed by the relay.
pub(crate) fn relay_frame(
    relay: &Keys,
    client_x: [u8; 32],
    nonce: [u8; 24],
    command: u8,
    body: &[u8],
) -> Judged<Vec<u8>> {
    let shared = x25519(relay.x_seed, client_x)?;
    let packet = seal(shared, relay.ed_seed, nonce, 0, command, body);
    if packet.len() + RELAY_ID.len() > FRAME_MAX {
        return Err("frame/relay-limit");
    }
    Ok(downlink(route_keys(shared).s2c, RELAY_ID, &packet))
}

/// HANDSHAKE_OK.
pub(crate) fn reply_ok(relay: &Keys, client_x: [u8; 32], nonce: [u8; 24]) -> Judged<Vec<u8>> {
    relay_frame(relay, client_x, nonce, HANDSHAKE_OK, &[VERSION])
}

/// ERROR with `code ‖ detail`.
pub(crate) fn reply_error(
    relay: &Keys,
    client_x: [u8; 32],
    nonce: [u8; 24],
    code: u8,
    detail: &[u8],
) -> Judged<Vec<u8>> {
    relay_frame(relay, client_x, nonce, ERROR, &[&[code], detail].concat())
}

/// What a frame of the relay's own carries: the client's order for every one of them.
pub(crate) fn open_relay_frame(
    shared: [u8; 32],
    relay_ed: [u8; 32],
    frame: &[u8],
) -> Judged<Inner> {
    let Routes { s2c, .. } = route_keys(shared);
    open(shared, relay_ed, &relay_packet(s2c, frame)?)
}

/// The client's verdict on the first binary message: the version of the session, or why there is
/// none.
pub(crate) fn read_reply(x_seed: [u8; 32], relay: &Public, reply: &[u8]) -> Judged<u8> {
    let shared = x25519(x_seed, import_x25519(relay.x)?)?;
    let inner = open_relay_frame(shared, relay.ed, reply)?;
    match (inner.command, inner.body.first()) {
        (HANDSHAKE_OK, Some(&VERSION)) => Ok(VERSION),
        (HANDSHAKE_OK, _) => Err("handshake/reply-version"),
        (ERROR, Some(&ID_IN_USE)) => Err("handshake/id-in-use"),
        (ERROR, Some(&BAD_VERSION)) if inner.body.len() >= 2 => Err("handshake/version"),
        (ERROR, _) => Err("relay/error"),
        _ => Err("handshake/reply-command"),
    }
}
