//! What a client does, in words that can be compared: frames opened by the one they are for.

use crate::people::{ALICE, BOB, RELAY, identity, pair, public, routes, whose};
use sealwire::{
    frame::{HEADER, Uplink},
    handshake::{AwaitHello, HELLO, Hello, RelayLink},
    identity::PeerId,
    packet::{self, MIN},
    primitives::NonceBytes,
    relay::ToRelay,
};
use sealwire_client::{
    contract::{Code, Event},
    peer::Action,
};

/// Key of a peer, as the contract names it.
pub(crate) type Key = [u8; 32];
/// Of a text.
pub(crate) type Uuid = [u8; 16];

/// An action, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Connect,
    Disconnect,
    Pong,
    Stop,
    Refused(&'static str, u64),
    Hello,
    Subscribe(Vec<Key>),
    Introduce(PeerId, usize),
    Text { to: PeerId, uuid: Uuid, length: usize },
    Acknowledge { to: PeerId, uuid: Uuid },
    Ready(u64),
    Contact(usize, String),
    Message { peer: Key, name: String, uuid: Uuid, text: String },
    Delivered { peer: Key, uuid: Uuid },
    Undeliverable { peer: Key, uuid: Uuid },
    Presence(Key, bool),
    Introduced { who: usize, name: String, known: bool },
    Notice(String),
    Fault { code: Code, fatal: bool, retry: bool },
}

/// Everything that was sent, and who can read it.
#[derive(Default)]
pub(crate) struct Reader {
    link: Option<RelayLink>,
    /// Of every frame, the hellos among them.
    pub(crate) nonces: Vec<NonceBytes>,
    /// Every frame behind a hello.
    pub(crate) frames: Vec<Vec<u8>>,
    /// Every text: for whom, which, and under which nonce.
    pub(crate) texts: Vec<(PeerId, Uuid, NonceBytes)>,
}

impl Reader {
    pub(crate) fn open(&mut self, action: &Action) -> Seen {
        match action {
            Action::Connect => Seen::Connect,
            Action::Disconnect => Seen::Disconnect,
            Action::Pong => Seen::Pong,
            Action::Stop => Seen::Stop,
            Action::Refused { reason, count } => Seen::Refused(reason, *count),
            Action::Event(event) => shown(event),
            // No frame of this client is as long as a hello and opens as one.
            Action::Binary(message) => self.hello(message).unwrap_or_else(|| self.frame(message)),
        }
    }

    fn hello(&mut self, message: &[u8]) -> Option<Seen> {
        let mut message = <[u8; HELLO]>::try_from(message).ok()?;
        let await_hello = AwaitHello::new(identity(RELAY));
        let Ok(Hello::Admitted(admitted)) = await_hello.receive(&mut message) else { return None };
        assert_eq!(admitted.peer(), public(ALICE));
        self.nonces.push(NonceBytes(*admitted.mark().first_chunk().unwrap()));
        self.link = Some(admitted.into_link());
        Some(Seen::Hello)
    }

    fn frame(&mut self, frame: &[u8]) -> Seen {
        let uplink = Uplink::parse(frame).expect("a frame");
        let (to, nonce) = (uplink.to(routes()), uplink.nonce());
        self.nonces.push(nonce);
        self.frames.push(frame.to_vec());
        let mut opened = frame.to_vec();
        if to.is_relay() {
            let link = self.link.as_ref().expect("a hello stands before every frame");
            let inner = link.open_command(&mut opened).expect("sealed for the relay");
            return match ToRelay::parse(inner.command, inner.body).expect("a command") {
                ToRelay::Subscribe(keys) => Seen::Subscribe(keys.as_slice().to_vec()),
                ToRelay::Introduce { target, nickname } => Seen::Introduce(target, nickname.len()),
                other => panic!("nobody asked for {other:?}"),
            };
        }
        let who = (BOB..=RELAY).find(|who| public(*who).id() == to).expect("for somebody");
        let alice = packet::PairKey::between(identity(who), public(ALICE)).unwrap();
        let inner = packet::open(&mut opened[HEADER..], &alice).expect("sealed for its recipient");
        let uuid = *inner.body.first_chunk().expect("a uuid");
        match inner.command {
            0x20 => {
                self.texts.push((to, uuid, nonce));
                Seen::Text { to, uuid, length: frame.len() - HEADER - MIN - 16 }
            }
            0x27 => Seen::Acknowledge { to, uuid },
            other => panic!("no peer understands {other:02x}"),
        }
    }
}

fn shown(event: &Event) -> Seen {
    match event.clone() {
        Event::Ready { session, .. } => Seen::Ready(session),
        Event::Contact { person, .. } => {
            Seen::Contact(whose(&person.peer.0, &person.ed25519.0).unwrap(), person.name)
        }
        Event::Message { peer, name, uuid, text } => {
            Seen::Message { peer: peer.0, name, uuid: uuid.0, text }
        }
        Event::Delivered { peer, uuid, .. } => Seen::Delivered { peer: peer.0, uuid: uuid.0 },
        Event::Undeliverable { peer, uuid, .. } => {
            Seen::Undeliverable { peer: peer.0, uuid: uuid.0 }
        }
        Event::Presence { peer, online } => Seen::Presence(peer.0, online),
        Event::Introduced { person, known, .. } => {
            let who = whose(&person.peer.0, &person.ed25519.0).unwrap();
            Seen::Introduced { who, name: person.name, known }
        }
        Event::Notice { text } => Seen::Notice(text),
        Event::Error(fault) => {
            Seen::Fault { code: fault.code, fatal: fault.fatal, retry: fault.retry_ms.is_some() }
        }
    }
}

/// Any frame for Alice: a packet that `by` sealed for her and `signer` signed, from `header`.
pub(crate) fn sealed(
    by: usize,
    signer: usize,
    header: PeerId,
    nonce: u64,
    said: (u8, &[u8]),
) -> Vec<u8> {
    let (command, body) = said;
    let mut frame = vec![0; HEADER + MIN + body.len()];
    let mut bytes = [0xee; 24];
    bytes[..8].copy_from_slice(&nonce.to_le_bytes());
    let nonce = sealwire::primitives::FreshNonce::from_random(bytes);
    let inner = packet::Inner { message_id: 7, command, body };
    // The pair key is the same at both ends; only who signs differs.
    packet::seal(&mut frame[HEADER..], pair(by), identity(signer), nonce, &inner).unwrap();
    sealwire::frame::address_from(&mut frame, routes(), header).unwrap();
    frame
}
