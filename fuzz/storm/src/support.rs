//! What the checks share: parties whose keys are known, and the two questions that are asked of
//! whatever is refused.

use arbitrary::Unstructured;
use sealwire::{
    Clause,
    frame::{COMMAND_OVERHEAD, HEADER, RouteKeys, address_from, address_to},
    handshake::{AwaitHello, AwaitReply, ClientLink, HELLO, Hello, RelayLink, Reply, hello},
    identity::{Identity, PeerId},
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, KEY, NONCE, Secret},
    relay::FromRelay,
};
use std::{fmt::Debug, sync::LazyLock};

/// The X25519 seed of [`Parties::relay`]: with it a check seals for keys that nobody holds.
pub(crate) const RELAY_X25519: [u8; KEY] = [0xc5; KEY];
/// The Ed25519 seed of [`Parties::client`].
pub(crate) const CLIENT_ED25519: [u8; KEY] = [0xa6; KEY];

/// A client, its peer, and their relay.
pub(crate) struct Parties {
    pub(crate) client: Identity,
    pub(crate) peer: Identity,
    pub(crate) relay: Identity,
    /// The session of client and relay, from both sides.
    pub(crate) session: ClientLink,
    pub(crate) link: RelayLink,
    pair: PairKey,
    back: PairKey,
}

pub(crate) static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let client = party([0xa5; KEY], CLIENT_ED25519);
    let peer = party([0xb5; KEY], [0xb6; KEY]);
    let relay = party(RELAY_X25519, [0xc6; KEY]);
    let (awaited, link) = greet(&client, &relay);
    let mut ok = [0; 116];
    link.seal_event(&mut ok, &relay, nonce(2), &FromRelay::HandshakeOk).expect("the buffer fits");
    let Ok(Reply::Session(session)) = awaited.receive(&mut ok) else { panic!("a genuine reply") };
    let pair = PairKey::between(&client, relay.public()).expect("imported keys agree");
    let back = PairKey::between(&relay, client.public()).expect("imported keys agree");
    Parties { client, peer, relay, session, link, pair, back }
});

/// Writes a header in front of a packet.
type Address = fn(&mut [u8], &RouteKeys, PeerId) -> Result<(), Clause>;

impl Parties {
    /// A command of the client's to its relay, whatever it says.
    pub(crate) fn client_says(&self, command: u8, body: &[u8]) -> Vec<u8> {
        seal(&self.pair, &self.client, self.session.routes(), address_to, command, body)
    }

    /// A frame of the relay's own, whatever it says.
    pub(crate) fn relay_says(&self, command: u8, body: &[u8]) -> Vec<u8> {
        seal(&self.back, &self.relay, self.link.routes(), address_from, command, body)
    }
}

fn seal(
    key: &PairKey,
    signer: &Identity,
    routes: &RouteKeys,
    address: Address,
    command: u8,
    body: &[u8],
) -> Vec<u8> {
    let mut frame = vec![0; COMMAND_OVERHEAD + body.len()];
    let inner = Inner { message_id: 0, command, body };
    packet::seal(&mut frame[HEADER..], key, signer, nonce(3), &inner).expect("the buffer fits");
    address(&mut frame, routes, PeerId::RELAY).expect("inputs are shorter than a megabyte");
    frame
}

pub(crate) fn party(x25519: [u8; KEY], ed25519: [u8; KEY]) -> Identity {
    Identity::from_seeds(&Secret::new(x25519), &Secret::new(ed25519)).expect("one in 2^64 fails")
}

/// A nonce that need not be fresh: nothing that is sealed here is secret.
pub(crate) const fn nonce(byte: u8) -> FreshNonce {
    FreshNonce::from_random([byte; NONCE])
}

/// A hello under way, and what the relay makes of it.
pub(crate) fn greet(client: &Identity, relay: &Identity) -> (AwaitReply, RelayLink) {
    let mut message = [0; HELLO];
    let awaited =
        hello(&mut message, client, relay.public(), nonce(1)).expect("the relay's own key");
    match AwaitHello::new(relay).receive(&mut message) {
        Ok(Hello::Admitted(admitted)) => (awaited, admitted.into_link()),
        other => panic!("a genuine hello: {other:?}"),
    }
}

/// The error with which `bytes` are refused; they are then as they were.
pub(crate) fn refusal<E>(bytes: &[u8], judge: impl FnOnce(&mut [u8]) -> Result<(), E>) -> E {
    let mut buffer = bytes.to_vec();
    let Err(error) = judge(&mut buffer) else { panic!("what nobody sealed is taken") };
    assert!(buffer == bytes, "what is refused was changed");
    error
}

/// `bytes` with one byte changed, as the input says.
pub(crate) fn tampered(bytes: &[u8], input: &mut Unstructured<'_>) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let place = draw::<u16>(input);
    let change: u8 = draw(input);
    let length = changed.len();
    changed[usize::from(place) % length] ^= change.max(1);
    changed
}

/// A value of the input's; nothing once it is spent.
pub(crate) fn draw<T: for<'a> arbitrary::Arbitrary<'a> + Default + Debug>(
    input: &mut Unstructured<'_>,
) -> T {
    input.arbitrary().unwrap_or_default()
}
