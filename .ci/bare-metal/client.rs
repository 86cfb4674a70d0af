//! A client that does what the features ask for, with the input of the known answers, so that it
//! goes the whole way. `None` is a step that failed.

#[path = "../../wire/tests/answers/mod.rs"]
#[allow(dead_code, reason = "its inputs are taken, its questions are asked elsewhere")]
mod answers;

use core::hint::black_box;
#[cfg(feature = "keys")]
use sealwire::packet::PairKey;
#[cfg(feature = "handshake")]
use sealwire::{
    handshake::{ClientLink, HELLO, Reply, hello},
    primitives::FreshNonce,
};
use sealwire::{
    identity::{Identity, PublicIdentity},
    primitives::Secret,
};

pub(crate) fn run() -> Option<()> {
    #[cfg(feature = "keys")]
    black_box(pair()?);
    #[cfg(feature = "open")]
    open()?;
    #[cfg(feature = "seal")]
    seal()?;
    #[cfg(feature = "handshake")]
    black_box(handshake()?);
    #[cfg(feature = "everything")]
    talk()?;
    Some(())
}

/// A known answer, at compile time: reading digits is not measured.
const fn bytes<const N: usize>(digits: &str) -> [u8; N] {
    const fn value(digit: u8) -> u8 {
        if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
    }
    let (digits, mut bytes, mut i) = (digits.as_bytes(), [0; N], 0);
    while i < N {
        bytes[i] = (value(digits[2 * i]) << 4) | value(digits[2 * i + 1]);
        i += 1;
    }
    bytes
}

/// This device: the first bytes of its two seeds.
#[inline(never)]
fn own(x25519: u8, ed25519: u8) -> Option<Identity> {
    let seed = |first: u8| Secret::new(core::array::from_fn(|i| first + i as u8));
    Identity::from_seeds(&seed(x25519), &seed(ed25519)).ok()
}

/// Somebody else, by the public keys.
#[inline(never)]
fn other(keys: [[u8; 32]; 2]) -> Option<PublicIdentity> {
    let [x25519, ed25519] = black_box(keys);
    PublicIdentity::import(x25519, ed25519).ok()
}

/// Bob, and what he shares with Alice.
#[cfg(feature = "keys")]
#[inline(never)]
fn pair() -> Option<(Identity, PairKey)> {
    const ALICE: [[u8; 32]; 2] = [bytes(answers::ALICE[0]), bytes(answers::ALICE[1])];
    let bob = own(0x80, 0xa0)?;
    let pair = PairKey::between(&bob, &other(ALICE)?).ok()?;
    Some((bob, pair))
}

/// Bob opens the TEXT of Alice.
#[cfg(feature = "open")]
fn open() -> Option<()> {
    use sealwire::{frame::HEADER, packet};
    const FRAME: [u8; answers::UPLINK.len() / 2] = bytes(answers::UPLINK);
    let mut frame = black_box(FRAME);
    let (_, pair) = pair()?;
    black_box(packet::open(frame.get_mut(HEADER..)?, &pair).ok()?.body);
    Some(())
}

/// Bob writes to Alice.
#[cfg(feature = "seal")]
fn seal() -> Option<()> {
    use sealwire::{
        packet::{self, Inner},
        primitives::FreshNonce,
    };
    let (bob, pair) = pair()?;
    let inner = Inner { message_id: 1, command: 0x20, body: black_box(&[7; 64]) };
    let mut out = [0; packet::MIN + 64];
    let nonce = FreshNonce::from_random(black_box([9; 24]));
    packet::seal(&mut out, &pair, &bob, nonce, &inner).ok()?;
    black_box(out);
    Some(())
}

/// Alice, and her session with the relay.
#[cfg(feature = "handshake")]
fn handshake() -> Option<(Identity, ClientLink)> {
    const RELAY: [[u8; 32]; 2] = [bytes(answers::RELAY[0]), bytes(answers::RELAY[1])];
    const REPLY: [u8; answers::REPLY.len() / 2] = bytes(answers::REPLY);
    let alice = own(0x40, 0x60)?;
    let mut message = [0; HELLO];
    let nonce = FreshNonce::from_random(black_box([1; 24]));
    let machine = hello(&mut message, &alice, &other(RELAY)?, nonce).ok()?;
    black_box(message);
    match machine.receive(&mut black_box(REPLY)) {
        Ok(Reply::Session(session)) => Some((alice, session)),
        _ => None,
    }
}

/// What else a client does: a command, an event, frames, an invite, a safety number.
#[cfg(feature = "everything")]
fn talk() -> Option<()> {
    use sealwire::{
        frame::{Downlink, address_to},
        identity::{Invite, MAX_INVITE, MAX_SCRATCH, Nickname, safety_number},
        relay::{FromRelay, ToRelay},
    };
    let (alice, session) = handshake()?;
    let mut frame = [0; 256];
    let nonce = FreshNonce::from_random(black_box([3; 24]));
    let wake = ToRelay::Wake { target: session.relay().id(), kind: None };
    session.seal_command(&mut frame, &alice, nonce, &wake).ok()?;
    if let Ok(inner) = session.open_event(black_box(&mut frame)) {
        black_box(FromRelay::parse(inner.command, inner.body)).ok()?;
    }
    address_to(&mut frame, session.routes(), alice.id()).ok()?;
    black_box(Downlink::parse(&frame).ok()?.from(session.routes()));

    let invite = Invite { peer: *alice.public(), nickname: Nickname("Alice") };
    let mut code = [0; MAX_INVITE];
    let code = black_box(invite.encode(&mut code).ok()?);
    let mut scratch = [0; MAX_SCRATCH];
    let read = Invite::decode(code, &mut scratch).ok()?;
    black_box(safety_number(&read.peer, session.relay()));
    Some(())
}
