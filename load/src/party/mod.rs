//! A client of a relay that does what it is told, faults included. Frames to peers carry a number
//! and a time where their packet would be: no relay looks into it.
//!
//! ```text
//! to ⊕ mask(8) ‖ number u64(8) ‖ time, µs u64(8) ‖ zeros(8) ‖ filling …
//!                └─ where the nonce stands ──────┘
//! ```

mod relay;

pub(crate) use relay::{Relay, RelayProcess};

use crate::Failure;
use futures_util::{SinkExt, StreamExt};
use sealwire::{
    frame::{COMMAND_OVERHEAD, Downlink, MAX_BEFORE_HELLO, MAX_FROM_RELAY, address_to},
    handshake::{AwaitReply, ClientLink, HELLO, Reply, hello},
    identity::{Identity, PeerId, PublicIdentity},
    primitives::{FreshNonce, Secret},
    relay::{FromRelay, ToRelay},
};
use std::{net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_websockets::{ClientBuilder, Limits, MaybeTlsStream, Message, WebSocketStream};

/// How long a relay may take for what it must do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// What a frame is filled with, and what must arrive.
const FILLING: u8 = 0xa5;
/// Where the filling begins.
const FILLED: usize = 32;

/// A WebSocket to a relay.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A client that is in: its socket, and what it writes and reads with.
pub(crate) struct Party {
    pub(crate) ws: Socket,
    pub(crate) session: Session,
}

/// The keys of a live session.
pub(crate) struct Session {
    identity: Identity,
    link: ClientLink,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A frame of a peer.
    Frame { from: PeerId, mark: Mark, length: usize, intact: bool },
    /// News of the relay's own.
    Event,
    /// Something that needs no answer of ours.
    Other,
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) number: u64,
    /// Microseconds, since whatever its sender counts from.
    pub(crate) at: u64,
}

impl Party {
    /// Connects, says hello and is let in.
    pub(crate) async fn enter(relay: &Relay) -> Result<Self, Failure> {
        Self::enter_by(relay, relay.address).await
    }

    /// The same by way of a proxy.
    pub(crate) async fn enter_by(relay: &Relay, way: SocketAddr) -> Result<Self, Failure> {
        let entering = async { Self::greet(relay, connect(relay, way).await?).await };
        let late = |_| Failure::Broken(format!("the relay let nobody in for {PATIENCE:?}"));
        timeout(PATIENCE, entering).await.map_err(late)?
    }

    async fn greet(relay: &Relay, mut ws: Socket) -> Result<Self, Failure> {
        let identity = new_identity()?;
        let (bytes, waiting) = a_hello(&identity, &relay.keys)?;
        ws.send(Message::binary(bytes)).await.map_err(told)?;
        let mut reply = loop {
            let message = ws.next().await.ok_or_else(ended)?.map_err(told)?;
            if message.is_binary() {
                break message.into_payload().to_vec();
            }
        };
        match waiting.receive(&mut reply) {
            Ok(Reply::Session(link)) => Ok(Self { ws, session: Session { identity, link } }),
            Ok(other) => Err(Failure::Broken(format!("the relay lets nobody in: {other:?}"))),
            Err((_, clause)) => Err(Failure::Fails(format!("the relay's reply: {clause}"))),
        }
    }

    /// Its X25519 public key.
    pub(crate) fn key(&self) -> &[u8; 32] {
        self.session.identity.public().x25519()
    }

    /// Its id.
    pub(crate) fn id(&self) -> PeerId {
        self.session.identity.id()
    }

    /// Sends a binary message.
    pub(crate) async fn send(&mut self, frame: Vec<u8>) -> Result<(), Failure> {
        self.ws.send(Message::binary(frame)).await.map_err(told)
    }

    /// Waits for what comes next; pings are answered on the way.
    pub(crate) async fn next(&mut self) -> Result<Incoming, Failure> {
        let message = self.ws.next().await.ok_or_else(ended)?.map_err(told)?;
        if message.is_close() { Err(ended()) } else { Ok(self.session.read(&message)) }
    }
}

