//! The known answers of the specification, byte for byte, through the public interface alone.
//! Without std and allocator, for microcontrollers too.
//!
//! Seeds are runs of consecutive bytes: relay 00 and 20, Alice 40 and 60, Bob 80 and a0.

use sealwire::{
    frame::{Downlink, HEADER, Uplink, address_from, address_to},
    handshake::{AwaitHello, AwaitReply, HELLO, Hello, RelayLink, Reply, hello},
    identity::Identity,
    packet::{self, Inner, PairKey, open, seal},
    primitives::{Context, FreshNonce, Secret, x25519},
    relay::FromRelay,
};

/// Is told what is answered, the bytes, and what they must be in hexadecimal.
pub(crate) type Judge<'j> = &'j mut dyn FnMut(&str, &[u8], &str);

/// Public keys, X25519 and Ed25519.
pub(crate) const RELAY: [&str; 2] = [
    "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f",
    "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7",
];
pub(crate) const ALICE: [&str; 2] = [
    "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",
    "174553b456dddfc6908ecab1c101fe6ab21e2baa0617795b7d43a63482993fd5",
];
pub(crate) const BOB: [&str; 2] = [
    "493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d",
    "4fd099ccd47d7893dfe9ec24414ecb0d9b5420232aad30d91c465be33cbe65c4",
];
const SHARED: &str = "6d54cc9c397e31691401110f58da1e182a635d7e44c21dc2d7be93624652ab15";
const MESSAGE: &str = "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a0101010101010101010101010101010101010101010101010d4234e46fd4a97b453033337eb44769b41b5527c9da2e5dacdf710fa72e8f2827c271baf81878bc1418755663346e4abca84cece170f31c6aed9f30c80867e06f70b57726a1e9310c4ce548e5c0e08efb27e5382c2144b9dab7b28c6d114f084bff21a675abebd2b6de726a7fe8627ae59bcb0f";
pub(crate) const REPLY: &str = "aba6520ca7fbc376020202020202020202020202020202020202020202020202ce18b690377403f383ac16fd47851c35c11c7a32dff6c3ea5a4d10de98effe38536b83bbb99e2d86deaedf7e164c2d099ac50548247d236f362c3e0eea1b458f545bf040981f340dd24bc8af91fdbb43d182520c";
pub(crate) const UPLINK: &str = "7977c9813a7ea7eb000102030405060708090a0b0c0d0e0f10111213141516175c9558cdce37ad554ea78140dcb2040a36b6215497c501d4411d1ed5a7f384468463de62f153c169e4ee708d573218e9522dbb9cba8c343bdd308697d4ac1a8c1621334cb81ed7adb2c9791c781b58ac6985f3b2c1bd1701a418dfdc04be5912ec9f67d7ae67c205";
const DOWNLINK_HEADER: &str = "e478d09c0355aaf0";

/// The body of a TEXT: a uuid, then the text.
const TEXT: [u8; 21] = *b"\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11hello";

/// 32 consecutive bytes.
fn seed(first: u8) -> Secret<32> {
    Secret::new(core::array::from_fn(|i| first + i as u8))
}

pub(crate) fn identity(x25519: u8, ed25519: u8) -> Identity {
    Identity::from_seeds(&seed(x25519), &seed(ed25519)).unwrap()
}

struct People {
    relay: Identity,
    alice: Identity,
    bob: Identity,
}

fn people() -> People {
    People { relay: identity(0x00, 0x20), alice: identity(0x40, 0x60), bob: identity(0x80, 0xa0) }
}

/// What each person shows of a key.
pub(crate) fn public_keys(judge: Judge<'_>) {
    let People { relay, alice, bob } = people();
    for (name, identity, [x25519, ed25519]) in
        [("relay", relay, RELAY), ("Alice", alice, ALICE), ("Bob", bob, BOB)]
    {
        judge(name, identity.public().x25519(), x25519);
        judge(name, identity.public().ed25519(), ed25519);
        judge(name, &identity.id().0, &x25519[..16]);
    }
}

/// What Alice and the relay share, and the keys of their headers.
pub(crate) fn shared_secrets(judge: Judge<'_>) {
    let shared = x25519(&seed(0x40), people().relay.public().x25519()).unwrap();
    judge("shared secret", shared.expose(), SHARED);
    for (context, key) in [
        (Context::RouteC2s, "7521be5e8390093789ee80f20dad1f8b7e90cd028d2e9f8ebb475c8ffc0fe29e"),
        (Context::RouteS2c, "1cad9bc0a4dcfb83077c01238af0af46abb65d68db309191f72676ed6b2739d2"),
    ] {
        judge(context.name(), context.derive_key(&shared).expose(), key);
    }
}

/// A hello under way, its bytes, and the relay's side of it.
fn greet(client: &Identity, relay: &Identity, nonce: u8) -> ([u8; HELLO], AwaitReply, RelayLink) {
    let mut message = [0; HELLO];
    let nonce = FreshNonce::from_random([nonce; 24]);
    let await_reply = hello(&mut message, client, relay.public(), nonce).unwrap();
    let sent = message;
    match AwaitHello::new(relay).receive(&mut message) {
        Ok(Hello::Admitted(admitted)) => (sent, await_reply, admitted.into_link()),
        _ => panic!("the relay refused the hello"),
    }
}

/// The whole exchange: hello, reply, one TEXT from Alice up and down to Bob.
pub(crate) fn exchange(judge: Judge<'_>) {
    let People { relay, alice, bob } = people();
    let (message, await_reply, link) = greet(&alice, &relay, 1);
    judge("hello", &message, MESSAGE);
    let mut ok = [0; 116];
    let nonce = FreshNonce::from_random([2; 24]);
    link.seal_event(&mut ok, &relay, nonce, &FromRelay::HandshakeOk).unwrap();
    judge("reply", &ok, REPLY);
    let Ok(Reply::Session(session)) = await_reply.receive(&mut ok) else {
        panic!("the client refused the reply");
    };

    let pair = PairKey::between(&alice, bob.public()).unwrap();
    let mut frame = [0; HEADER + packet::MIN + TEXT.len()];
    let nonce = FreshNonce::from_random(core::array::from_fn(|i| i as u8));
    let inner = Inner { message_id: 7, command: 0x20, body: &TEXT };
    seal(&mut frame[HEADER..], &pair, &alice, nonce, &inner).unwrap();
    address_to(&mut frame, session.routes(), bob.id()).unwrap();
    judge("frame to the relay", &frame, UPLINK);
    assert_eq!(Uplink::parse(&frame).unwrap().to(link.routes()), bob.id());

    // The relay changes the header, and nothing else.
    let (_, _, link) = greet(&bob, &relay, 3);
    address_from(&mut frame, link.routes(), alice.id()).unwrap();
    judge("header to Bob", &frame[..HEADER], DOWNLINK_HEADER);
    judge("packet to Bob", &frame[HEADER..], &UPLINK[2 * HEADER..]);
    assert_eq!(Downlink::parse(&frame).unwrap().from(link.routes()), alice.id());
    let pair = PairKey::between(&bob, alice.public()).unwrap();
    assert_eq!(open(&mut frame[HEADER..], &pair).unwrap(), inner);
}
