//! The peer in simulated time: a clock that jumps, random bytes that repeat, and a relay that does
//! what a test says.

mod connecting;
mod hostile;
mod introductions;
mod messages;

use super::{Action, Input, Peer, Random, Setup};
use crate::{
    contract::{Code, Command, Event, Fault, Hex},
    limits::Limits,
    message::{FromPeer, text_body},
};
use sealwire::{
    frame::{HEADER, Uplink, address_from},
    handshake::{AwaitHello, Hello, RelayLink},
    identity::{Identity, Invite, MAX_INVITE, Nickname, PeerId},
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, NonceBytes, Secret},
    relay::{FromRelay, ToRelay},
};
use std::time::Duration;

const ALICE: u8 = 1;
const BOB: u8 = 2;
const CAROL: u8 = 3;
const RELAY: u8 = 9;
const SECOND: Duration = Duration::from_secs(1);

fn identity(byte: u8) -> Identity {
    mixed(byte, byte ^ 0x80)
}

fn mixed(x25519: u8, ed25519: u8) -> Identity {
    Identity::from_seeds(&Secret::new([x25519; 32]), &Secret::new([ed25519; 32])).unwrap()
}

fn key(byte: u8) -> [u8; 32] {
    *identity(byte).public().x25519()
}

fn invite(peer: &Identity, nickname: &str) -> String {
    let mut out = [0; MAX_INVITE];
    let invite = Invite { peer: *peer.public(), nickname: Nickname(nickname) };
    invite.encode(&mut out).unwrap().to_owned()
}

/// The splitmix64 sequence: every draw differs, every run is the same.
struct Dice(u64);

impl Random for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 32) as u8;
        }
    }
}

fn nonce(dice: &mut Dice) -> FreshNonce {
    FreshNonce::from_random(super::draw(dice))
}

/// Alice's peer, and all the world around it.
struct World {
    peer: Peer,
    now: Duration,
    dice: Dice,
    relay: Identity,
    link: Option<RelayLink>,
}

impl World {
    fn new(limits: Limits) -> Self {
        let setup = Setup {
            identity: identity(ALICE),
            relay: *identity(RELAY).public(),
            limits,
            accept: false,
        };
        Self {
            peer: Peer::new(setup),
            now: 1_000 * SECOND,
            dice: Dice(7),
            relay: identity(RELAY),
            link: None,
        }
    }

    /// With a session, in which Bob is a contact.
    fn ready() -> Self {
        let mut world = Self::new(Limits::default());
        world.connect();
        world.contact(&identity(BOB), "Bob");
        world
    }

    fn input(&mut self, input: Input<'_>) -> Vec<Action> {
        self.peer.handle(input, self.now, &mut self.dice);
        std::iter::from_fn(|| self.peer.poll_action()).collect()
    }

    /// Lets time pass, without anything else.
    fn pass(&mut self, time: Duration) -> Vec<Action> {
        self.now += time;
        self.input(Input::Tick)
    }

    /// Waits for the next attempt, opens the connection, and returns its hello.
    fn dial(&mut self) -> Vec<u8> {
        self.now = self.now.max(self.peer.wake().unwrap());
        assert_eq!(self.input(Input::Tick), [Action::Connect]);
        let actions = self.input(Input::Connected);
        let [Action::Binary(hello)] = <[_; 1]>::try_from(actions).unwrap() else { panic!() };
        hello
    }

    /// The relay's link for a hello.
    fn admit(&self, mut hello: Vec<u8>) -> RelayLink {
        match AwaitHello::new(&self.relay).receive(&mut hello) {
            Ok(Hello::Admitted(admitted)) => admitted.into_link(),
            other => panic!("{other:?}"),
        }
    }

    /// A whole handshake; what follows the reply.
    fn connect(&mut self) -> Vec<Action> {
        let hello = self.dial();
        self.link = Some(self.admit(hello));
        self.relay_says(&FromRelay::HandshakeOk)
    }

    fn seal_event(&mut self, event: &FromRelay<'_>) -> Vec<u8> {
        let mut frame = vec![0; 1 << 17];
        let nonce = nonce(&mut self.dice);
        let link = self.link.as_ref().unwrap();
        let length = link.seal_event(&mut frame, &self.relay, nonce, event).unwrap();
        frame.truncate(length);
        frame
    }

    /// A frame of the relay's own that no honest one builds.
    fn seal_from_relay(&mut self, command: u8, body: &[u8]) -> Vec<u8> {
        let mut frame = self.seal_packet(&identity(RELAY), command, body);
        self.address(&mut frame, PeerId::RELAY);
        frame
    }

