//! The laws of chapters 1 to 6: what holds for every input, tried on random ones.
//!
//! Each law is a sentence and cites the clause it follows from; `cited` holds laws and clauses
//! together. `PROPTEST_CASES` says how many inputs each law is tried on. An input that breaks a law
//! is shrunk, and its seed kept in `tests/proptest-regressions/`, which is proptest's default for a
//! test in a folder: checked in, it is tried first from then on.

mod cited;
mod frame;
mod handshake;
mod identity;
mod packet;
mod primitives;
mod relay;

use curve25519_dalek::{Scalar, constants::ED25519_BASEPOINT_POINT, edwards::EdwardsPoint};
use proptest::{collection::vec, prelude::*, sample::Index};
use sealwire::{
    frame::HEADER,
    handshake::{
        Admitted, AwaitHello, AwaitReply, ClientLink, HELLO, Hello, RelayLink, Reply, hello,
    },
    identity::{Identity, PeerId},
    packet::{Inner, MIN, PairKey, seal},
    primitives::{FreshNonce, Secret},
    relay::FromRelay,
};

fn secrets() -> impl Strategy<Value = Secret<32>> {
    any::<[u8; 32]>().prop_map(Secret::new)
}

fn identities() -> impl Strategy<Value = Identity> {
    (secrets(), secrets()).prop_map(|(x, ed)| Identity::from_seeds(&x, &ed).unwrap())
}

fn nonces() -> impl Strategy<Value = FreshNonce> {
    any::<[u8; 24]>().prop_map(FreshNonce::from_random)
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=max)
}

/// Zero, the relay's, among them.
fn ids() -> impl Strategy<Value = PeerId> {
    prop_oneof![9 => any::<[u8; 8]>(), 1 => Just([0; 8])].prop_map(PeerId)
}

/// Lengths, of which most stand at an edge.
fn lengths(edges: &'static [usize], max: usize) -> impl Strategy<Value = usize> {
    let near = (prop::sample::select(edges), 0..5_usize);
    prop_oneof![3 => near.prop_map(|(edge, n)| (edge + n).saturating_sub(2)), 1 => 0..=max]
}

/// Points of the subgroup of prime order: what an honest key is.
fn points() -> impl Strategy<Value = EdwardsPoint> {
    scalars().prop_map(|scalar| ED25519_BASEPOINT_POINT * scalar)
}

/// Never zero, so that a multiple of a point is not the neutral element.
fn scalars() -> impl Strategy<Value = Scalar> {
    any::<[u8; 32]>().prop_map(|bytes| Scalar::from_bytes_mod_order(bytes) + Scalar::ONE)
}

/// One bit of whatever it is applied to.
#[derive(Clone, Copy, Debug)]
struct Flip(Index);

fn flips() -> impl Strategy<Value = Flip> {
    any::<Index>().prop_map(Flip)
}

impl Flip {
    /// The byte in which it fell.
    fn apply(self, bytes: &mut [u8]) -> usize {
        let bit = self.0.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        bit / 8
    }
}

/// Seeds that every byte says, where the law is not about keys.
fn fixed(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte; 32])).unwrap()
}

fn nonce(byte: u8) -> FreshNonce {
    FreshNonce::from_random([byte; 24])
}

/// A packet in a buffer with room for a header in front.
fn sealed(from: &Identity, to: &PairKey, command: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0xaa; HEADER + MIN + body.len()];
    let inner = Inner { message_id: 0, command, body };
    seal(&mut frame[HEADER..], to, from, nonce(3), &inner).unwrap();
    frame
}

fn admitted(relay: &Identity, message: &mut [u8]) -> Admitted {
    match AwaitHello::new(relay).receive(message) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    }
}

/// A hello under way, and the relay's side of it.
fn greeted(client: &Identity, relay: &Identity) -> (AwaitReply, RelayLink) {
    let mut message = [0; HELLO];
    let await_reply = hello(&mut message, client, relay.public(), nonce(1)).unwrap();
    (await_reply, admitted(relay, &mut message).into_link())
}

/// Both ends of a session, by a whole handshake.
fn session(client: &Identity, relay: &Identity) -> (ClientLink, RelayLink) {
    let (await_reply, link) = greeted(client, relay);
    let mut ok = [0; 116];
    link.seal_event(&mut ok, relay, nonce(2), &FromRelay::HandshakeOk).unwrap();
    match await_reply.receive(&mut ok) {
        Ok(Reply::Session(session)) => (session, link),
        other => panic!("{other:?}"),
    }
}
