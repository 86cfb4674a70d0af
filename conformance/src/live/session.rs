//! A session with the relay under judgement, as a client that keeps every rule.

use tokio::select;
use tokio::time::{Instant, timeout_at};

use crate::layout;
use crate::model::frame::{Routes, read_downlink, route_keys, uplink};
use crate::model::handshake::{ERROR, hello_parts, read_reply};
use crate::model::identity::{Public, RELAY_ID};
use crate::model::packet::{Inner, nonce_of, open, seal};
use crate::model::primitives::x25519;
use crate::model::relay::recipient_offline_body;

use super::outcome::{Outcome, Stop, abbreviated, fail, require, same_bytes};
use super::seed::Random;
use super::socket::{Heard, Socket};
use super::target::Person;

/// The smallest packet that a relay must forward: nonce, tag, signature.
pub(crate) const SMALLEST_PACKET: usize = 104;

/// What a session gets to see, keep-alive aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// An event of the relay, opened and verified.
    Event(Inner),
    /// A peer's frame: the id its header names, and the packet.
    Frame([u8; 8], Vec<u8>),
    /// A text other than the relay's `ping`.
    Text(String),
    /// A close and its code.
    Close(Option<u16>),
    /// The end of the stream.
    End,
}

impl Seen {
    /// The same in words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Event(inner) => {
                format!("event {:02x} with the body {}", inner.command, abbreviated(&inner.body))
            }
            Self::Frame(from, packet) => {
                format!("a frame from {} of {} bytes", hex::encode(from), packet.len() + 8)
            }
            Self::Text(text) => Heard::Text(text.clone()).describe(),
            Self::Close(code) => Heard::Close(*code).describe(),
            Self::End => Heard::End.describe(),
        }
    }
}

/// What a relay said to a hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A binary message: the version of the session, or the clause that forbids one.
    Reply(Result<u8, &'static str>),
    /// A close without any binary message before it.
    Close(Option<u16>),
    /// The end of the stream without a close.
    End,
}

/// The answer to a hello that was sent, keep-alive aside.
pub(crate) async fn answer(socket: &mut Socket, me: &Person, relay: &Public) -> Outcome<Answer> {
    loop {
        match socket.hear("an answer to the hello").await? {
            Heard::Binary(reply) => {
                return Ok(Answer::Reply(read_reply(me.keys.x_seed, relay, &reply)));
            }
            Heard::Close(code) => return Ok(Answer::Close(code)),
            Heard::End => return Ok(Answer::End),
            Heard::Text(_) | Heard::Ping(_) | Heard::Pong(_) => {}
        }
    }
}

/// An open session.
pub(crate) struct Session {
    /// The connection.
    pub(crate) socket: Socket,
    /// Who holds it.
    pub(crate) me: Person,
    relay: Public,
    shared: [u8; 32],
    routes: Routes,
    random: Random,
}

impl Session {
    /// Says hello and takes the reply.
    pub(crate) async fn open(
        mut socket: Socket,
        me: Person,
        relay: Public,
        mut random: Random,
    ) -> Outcome<Self> {
        let parts = hello_parts(&me.keys, relay.x, random.hello_nonce()).map_err(unusable)?;
        send(&mut socket, &parts.bytes()).await?;
        let answer = answer(&mut socket, &me, &relay).await?;
        require(answer == Answer::Reply(Ok(2)), "HANDSHAKE_OK", format!("{answer:?}"))?;
        Self::resume(socket, me, relay, random)
    }

    /// The session on a connection whose HANDSHAKE_OK was read elsewhere.
    pub(crate) fn resume(
        socket: Socket,
        me: Person,
        relay: Public,
        random: Random,
    ) -> Outcome<Self> {
        let shared = x25519(me.keys.x_seed, relay.x).map_err(unusable)?;
        Ok(Self { socket, me, relay, shared, routes: route_keys(shared), random })
    }

    /// The id of this session.
    pub(crate) fn id(&self) -> [u8; 8] {
        self.me.id()
    }

    /// A fresh packet of random bytes: a relay must not care what is in it.
    pub(crate) fn opaque(&mut self, length: usize) -> Vec<u8> {
        self.random.vec(length)
    }

    /// The frame that carries `packet` to `to`.
    pub(crate) fn frame(&self, to: [u8; 8], packet: &[u8]) -> Vec<u8> {
        uplink(self.routes.c2s, to, packet)
    }

    /// Sends `packet` to `to`.
    pub(crate) async fn send_packet(&mut self, to: [u8; 8], packet: &[u8]) -> Outcome {
        let frame = self.frame(to, packet);
        self.send_binary(&frame).await
    }

    /// Sends a packet of `length` random bytes to `to`, and says which.
    pub(crate) async fn send_opaque(&mut self, to: [u8; 8], length: usize) -> Outcome<Vec<u8>> {
        let packet = self.opaque(length);
        self.send_packet(to, &packet).await?;
        Ok(packet)
    }

    /// Sends one binary message.
    pub(crate) async fn send_binary(&mut self, message: &[u8]) -> Outcome {
        send(&mut self.socket, message).await
    }

    /// The packet of a command to the relay.
    pub(crate) fn command_packet(&mut self, command: u8, body: &[u8]) -> Vec<u8> {
        let (nonce, id) = (self.random.bytes(), u16::from_le_bytes(self.random.bytes()));
        seal(self.shared, self.me.keys.ed_seed, nonce, id, command, body)
    }

    /// Sends a command to the relay.
    pub(crate) async fn command(&mut self, command: u8, body: &[u8]) -> Outcome {
        let packet = self.command_packet(command, body);
        self.send_packet(RELAY_ID, &packet).await
    }

