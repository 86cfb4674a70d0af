//! Chapter 2, identity: seeds, ids, invites, safety numbers.
//!
//! ```text
//! id     = X25519 public key [0..8], as sent
//! invite = "K0" ‖ base64url(X pub 32 ‖ Ed pub 32 ‖ nickname UTF-8)
//! ```
//!
//! Clauses: every `identity/*`.

use super::primitives::{
    SAFETY_NUMBER, derive, ed25519_public, import_ed25519, import_x25519, x25519_public,
};
use super::{Judged, array};

/// The id that means "the relay".
pub(crate) const RELAY_ID: [u8; 8] = [0; 8];
/// Separates a name from its contact type: U+241F.
pub(crate) const TYPE_MARK: char = '\u{241f}';
/// Most bytes of a nickname, its type included, that an encoder writes.
pub(crate) const NICKNAME_WRITE_MAX: usize = 64;
/// Most bytes of a nickname that a decoder reads.
pub(crate) const NICKNAME_READ_MAX: usize = 1024;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Two independent seeds: everything a party owns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    /// Seed of the X25519 key pair.
    pub(crate) x_seed: [u8; 32],
    /// RFC 8032 seed of the Ed25519 key pair.
    pub(crate) ed_seed: [u8; 32],
}

/// The two public keys of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Public {
    /// X25519 public key.
    pub(crate) x: [u8; 32],
    /// Ed25519 public key.
    pub(crate) ed: [u8; 32],
}

impl Keys {
    /// The keys of two seeds.
    pub(crate) fn from_seeds(x_seed: [u8; 32], ed_seed: [u8; 32]) -> Self {
        Self { x_seed, ed_seed }
    }

    /// The same from bytes of any length.
    pub(crate) fn from_slices(x_seed: &[u8], ed_seed: &[u8]) -> Judged<Self> {
        let seed = |bytes: &[u8]| bytes.try_into().map_err(|_| "identity/seeds");
        Ok(Self { x_seed: seed(x_seed)?, ed_seed: seed(ed_seed)? })
    }

    /// Both public keys, recomputed from the seeds.
    pub(crate) fn public(&self) -> Public {
        Public { x: x25519_public(self.x_seed), ed: ed25519_public(self.ed_seed) }
    }

    /// The id of the X25519 key.
    pub(crate) fn id(&self) -> [u8; 8] {
        self.public().id()
    }
}

impl Public {
    /// Both keys as received, X25519 judged first.
    pub(crate) fn import(x: [u8; 32], ed: [u8; 32]) -> Judged<Self> {
        Ok(Self { x: import_x25519(x)?, ed: import_ed25519(ed)? })
    }

    /// `X pub [0..8]`, as sent.
    pub(crate) fn id(&self) -> [u8; 8] {
        array(&self.x, 0)
    }

    /// `X pub ‖ Ed pub`.
    pub(crate) fn bytes(&self) -> [u8; 64] {
        array(&[self.x, self.ed].concat(), 0)
    }
}

/// A name and its contact type, told apart at the last U+241F.
pub(crate) fn split_type(nickname: &str) -> (&str, Option<&str>) {
    match nickname.rsplit_once(TYPE_MARK) {
        Some((name, kind)) => (name, Some(kind)),
        None => (nickname, None),
    }
}

/// The invite of keys that pass their import.
pub(crate) fn invite_encode(public: &Public, nickname: &str) -> Judged<String> {
    Public::import(public.x, public.ed)?;
    if nickname.len() > NICKNAME_WRITE_MAX {
        return Err("identity/invite-nickname");
    }
    Ok(invite_text(&[&public.bytes()[..], nickname.as_bytes()].concat()))
}

/// `K0` and base64url of any payload.
pub(crate) fn invite_text(payload: &[u8]) -> String {
    format!("K0{}", base64url(payload))
}

/// The keys and the nickname of an invite, bare or in a URL.
pub(crate) fn invite_decode(text: &str) -> Judged<(Public, String)> {
    let code = invite_code(text.trim_matches(|c: char| c.is_ascii_whitespace()))?;
    let payload = code.strip_prefix("K0").ok_or("identity/invite-prefix")?;
    let payload = base64url_decode(payload).ok_or("identity/invite-encoding")?;
    if payload.len() < 64 {
        return Err("identity/invite-length");
    }
    if payload.len() > 64 + NICKNAME_READ_MAX {
        return Err("identity/invite-nickname-read");
    }
    let nickname = String::from_utf8(payload[64..].to_vec()).map_err(|_| "identity/invite-utf8")?;
    Ok((Public::import(array(&payload, 0), array(&payload, 32))?, nickname))
}

/// The code itself: the whole text, or what a URL carries as `peer` in its query or fragment, or
/// as its whole fragment.
fn invite_code(text: &str) -> Judged<&str> {
    if !text.contains("://") {
        return Ok(text);
    }
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let whole = Some(fragment).filter(|fragment| fragment.starts_with("K0"));
    peer_of(query).or(peer_of(fragment)).or(whole).ok_or("identity/invite-url")
}

/// The value of `peer` among `name=value` pairs.
fn peer_of(pairs: &str) -> Option<&str> {
    pairs.split('&').find_map(|pair| pair.strip_prefix("peer="))
}

/// Six bits a character, most significant first, no padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let bits = |at: usize| -> usize {
        (at..at + 6).fold(0, |acc, bit| {
            let byte = bytes.get(bit / 8).copied().unwrap_or(0);
            acc << 1 | usize::from(byte >> (7 - bit % 8) & 1)
        })
    };
    (0..bytes.len() * 8).step_by(6).map(|at| char::from(ALPHABET[bits(at)])).collect()
}

/// The only bytes that encode to `text`, if there are any: another alphabet, padding, stray bits
/// and impossible lengths all fail.
pub(crate) fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut pending, mut count) = (0u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        pending = pending << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((pending >> count & 0xff) as u8);
        }
    }
    (base64url(&bytes) == text).then_some(bytes)
}

/// Sixty bytes derived from both parties, as twelve groups of five digits.
pub(crate) fn safety_number(a: &Public, b: &Public) -> Judged<String> {
    for party in [a, b] {
        Public::import(party.x, party.ed)?;
    }
    let stream = derive(SAFETY_NUMBER, &safety_material(a, b), 60)?;
    let group = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)) % 100_000;
    let groups: Vec<String> = stream.chunks(5).map(|five| format!("{:05}", group(five))).collect();
    Ok(groups.join(" "))
}

/// `X pub ‖ Ed pub` of both, sorted bytewise.
pub(crate) fn safety_material(a: &Public, b: &Public) -> Vec<u8> {
    let mut parties = [a.bytes(), b.bytes()];
    parties.sort();
    parties.concat()
}
