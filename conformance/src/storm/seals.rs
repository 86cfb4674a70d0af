//! What lies below a seal, taken out and put back. A mutant that is not sealed again dies at the
//! signature, and tells nothing of what comes behind it.
//!
//! ```text
//! prefix                      nonce 24    ciphertext ‖ tag    signature 64
//! none, header 8 or key 32    └ Signed: what the signature covers ┘
//! └ Header: the id below its mask         └ Inner: the plaintext ┘
//! ```

use serde_json::Value;

use super::known::{PEOPLE, seed_of};
use crate::model::frame::{masked, route_keys};
use crate::model::handshake::hello_inner;
use crate::model::identity::{base64url_decode, invite_text};
use crate::model::people::alice;
use crate::model::primitives::{aead_open, aead_seal, sign, x25519_raw};
use crate::vectors::Members;

/// Where in a member a change is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// In its bytes as they are.
    Outer,
    /// In the id below the mask of a frame.
    Header,
    /// In what a signature covers; signed again.
    Signed,
    /// In what is sealed or encoded; sealed and signed, or encoded, again.
    Inner,
}

/// The layers of a member, the outer one first.
pub(crate) fn layers(op: &str, member: &str) -> &'static [Layer] {
    use Layer::{Header, Inner, Outer, Signed};
    match (op, member) {
        ("packet.open", "packet") | ("handshake.accept", "hello") => &[Outer, Signed, Inner],
        ("relay.open", "frame") | ("handshake.read-reply", "reply") => {
            &[Outer, Header, Signed, Inner]
        }
        ("frame.uplink" | "frame.forward" | "frame.downlink" | "frame.relay-header", "frame") => {
            &[Outer, Header]
        }
        ("primitives.verify", "message") => &[Outer, Signed],
        ("primitives.aead-open", "sealed") | ("identity.invite-decode", "invite") => {
            &[Outer, Inner]
        }
        _ => &[Outer],
    }
}

/// Whether a member is a signature or ends in one.
pub(crate) fn is_signed(op: &str, member: &str) -> bool {
    member == "signature" || layers(op, member).contains(&Layer::Signed) && member != "message"
}

/// Bytes of a member; none if it is absent or no hex.
pub(crate) fn bytes_of(input: &Members, name: &str) -> Option<Vec<u8>> {
    hex::decode(input.get(name)?.as_str()?).ok()
}

fn key_of(input: &Members, name: &str) -> Option<[u8; 32]> {
    bytes_of(input, name)?.try_into().ok()
}

/// What `layer` of `member` holds now.
pub(crate) fn open(op: &str, input: &Members, member: &str, layer: Layer) -> Option<Vec<u8>> {
    if op == "identity.invite-decode" && layer == Layer::Inner {
        let text = input.get(member)?.as_str()?;
        let code = text.trim_matches(|c: char| c.is_ascii_whitespace()).strip_prefix("K0")?;
        return base64url_decode(code);
    }
    let bytes = bytes_of(input, member)?;
    match layer {
        Layer::Outer => Some(bytes),
        Layer::Header => Some(
            masked(mask_key(op, input)?, *bytes.get(8..)?.first_chunk()?, *bytes.first_chunk()?)
                .to_vec(),
        ),
        Layer::Signed if op == "primitives.verify" => Some(bytes),
        Layer::Signed => Some(Envelope::of(op, input, &bytes)?.signed_part(&bytes).to_vec()),
        Layer::Inner if op == "primitives.aead-open" => {
            let nonce = bytes_of(input, "nonce")?.try_into().ok()?;
            Some(aead_open(key_of(input, "key")?, nonce, &bytes).unwrap_or_default())
        }
        Layer::Inner => Some(Envelope::of(op, input, &bytes)?.inner(op, &bytes)),
    }
}

/// Puts `content` into `layer` of `member`, and closes what lies above.
pub(crate) fn close(
    op: &str,
    input: &mut Members,
    member: &str,
    layer: Layer,
    content: &[u8],
) -> Option<()> {
    if op == "identity.invite-decode" && layer == Layer::Inner {
        input.insert(member.to_owned(), invite_text(content).into());
        return Some(());
    }
    let bytes = bytes_of(input, member)?;
    let closed = match layer {
        Layer::Outer => content.to_vec(),
        Layer::Header => {
            let id = content.try_into().ok()?;
            let header = masked(mask_key(op, input)?, *bytes.get(8..)?.first_chunk()?, id);
            [&header, &bytes[8..]].concat()
        }
        Layer::Signed if op == "primitives.verify" => {
            let signature = sign(signer(input, "key"), content);
            put(input, "signature", &signature);
            content.to_vec()
        }
        Layer::Signed => Envelope::of(op, input, &bytes)?.signed(&bytes, content),
        Layer::Inner if op == "primitives.aead-open" => {
            let nonce = bytes_of(input, "nonce")?.try_into().ok()?;
            aead_seal(key_of(input, "key")?, nonce, content)
        }
        Layer::Inner => Envelope::of(op, input, &bytes)?.sealed(op, &bytes, content),
    };
    put(input, member, &closed);
    Some(())
}