    /// What comes next, within the patience of the connection; `awaited` says what should.
    pub(crate) async fn next(&mut self, awaited: &str) -> Outcome<Seen> {
        let deadline = Instant::now() + self.socket.patience;
        loop {
            let Ok(heard) = timeout_at(deadline, self.socket.next()).await else {
                return Err(fail(awaited, format!("nothing for {:?}", self.socket.patience)));
            };
            if let Some(seen) = self.see(heard)? {
                return Ok(seen);
            }
        }
    }

    /// Reads one message as a client does; `None` for keep-alive.
    pub(crate) fn see(&self, heard: Heard) -> Outcome<Option<Seen>> {
        Ok(match heard {
            Heard::Ping(_) | Heard::Pong(_) => None,
            Heard::Text(text) if text == "ping" => None,
            Heard::Text(text) => Some(Seen::Text(text)),
            Heard::Close(code) => Some(Seen::Close(code)),
            Heard::End => Some(Seen::End),
            Heard::Binary(frame) => Some(self.read(&frame)?),
        })
    }

    fn read(&self, frame: &[u8]) -> Outcome<Seen> {
        let refused = |clause: &str| {
            let actual = format!("a frame of {} bytes that breaks [{clause}]", frame.len());
            fail("frames that a client can read", actual)
        };
        let (from, packet) = read_downlink(self.routes.s2c, frame).map_err(refused)?;
        if from != RELAY_ID {
            return Ok(Seen::Frame(from, packet));
        }
        open(self.shared, self.relay.ed, &packet).map(Seen::Event).map_err(refused)
    }

    /// The barrier: sends itself a frame, and returns what came before it. What this session sent
    /// earlier is handled by then, and what others queued for it before has arrived.
    pub(crate) async fn settle(&mut self) -> Outcome<Vec<Seen>> {
        let marker = self.send_opaque(self.id(), SMALLEST_PACKET).await?;
        let refused = recipient_offline_body(self.id(), nonce_of(&marker));
        let mut before = Vec::new();
        loop {
            match self.next("a frame to oneself comes back").await? {
                Seen::Frame(_, packet) if packet == marker => return Ok(before),
                Seen::Event(inner) if inner.command == ERROR && inner.body == refused => {
                    let actual = "ERROR recipient_offline for a frame to oneself";
                    return Err(fail("a session that is registered", actual));
                }
                end @ (Seen::Close(_) | Seen::End) => {
                    return Err(fail("the session stays open", end.describe()));
                }
                seen => before.push(seen),
            }
        }
    }

    /// Passes the barrier and fails if anything came before it.
    pub(crate) async fn quiet(&mut self, expected: &str) -> Outcome {
        match self.settle().await?.first() {
            None => Ok(()),
            Some(seen) => Err(fail(expected, seen.describe())),
        }
    }

    /// The body of the event that must come next.
    pub(crate) async fn event(&mut self, command: u8, awaited: &str) -> Outcome<Vec<u8>> {
        match self.next(awaited).await? {
            Seen::Event(inner) if inner.command == command => Ok(inner.body),
            other => Err(fail(awaited, other.describe())),
        }
    }

    /// The event that must come next, with exactly this body.
    pub(crate) async fn event_is(&mut self, command: u8, body: &[u8], awaited: &str) -> Outcome {
        let actual = self.event(command, awaited).await?;
        same_bytes(awaited, layout::body(command, true, body), body, &actual)
    }

    /// The frame that must come next: from whom, and the very packet.
    pub(crate) async fn frame_is(
        &mut self,
        from: [u8; 8],
        packet: &[u8],
        awaited: &str,
    ) -> Outcome {
        match self.next(awaited).await? {
            Seen::Frame(sender, bytes) if sender == from => {
                same_bytes(awaited, layout::object("packet.open", "packet"), packet, &bytes)
            }
            other => Err(fail(format!("{awaited}: from {}", hex::encode(from)), other.describe())),
        }
    }

    /// The packet that `sender` has just sent it must come next, and the sender hears nothing of it.
    pub(crate) async fn reached_by(
        &mut self,
        sender: &mut Self,
        packet: &[u8],
        awaited: &str,
    ) -> Outcome {
        select! {
            arrived = self.frame_is(sender.id(), packet, awaited) => arrived,
            told = sender.next(awaited) => {
                Err(fail(awaited, format!("{} to its sender", told?.describe())))
            }
        }
    }

    /// The answer to a peer frame that could not be delivered.
    pub(crate) async fn offline_is(&mut self, target: [u8; 8], packet: &[u8]) -> Outcome {
        let body = recipient_offline_body(target, nonce_of(packet));
        self.event_is(ERROR, &body, "ERROR recipient_offline").await
    }

    /// The close that must come next.
    pub(crate) async fn close_is(&mut self, code: u16) -> Outcome {
        let awaited = format!("close {code}");
        match self.next(&awaited).await? {
            Seen::Close(Some(actual)) if actual == code => Ok(()),
            other => Err(fail(awaited, other.describe())),
        }
    }
}

/// Sends one binary message; a relay that does not take it has failed.
pub(crate) async fn send(socket: &mut Socket, message: &[u8]) -> Outcome {
    let sent = socket.send_binary(message).await;
    sent.map_err(|error| fail("the relay takes a message", error.to_string()))
}

/// Keys of the judge's own making that the model refuses: a fault of the suite.
fn unusable(clause: &'static str) -> Stop {
    Stop::Broken(format!("the relay's keys cannot be used: [{clause}]"))
}