impl Session {
    /// A frame for a peer.
    pub(crate) fn frame(&self, to: PeerId, mark: Mark, length: usize) -> Vec<u8> {
        let mut frame = vec![FILLING; length.max(sealwire::frame::MIN)];
        frame[8..16].copy_from_slice(&mark.number.to_le_bytes());
        frame[16..24].copy_from_slice(&mark.at.to_le_bytes());
        // Refused for lengths only, and what is too long is cut by nobody: the relay's affair.
        let _ = address_to(&mut frame, self.link.routes(), to);
        frame
    }

    /// A command for the relay.
    pub(crate) fn command(&self, command: &ToRelay<'_>) -> Result<Vec<u8>, Failure> {
        let mut frame = vec![0; COMMAND_OVERHEAD + (1 << 18)];
        let sealed = self.link.seal_command(&mut frame, &self.identity, nonce()?, command);
        frame.truncate(sealed.map_err(|error| Failure::Broken(error.to_string()))?);
        Ok(frame)
    }

    fn read(&self, message: &Message) -> Incoming {
        let frame = message.as_payload();
        let down = Downlink::parse(frame).ok().filter(|_| message.is_binary());
        let Some(down) = down else { return Incoming::Other };
        let from = down.from(self.link.routes());
        if from.is_relay() {
            let mut frame = frame.to_vec();
            let event = self.link.open_event(&mut frame);
            return match event.and_then(|inner| FromRelay::parse(inner.command, inner.body)) {
                Ok(FromRelay::ServerPing | FromRelay::Notice(_)) => Incoming::Other,
                _ => Incoming::Event,
            };
        }
        let number = |at: usize| frame[at..].first_chunk().map_or(0, |n| u64::from_le_bytes(*n));
        let mark = Mark { number: number(8), at: number(16) };
        let intact = frame[FILLED..].iter().all(|byte| *byte == FILLING);
        Incoming::Frame { from, mark, length: frame.len(), intact }
    }
}

/// Upgrades a connection by this way.
pub(crate) async fn connect(relay: &Relay, way: SocketAddr) -> Result<Socket, Failure> {
    let tcp = TcpStream::connect(way).await.map_err(|error| Failure::Broken(error.to_string()))?;
    // Without it small frames wait for acknowledgements; a socket that refuses it serves too.
    let _ = tcp.set_nodelay(true);
    let limits = Limits::default().max_payload_len(Some(MAX_FROM_RELAY));
    let builder = ClientBuilder::new().uri(&relay.url);
    let builder = builder.map_err(|error| Failure::Usage(format!("{}: {error}", relay.url)))?;
    let builder = builder.limits(limits);
    let upgraded = builder.connect_on(MaybeTlsStream::Plain(tcp)).await;
    Ok(upgraded.map_err(told)?.0)
}

/// The bytes of a hello to whoever holds these keys, and what reads its reply.
pub(crate) fn a_hello(
    identity: &Identity,
    relay: &PublicIdentity,
) -> Result<(Vec<u8>, AwaitReply), Failure> {
    const { assert!(HELLO <= MAX_BEFORE_HELLO) };
    let mut bytes = [0; HELLO];
    let waiting = hello(&mut bytes, identity, relay, nonce()?);
    Ok((bytes.to_vec(), waiting.map_err(|clause| Failure::Usage(clause.to_string()))?))
}

/// Keys that nobody has.
pub(crate) fn new_identity() -> Result<Identity, Failure> {
    let (x25519, ed25519) = (Secret::new(random()?), Secret::new(random()?));
    Identity::from_seeds(&x25519, &ed25519).map_err(|clause| Failure::Broken(clause.to_string()))
}

/// Bytes that nobody has seen.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(bytes)
}

fn nonce() -> Result<FreshNonce, Failure> {
    random().map(FreshNonce::from_random)
}

/// What a WebSocket says.
pub(crate) fn told(error: tokio_websockets::Error) -> Failure {
    Failure::Broken(format!("a connection to the relay: {error}"))
}

/// Whoever should be there has gone.
pub(crate) fn ended() -> Failure {
    Failure::Broken("the relay ended a connection".to_owned())
}
