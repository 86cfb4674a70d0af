//! The forwarder on real sockets: what `sealwire load` does not ask of it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use sealwire::frame::{Downlink, address_to};
use sealwire::handshake::{ClientLink, HELLO, Reply, hello};

use super::forwarder::Forwarder;
use super::*;
use crate::machine::Poll;
use crate::websocket::{Head, Opcode, frame, upgrade};
use sealwire::identity::Identity;

const KEY: [u8; 4] = [9, 8, 7, 6];
/// Of one sender; together they fill what sockets hold many times over.
const FRAMES: usize = 300;
const SIZE: usize = 20_000;

struct Client {
    socket: TcpStream,
    identity: Identity,
    link: ClientLink,
    /// Read and not taken yet.
    held: Vec<u8>,
}

impl Client {
    fn join(address: SocketAddr, relay: &sealwire::identity::PublicIdentity) -> Self {
        let mut socket = TcpStream::connect(address).expect("connects");
        let mut held = Vec::new();
        socket.write_all(&upgrade::request("x", "/ws")).expect("asks");
        while !matches!(upgrade::answered(&held), Ok(Some(_))) {
            more(&mut socket, &mut held);
        }
        held.clear();
        let own = new_identity().expect("keys");
        let mut message = [0; HELLO];
        let nonce = sealwire::primitives::FreshNonce::from_random([1; 24]);
        let waiting = hello(&mut message, &own, relay, nonce).expect("a hello");
        socket.write_all(&frame(Opcode::Binary, &message, Some(KEY))).expect("says hello");
        let mut reply = take(&mut socket, &mut held);
        let Ok(Reply::Session(link)) = waiting.receive(&mut reply) else { panic!("no session") };
        Self { socket, identity: own, link, held }
    }

    fn frame_to(&self, other: &Self, number: usize) -> Vec<u8> {
        let mut bytes = vec![number as u8; SIZE];
        address_to(&mut bytes, self.link.routes(), other.identity.id()).expect("a frame");
        frame(Opcode::Binary, &bytes, Some(KEY))
    }
}

fn more(socket: &mut TcpStream, held: &mut Vec<u8>) {
    let mut bytes = [0; 65_536];
    let count = socket.read(&mut bytes).expect("reads");
    assert!(count > 0, "the connection ended");
    held.extend_from_slice(&bytes[..count]);
}

/// The payload of the next frame.
fn take(socket: &mut TcpStream, held: &mut Vec<u8>) -> Vec<u8> {
    loop {
        if let Ok(Some((head, size))) = Head::parse(held)
            && held.len() >= size + head.length
        {
            let rest = held.split_off(size + head.length);
            let whole = std::mem::replace(held, rest);
            return whole[size..].to_vec();
        }
        more(socket, held);
    }
}

fn forwarder(mask: bool) -> (SocketAddr, sealwire::identity::PublicIdentity) {
    let own = new_identity().expect("keys");
    let public = *own.public();
    let (listener, address) = listen("127.0.0.1:0".parse().expect("one")).expect("a port");
    // It serves until the tests end.
    thread::spawn(move || {
        let poll = Poll::new().expect("epoll");
        Forwarder::new(listener, poll, own, mask).and_then(Forwarder::serve)
    });
    (address, public)
}

#[test]
fn frames_of_two_senders_reach_one_recipient_whole_and_in_order() {
    let (address, relay) = forwarder(true);
    let mut recipient = Client::join(address, &relay);
    let senders = [(); 2].map(|()| Client::join(address, &relay));
    let ids = senders.each_ref().map(|sender| sender.identity.id());
    // Both push against a recipient that reads only when neither has room left.
    let writers = senders.map(|mut sender| {
        let frames: Vec<_> =
            (0..FRAMES).flat_map(|number| sender.frame_to(&recipient, number)).collect();
        thread::spawn(move || {
            sender.socket.write_all(&frames).expect("writes");
            sender
        })
    });
    thread::sleep(Duration::from_millis(200));
    let mut next = [0; 2];
    for _ in 0..2 * FRAMES {
        let frame = take(&mut recipient.socket, &mut recipient.held);
        let from = Downlink::parse(&frame).expect("a frame").from(recipient.link.routes());
        let sender = ids.iter().position(|id| *id == from).expect("a sender");
        assert_eq!(frame.len(), SIZE);
        assert!(frame[8..].iter().all(|byte| *byte == next[sender] as u8), "{next:?}");
        next[sender] += 1;
    }
    assert_eq!(next, [FRAMES; 2]);
    writers.into_iter().for_each(|writer| drop(writer.join().expect("wrote")));
}

#[test]
fn who_is_not_there_gets_nothing_and_the_next_one_does() {
    let (address, relay) = forwarder(true);
    let (mut sender, absent) = (Client::join(address, &relay), Client::join(address, &relay));
    let to_absent = sender.frame_to(&absent, 1);
    drop(absent.socket.shutdown(std::net::Shutdown::Both));
    let mut recipient = Client::join(address, &relay);
    let to_recipient = sender.frame_to(&recipient, 2);
    sender.socket.write_all(&[to_absent, to_recipient].concat()).expect("writes");
    let frame = take(&mut recipient.socket, &mut recipient.held);
    assert!(frame[8..].iter().all(|byte| *byte == 2));
}

#[test]
fn a_ping_is_answered_in_either_form() {
    let (address, relay) = forwarder(false);
    let mut client = Client::join(address, &relay);
    for (opcode, payload, answer) in
        [(Opcode::Text, &b"ping"[..], &b"pong"[..]), (Opcode::Ping, b"here", b"here")]
    {
        client.socket.write_all(&frame(opcode, payload, Some(KEY))).expect("writes");
        assert_eq!(take(&mut client.socket, &mut client.held), answer);
    }
}

#[test]
fn it_listens_on_this_machine_only() {
    assert!(loopback("127.0.0.1:80").is_ok() && loopback("[::1]:80").is_ok());
    assert!(loopback("0.0.0.0:80").is_err() && loopback("localhost").is_err());
}
