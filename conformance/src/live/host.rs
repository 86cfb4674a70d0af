//! The suite as a relay: it listens, takes the hello of the client under judgement, and then says
//! whatever a relay, a peer or a forger might say.

use tokio::net::TcpListener;
use tokio::time::{Duration, Instant, timeout};

use crate::model::frame::{Routes, downlink, read_uplink, route_keys};
use crate::model::handshake::{open_hello, relay_frame};
use crate::model::identity::{Public, RELAY_ID};
use crate::model::packet::{Inner, open, pair_key, seal};
use crate::model::primitives::x25519;
use crate::model::relay::SERVER_PING;

use super::outcome::{Outcome, Stop, broken, fail, same};
use super::seed::Random;
use super::socket::{CLOSE, Heard, Socket};
use super::target::Person;
use super::upgrade::accept;

/// The time between two signs of life of a session that must live.
const LIFE: Duration = Duration::from_secs(10);

/// A listening relay.
pub(crate) struct Host {
    listener: TcpListener,
    /// Its keys, which the client has pinned.
    pub(crate) relay: Person,
    /// Where it listens.
    pub(crate) url: String,
    /// How long the client may take for what it must do, its own waits aside.
    pub(crate) patience: Duration,
}

impl Host {
    /// Listens on a free port of loopback.
    pub(crate) async fn open(random: &mut Random, patience: Duration) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(broken("cannot listen"))?;
        let port = listener.local_addr().map_err(broken("cannot listen"))?.port();
        Ok(Self {
            listener,
            relay: Person::draw(random),
            url: format!("ws://127.0.0.1:{port}/ws"),
            patience,
        })
    }

    /// The next connection and its first message; the client may wait so long before it.
    pub(crate) async fn visit(&self, wait: Duration) -> Outcome<Visit> {
        let time = wait + self.patience;
        let Ok(connection) = timeout(time, self.listener.accept()).await else {
            return Err(fail("a connection", format!("none for {time:?}")));
        };
        let (stream, _) = connection.map_err(broken("cannot accept"))?;
        let at = Instant::now();
        let (mut socket, _) = accept(stream, self.patience).await?;
        loop {
            match socket.hear("a hello").await? {
                Heard::Binary(hello) => return Ok(Visit { socket, hello, at }),
                Heard::Ping(_) | Heard::Pong(_) => {}
                other => return Err(fail("a hello as the first message", other.describe())),
            }
        }
    }
}

/// A connection on which the client has said hello and waits for the reply.
pub(crate) struct Visit {
    /// The connection.
    pub(crate) socket: Socket,
    /// The first message.
    pub(crate) hello: Vec<u8>,
    /// When the connection was made.
    pub(crate) at: Instant,
}

impl Visit {
    /// Judges the hello, and answers with a frame of the relay's own.
    pub(crate) async fn answer(
        &mut self,
        host: &Host,
        client: &Public,
        nonce: [u8; 24],
        (command, body): (u8, &[u8]),
    ) -> Outcome {
        let hello = open_hello(&host.relay.keys, &self.hello)
            .map_err(|clause| fail("a hello that opens", format!("it breaks [{clause}]")))?;
        same("who says hello", client, &hello.peer)?;
        let reply = relay_frame(&host.relay.keys, client.x, nonce, command, body);
        self.reply(&reply.map_err(unusable)?).await
    }

    /// Answers with these bytes, whatever they are.
    pub(crate) async fn reply(&mut self, reply: &[u8]) -> Outcome {
        let sent = self.socket.send_binary(reply).await;
        sent.map_err(|error| fail("a client that waits for the reply", error.to_string()))
    }

    /// The client must hang up, and send nothing more before.
    pub(crate) async fn left(&mut self) -> Outcome {
        loop {
            match self.socket.hear("the end of a connection whose reply was refused").await? {
                Heard::Close(_) | Heard::End => return Ok(()),
                Heard::Binary(_) => {
                    return Err(fail("no frame after a refused reply", "a binary message"));
                }
                Heard::Text(_) | Heard::Ping(_) | Heard::Pong(_) => {}
            }
        }
    }

    /// The session that an accepted reply has opened.
    pub(crate) fn session(self, host: &Host, client: &Public, random: Random) -> Outcome<Link> {
        let shared = x25519(host.relay.keys.x_seed, client.x).map_err(unusable)?;
        let (socket, relay, client) = (self.socket, host.relay, *client);
        Ok(Link { socket, relay, client, shared, routes: route_keys(shared), random })
    }
}

/// What a client says in a session, keep-alive aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A command to the relay, opened and verified.
    Command(Inner),
    /// A frame for a peer: the id its header names, and the packet.
    Frame([u8; 8], Vec<u8>),
    /// A close and its code.
    Close(Option<u16>),
    /// The end of the stream.
    End,
}

impl Said {
    /// The same in words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Command(inner) => {
                format!("command {:02x} with {} bytes", inner.command, inner.body.len())
            }
            Self::Frame(to, packet) => {
                format!("a packet of {} bytes for {}", packet.len(), hex::encode(to))
            }
            Self::Close(code) => Heard::Close(*code).describe(),
            Self::End => Heard::End.describe(),
        }
    }
}

/// The relay's end of a session with the client.
pub(crate) struct Link {
    /// The connection.
    pub(crate) socket: Socket,
    relay: Person,
    client: Public,
    /// `S`.
    pub(crate) shared: [u8; 32],
    /// Both keys of the headers.
    pub(crate) routes: Routes,
    random: Random,
}

