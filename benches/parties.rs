//! Two who talk, and a client with its relay: `sealwire` as its callers use it.

use crate::{COMMAND, NONCE, ROUTE_KEY, identity};
use sealwire::{
    Clause,
    frame::RouteKeys,
    handshake::{AwaitHello, AwaitReply, HELLO, Hello, RelayLink, hello},
    identity::Identity,
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, Secret},
    relay::FromRelay,
};

/// Bytes of a HANDSHAKE_OK.
pub const REPLY: usize = 116;

fn nonce() -> FreshNonce {
    FreshNonce::from_random(NONCE)
}

/// Alice, whose seeds are ones, and Bob, whose are twos, as each holds the other.
pub struct Parties {
    alice: Identity,
    bob: Identity,
    to_bob: PairKey,
    to_alice: PairKey,
}

impl Default for Parties {
    fn default() -> Self {
        Self::new()
    }
}

impl Parties {
    /// Their pair key is derived, on both sides.
    #[must_use]
    pub fn new() -> Self {
        let (alice, bob) = (identity(1), identity(2));
        let between =
            |own, other: &Identity| PairKey::between(own, other.public()).expect("a fixed key");
        let (to_bob, to_alice) = (between(&alice, &bob), between(&bob, &alice));
        Self { alice, bob, to_bob, to_alice }
    }

    fn seal_with(&self, key: &PairKey, out: &mut [u8], body: &[u8]) {
        let inner = Inner { message_id: 0, command: COMMAND, body };
        packet::seal(out, key, &self.alice, nonce(), &inner).expect("a buffer of that length");
    }

    /// From Alice to Bob.
    pub fn seal(&self, out: &mut [u8], body: &[u8]) {
        self.seal_with(&self.to_bob, out, body);
    }

    /// From Alice to Bob, with an X25519 for this message.
    pub fn seal_naively(&self, out: &mut [u8], body: &[u8]) {
        let key = PairKey::between(&self.alice, self.bob.public()).expect("a fixed key");
        self.seal_with(&key, out, body);
    }

    /// A packet from Alice with a body of that size.
    #[must_use]
    pub fn sealed(&self, size: usize) -> Vec<u8> {
        let mut packet = vec![0; packet::MIN + size];
        self.seal(&mut packet, &vec![0x5a; size]);
        packet
    }

    /// By Bob, in place.
    ///
    /// # Errors
    /// Those of [`packet::open`].
    pub fn open(&self, packet: &mut [u8]) -> Result<(), Clause> {
        packet::open(packet, &self.to_alice).map(|_| ())
    }

    /// By Bob, with an X25519 for this message.
    ///
    /// # Errors
    /// Those of [`packet::open`].
    pub fn open_naively(&self, packet: &mut [u8]) -> Result<(), Clause> {
        let key = PairKey::between(&self.bob, self.alice.public())?;
        packet::open(packet, &key).map(|_| ())
    }
}

/// The same key both ways.
#[must_use]
pub fn routes() -> RouteKeys {
    RouteKeys::new(Secret::new(ROUTE_KEY), Secret::new(ROUTE_KEY))
}

/// A client's first message.
pub fn say_hello(client: &Identity, relay: &Identity, out: &mut [u8; HELLO]) -> AwaitReply {
    hello(out, client, relay.public(), nonce()).expect("a fixed key")
}

/// A relay's judgement of it.
///
/// # Panics
/// If it refuses.
pub fn admit(relay: &Identity, message: &mut [u8]) -> RelayLink {
    match AwaitHello::new(relay).receive(message) {
        Ok(Hello::Admitted(admitted)) => admitted.into_link(),
        other => panic!("{other:?}"),
    }
}

/// A relay's answer.
///
/// # Panics
/// Never.
#[must_use]
pub fn reply(link: &RelayLink, relay: &Identity) -> [u8; REPLY] {
    let mut frame = [0; REPLY];
    let length = link.seal_event(&mut frame, relay, nonce(), &FromRelay::HandshakeOk);
    assert_eq!(length, Ok(REPLY));
    frame
}