    fn relay_says(&mut self, event: &FromRelay<'_>) -> Vec<Action> {
        let mut frame = self.seal_event(event);
        self.input(Input::Binary(&mut frame))
    }

    fn seal_packet(&mut self, from: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
        let pair = PairKey::between(from, identity(ALICE).public()).unwrap();
        let mut frame = vec![0; HEADER + packet::MIN + body.len()];
        let inner = Inner { message_id: 7, command, body };
        packet::seal(&mut frame[HEADER..], &pair, from, nonce(&mut self.dice), &inner).unwrap();
        self.address(&mut frame, from.id());
        frame
    }

    fn address(&self, frame: &mut [u8], from: PeerId) {
        address_from(frame, self.link.as_ref().unwrap().routes(), from).unwrap();
    }

    fn peer_says(&mut self, from: &Identity, command: u8, body: &[u8]) -> Vec<Action> {
        let mut frame = self.seal_packet(from, command, body);
        self.input(Input::Binary(&mut frame))
    }

    fn ask(&mut self, command: Command) -> Vec<Action> {
        self.input(Input::Command(command))
    }

    fn contact(&mut self, peer: &Identity, name: &str) -> Vec<Action> {
        let invite = invite(peer, name);
        self.ask(Command::Contact { invite, name: None, reference: None })
    }

    fn send(&mut self, to: u8, text: &str) -> Vec<Action> {
        let reference = Some(format!("ref of {text}"));
        let (peer, text) = (Hex(key(to)), text.into());
        self.ask(Command::Send { peer, text, uuid: None, reference })
    }

    /// What a frame of Alice's says to a peer: uuid, nonce and text of a TEXT.
    fn text_to(&self, to: &Identity, frame: &[u8]) -> ([u8; 16], NonceBytes, String) {
        let uplink = Uplink::parse(frame).unwrap();
        assert_eq!(uplink.to(self.link.as_ref().unwrap().routes()), to.id());
        let nonce = uplink.nonce();
        let (mut packet, alice) = (uplink.packet().to_vec(), identity(ALICE));
        let pair = PairKey::between(to, alice.public()).unwrap();
        let inner = packet::open(&mut packet, &pair).unwrap();
        match FromPeer::parse(inner.command, inner.body) {
            Some(FromPeer::Text { uuid, text }) => (uuid, nonce, text.to_owned()),
            other => panic!("{other:?}"),
        }
    }

    /// The uuid that a frame of Alice's acknowledges to a peer.
    fn acknowledged(&self, to: &Identity, frame: &[u8]) -> [u8; 16] {
        let (mut packet, alice) = (frame[HEADER..].to_vec(), identity(ALICE));
        let pair = PairKey::between(to, alice.public()).unwrap();
        let inner = packet::open(&mut packet, &pair).unwrap();
        match FromPeer::parse(inner.command, inner.body) {
            Some(FromPeer::DeliveryAck { uuid }) => uuid,
            other => panic!("{other:?}"),
        }
    }

    /// What a frame of Alice's asks of the relay: the command and its body.
    fn asked(&self, frame: &[u8]) -> (u8, Vec<u8>) {
        let mut frame = frame.to_vec();
        let inner = self.link.as_ref().unwrap().open_command(&mut frame).unwrap();
        ToRelay::parse(inner.command, inner.body).unwrap();
        (inner.command, inner.body.to_vec())
    }
}

/// SUBSCRIBE to Bob's key, as [`World::asked`] gives it.
fn subscribe_bob() -> (u8, Vec<u8>) {
    (0x40, key(BOB).to_vec())
}

fn frames(actions: &[Action]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    for action in actions {
        if let Action::Binary(frame) = action {
            frames.push(frame.as_slice());
        }
    }
    frames
}

fn events(actions: &[Action]) -> Vec<&Event> {
    let mut events = Vec::new();
    for action in actions {
        if let Action::Event(event) = action {
            events.push(event);
        }
    }
    events
}

fn faults(actions: &[Action]) -> Vec<&Fault> {
    let mut faults = Vec::new();
    for event in events(actions) {
        if let Event::Error(fault) = event {
            faults.push(fault);
        }
    }
    faults
}

fn codes(actions: &[Action]) -> Vec<Code> {
    faults(actions).iter().map(|fault| fault.code).collect()
}

/// The only reason for which frames were refused.
fn refused(actions: &[Action]) -> &'static str {
    match actions {
        [Action::Refused { reason, .. }] => reason,
        other => panic!("{other:?}"),
    }
}