impl Link {
    /// Tells the client something, as its relay.
    pub(crate) async fn event(&mut self, command: u8, body: &[u8]) -> Outcome {
        let packet = self.event_packet(command, body);
        self.deliver(RELAY_ID, &packet).await
    }

    /// The packet of an event.
    pub(crate) fn event_packet(&mut self, command: u8, body: &[u8]) -> Vec<u8> {
        self.signed_packet(self.relay.keys.ed_seed, command, body)
    }

    /// The packet of an event as somebody would forge it who knows `S` and signs with `ed_seed`.
    pub(crate) fn signed_packet(&mut self, ed_seed: [u8; 32], command: u8, body: &[u8]) -> Vec<u8> {
        seal(self.shared, ed_seed, self.random.bytes(), 0, command, body)
    }

    /// The packet in which `peer` says this to the client.
    pub(crate) fn packet(&mut self, peer: &Person, command: u8, body: &[u8]) -> Outcome<Vec<u8>> {
        let nonce = self.random.bytes();
        self.packet_with(peer, nonce, 0, (command, body))
    }

    /// The same with a nonce and a message id of one's choice.
    pub(crate) fn packet_with(
        &self,
        peer: &Person,
        nonce: [u8; 24],
        message_id: u16,
        (command, body): (u8, &[u8]),
    ) -> Outcome<Vec<u8>> {
        let key = pair_key(peer.keys.x_seed, self.client.x).map_err(unusable)?;
        Ok(seal(key, peer.keys.ed_seed, nonce, message_id, command, body))
    }

    /// Sends `packet` under a header that names `from`.
    pub(crate) async fn deliver(&mut self, from: [u8; 8], packet: &[u8]) -> Outcome {
        let frame = downlink(self.routes.s2c, from, packet);
        let sent = self.socket.send_binary(&frame).await;
        sent.map_err(|error| fail("a client that takes a message", error.to_string()))
    }

    /// What the client says next; `awaited` says what it should.
    pub(crate) async fn next(&mut self, awaited: &str) -> Outcome<Said> {
        let patience = self.socket.patience;
        let said = self.said_within(patience).await?;
        said.ok_or_else(|| fail(awaited, format!("nothing for {patience:?}")))
    }

    /// What the client says within `time`, if anything.
    pub(crate) async fn said_within(&mut self, time: Duration) -> Outcome<Option<Said>> {
        timeout(time, self.said()).await.ok().transpose()
    }

    /// Keeps the session for `time`, with a sign of life now and then.
    pub(crate) async fn live(&mut self, time: Duration) -> Outcome {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let pause = LIFE.min(end - Instant::now());
            if let Some(said) = self.said_within(pause).await? {
                return Err(fail("a session that lives", said.describe()));
            }
            self.event(SERVER_PING, &[]).await?;
        }
        Ok(())
    }

    /// What the client says, however long it takes.
    async fn said(&mut self) -> Outcome<Said> {
        loop {
            match self.socket.next().await {
                Heard::Binary(frame) => return self.read(&frame),
                Heard::Close(code) => return Ok(Said::Close(code)),
                Heard::End => return Ok(Said::End),
                Heard::Text(text) if text == "ping" => {
                    // A client that is gone already is seen by the next read.
                    let _ = self.socket.send_text("pong").await;
                }
                Heard::Text(_) | Heard::Ping(_) | Heard::Pong(_) => {}
            }
        }
    }

    /// The body of the command that must come next.
    pub(crate) async fn command(&mut self, command: u8, awaited: &str) -> Outcome<Vec<u8>> {
        match self.next(awaited).await? {
            Said::Command(inner) if inner.command == command => Ok(inner.body),
            other => Err(fail(awaited, other.describe())),
        }
    }

    /// The packet for `peer` that must come next, and what it carries.
    pub(crate) async fn said_to(
        &mut self,
        peer: &Person,
        awaited: &str,
    ) -> Outcome<(Vec<u8>, Inner)> {
        match self.next(awaited).await? {
            Said::Frame(to, packet) if to == peer.id() => {
                let inner = self.open_for(peer, &packet)?;
                Ok((packet, inner))
            }
            other => Err(fail(awaited, other.describe())),
        }
    }

    /// What `peer` reads in a packet of the client.
    pub(crate) fn open_for(&self, peer: &Person, packet: &[u8]) -> Outcome<Inner> {
        let key = pair_key(peer.keys.x_seed, self.client.x).map_err(unusable)?;
        open(key, self.client.ed, packet)
            .map_err(|clause| fail("a packet its recipient opens", format!("[{clause}]")))
    }

    /// Closes in the ordinary way and forgets the connection.
    pub(crate) async fn close(mut self) {
        // Whether the client is still there does not matter any more.
        let _ = self.socket.send(CLOSE, &1001u16.to_be_bytes()).await;
        let patience = self.socket.patience;
        let _ = timeout(patience, async { while self.socket.next().await != Heard::End {} }).await;
    }

    fn read(&self, frame: &[u8]) -> Outcome<Said> {
        let refused = |clause: &str| {
            let actual = format!("a frame of {} bytes that breaks [{clause}]", frame.len());
            fail("frames that a relay can read", actual)
        };
        let (to, packet) = read_uplink(self.routes.c2s, frame).map_err(refused)?;
        if to != RELAY_ID {
            return Ok(Said::Frame(to, packet));
        }
        open(self.shared, self.client.ed, &packet).map(Said::Command).map_err(refused)
    }
}

/// Keys of the judge's own making that the model refuses: a fault of the suite.
pub(crate) fn unusable(clause: &'static str) -> Stop {
    Stop::Broken(format!("keys of the suite cannot be used: [{clause}]"))
}
