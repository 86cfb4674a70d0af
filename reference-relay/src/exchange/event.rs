//! Frames of the relay's own, before they are sealed: what waits in a lane is small and holds no
//! ciphertext, and whoever caused it does not pay for the signature.
//!
//! Clauses: `frame/relay-limit`, `handshake/reply-layout`, `relay/introduce`.

use sealwire::{
    frame::COMMAND_OVERHEAD,
    handshake::RelayLink,
    identity::{Identity, PeerId, PublicIdentity},
    primitives::{FreshNonce, NonceBytes},
    relay::{ErrorCode, FromRelay, Keys},
};

/// An X25519 key as presence compares it.
pub type Key = [u8; 32];

/// An event of the relay's own, not sealed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// HANDSHAKE_OK.
    Welcome,
    /// PEER_ONLINE.
    Online(Vec<Key>),
    /// PEER_OFFLINE.
    Offline(Vec<Key>),
    /// ERROR recipient_offline.
    RecipientOffline(PeerId, NonceBytes),
    /// INTRO_FROM; the nickname unread.
    Introduction(Box<PublicIdentity>, Box<[u8]>),
    /// WAKE.
    Wake(PeerId, Option<u8>),
    /// PUSH_REGISTER: sender, kind, token.
    Push(PeerId, u8, Box<[u8]>),
}

/// The longest fixed part of a body: the two keys of an INTRO_FROM.
const FIXED: usize = 64;

impl Event {
    /// What it weighs in a lane: at least the bytes of its frame.
    #[must_use]
    pub fn size(&self) -> usize {
        let tail = match self {
            Self::Online(keys) | Self::Offline(keys) => keys.as_flattened().len(),
            Self::Introduction(_, bytes) | Self::Push(_, _, bytes) => bytes.len(),
            _ => 0,
        };
        COMMAND_OVERHEAD + FIXED + tail
    }

    /// The whole frame for one session.
    ///
    /// # Panics
    /// Never: [`Self::size`] covers every event.
    #[must_use]
    pub fn seal(&self, link: &RelayLink, relay: &Identity, nonce: FreshNonce) -> Vec<u8> {
        let mut frame = vec![0; self.size()];
        let event = match self {
            Self::Welcome => FromRelay::HandshakeOk,
            Self::Online(keys) => FromRelay::PeerOnline(Keys::new(keys)),
            Self::Offline(keys) => FromRelay::PeerOffline(Keys::new(keys)),
            Self::RecipientOffline(target, nonce) => {
                FromRelay::Error(ErrorCode::RecipientOffline { target: *target, nonce: *nonce })
            }
            Self::Introduction(from, nickname) => {
                let sealed = link.seal_introduction(&mut frame, relay, nonce, from, nickname);
                frame.truncate(sealed.expect("the buffer holds two keys and the nickname"));
                return frame;
            }
            Self::Wake(target, kind) => FromRelay::Wake { target: *target, kind: *kind },
            Self::Push(sender, kind, token) => {
                FromRelay::PushRegister { sender: *sender, kind: *kind, token }
            }
        };
        let sealed = link.seal_event(&mut frame, relay, nonce, &event);
        frame.truncate(sealed.expect("the buffer holds every event"));
        frame
    }
}
