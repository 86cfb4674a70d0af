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
    /// If it is longer than a frame of the relay's may be: the switchboard makes no such event.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::testing::identity;
    use sealwire::handshake::{AwaitHello, ClientLink, HELLO, Hello, Reply, hello};

    fn nonce(byte: u8) -> FreshNonce {
        FreshNonce::from_random([byte; 24])
    }

    /// Both ends of a session, whose first frame is the welcome.
    fn session(relay: &Identity) -> (ClientLink, RelayLink) {
        let mut message = [0; HELLO];
        let waiting = hello(&mut message, &identity(1), relay.public(), nonce(1)).unwrap();
        let Ok(Hello::Admitted(admitted)) = AwaitHello::new(relay).receive(&mut message) else {
            panic!()
        };
        let link = admitted.into_link();
        let Ok(Reply::Session(client)) =
            waiting.receive(&mut Event::Welcome.seal(&link, relay, nonce(2)))
        else {
            panic!()
        };
        (client, link)
    }

    #[test]
    fn every_event_arrives_and_weighs_at_least_its_frame() {
        let relay = identity(0);
        let (client, link) = session(&relay);
        let (keys, peer) = (vec![[7; 32]; 9], *identity(2).public());
        let (target, nickname) = (PeerId([5; 8]), "n".repeat(99));
        let token: Box<[u8]> = nickname.as_bytes().into();
        let offline = ErrorCode::RecipientOffline { target, nonce: NonceBytes([6; 24]) };
        let events = [
            (Event::Online(keys.clone()), FromRelay::PeerOnline(Keys::new(&keys))),
            (Event::Offline(keys.clone()), FromRelay::PeerOffline(Keys::new(&keys))),
            (Event::RecipientOffline(target, NonceBytes([6; 24])), FromRelay::Error(offline)),
            (
                Event::Introduction(Box::new(peer), token.clone()),
                FromRelay::IntroFrom { peer, nickname: &nickname },
            ),
            (Event::Wake(target, Some(3)), FromRelay::Wake { target, kind: Some(3) }),
            (
                Event::Push(target, 4, token.clone()),
                FromRelay::PushRegister { sender: target, kind: 4, token: &token },
            ),
        ];
        for (event, expected) in events {
            let mut frame = event.seal(&link, &relay, nonce(3));
            assert!(frame.len() <= event.size(), "{event:?}");
            let inner = client.open_event(&mut frame).unwrap();
            assert_eq!(FromRelay::parse(inner.command, inner.body), Ok(expected));
        }
    }
}