pub(crate) fn put(input: &mut Members, name: &str, bytes: &[u8]) {
    input.insert(name.to_owned(), Value::from(hex::encode(bytes)));
}

/// The key that masks the header which `op` reads.
fn mask_key(op: &str, input: &Members) -> Option<[u8; 32]> {
    let name = if matches!(op, "frame.uplink" | "frame.forward") { "c2s" } else { "s2c" };
    if let Some(key) = key_of(input, name) {
        return Some(key);
    }
    let shared = x25519_raw(key_of(input, "x25519_seed")?, key_of(input, "relay_x25519")?);
    Some(route_keys(shared).s2c)
}

/// The seed of the key under `name`; of a key whose seed nobody knows, somebody's.
pub(crate) fn signer(input: &Members, name: &str) -> [u8; 32] {
    bytes_of(input, name).and_then(|key| seed_of(&key)).unwrap_or(PEOPLE[0].ed_seed)
}

/// How a member is sealed and signed.
pub(crate) struct Envelope {
    prefix: usize,
    shared: [u8; 32],
    /// Seed of the key that signs.
    pub(crate) signer: [u8; 32],
}

impl Envelope {
    /// That of the one sealed member of `op`, which holds `bytes`.
    pub(crate) fn of(op: &str, input: &Members, bytes: &[u8]) -> Option<Self> {
        let key = |name| key_of(input, name);
        let (prefix, own, peer, signer) = match op {
            "packet.open" => {
                (0, key("x25519_seed")?, key("peer_x25519")?, signer(input, "peer_ed25519"))
            }
            "relay.open" | "handshake.read-reply" => {
                (8, key("x25519_seed")?, key("relay_x25519")?, signer(input, "relay_ed25519"))
            }
            "handshake.accept" => {
                let own = key("relay_x25519_seed")?;
                let x = bytes.first_chunk().copied().unwrap_or(alice().public().x);
                let mut hello = Self { prefix: 32, shared: x25519_raw(own, x), signer: [0; 32] };
                let ed = hello.inner(op, bytes).get(3..35).and_then(seed_of);
                hello.signer = ed.unwrap_or(alice().ed_seed);
                return Some(hello);
            }
            _ => return None,
        };
        Some(Self { prefix, shared: x25519_raw(own, peer), signer })
    }

    /// What the signature covers.
    pub(crate) fn signed_part<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.prefix..bytes.len().saturating_sub(64)).unwrap_or_default()
    }

    fn nonce(&self, bytes: &[u8]) -> [u8; 24] {
        let nonce = bytes.get(self.prefix..).and_then(<[u8]>::first_chunk);
        nonce.copied().unwrap_or_default()
    }

    /// The plaintext; of what does not open, the one that would be most in place.
    fn inner(&self, op: &str, bytes: &[u8]) -> Vec<u8> {
        let sealed = self.signed_part(bytes).get(24..).unwrap_or_default();
        let opened = aead_open(self.shared, self.nonce(bytes), sealed);
        opened.unwrap_or_else(|_| match op {
            "handshake.accept" => hello_inner(alice().public().ed, 2),
            "handshake.read-reply" => vec![0, 0, 2, 2],
            _ => vec![7, 0, 0x20],
        })
    }

    fn prefix<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(..self.prefix).unwrap_or(bytes)
    }

    fn signed(&self, bytes: &[u8], range: &[u8]) -> Vec<u8> {
        [self.prefix(bytes), range, &sign(self.signer, range)].concat()
    }

    fn sealed(&self, op: &str, bytes: &[u8], inner: &[u8]) -> Vec<u8> {
        let nonce = self.nonce(bytes);
        let range = [&nonce[..], &aead_seal(self.shared, nonce, inner)].concat();
        // A hello is signed by the key that it names.
        let named = inner.get(3..35).filter(|_| op == "handshake.accept").and_then(seed_of);
        let signature = sign(named.unwrap_or(self.signer), &range);
        [self.prefix(bytes), &range, &signature].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::super::grounds::GROUNDS;
    use super::*;
    use crate::vectors::{Input, Steps, by_model};

    /// What is taken out and put back unchanged is as right as it was before.
    #[test]
    fn what_the_model_accepts_it_accepts_when_sealed_again() {
        let mut tried = 0;
        for op in GROUNDS.ops() {
            for ground in GROUNDS.of_op(op, false) {
                let verdict = |members: &Members| {
                    let input = Input::each(members).unwrap().remove(0);
                    by_model::run(op, &input, &mut Steps::default())
                };
                if verdict(&ground.input).is_err() {
                    continue;
                }
                for member in ground.input.keys() {
                    for layer in layers(op, member) {
                        let mut input = ground.input.clone();
                        let Some(content) = open(op, &input, member, *layer) else { continue };
                        close(op, &mut input, member, *layer, &content).unwrap();
                        assert!(verdict(&input).is_ok(), "{} {member} {layer:?}", ground.id);
                        tried += usize::from(*layer != Layer::Outer);
                    }
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }
}
