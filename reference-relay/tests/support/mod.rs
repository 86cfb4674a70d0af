//! A relay in this process on a loopback port, and clients that speak to it through the wire crate.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]

pub mod program;
pub mod raw;

use futures_util::{SinkExt, StreamExt};
use sealwire::{
    frame::{Downlink, address_to},
    handshake::{AwaitReply, ClientLink, HELLO, Reply, hello},
    identity::{Identity, PeerId, PublicIdentity},
    packet::{Inner, MIN, PairKey, seal},
    primitives::{FreshNonce, Secret},
    relay::{Keys, ToRelay},
};
use sealwire_relay::{
    exchange::switchboard::Notifier,
    limits::Limits,
    operation::server::{Config, Relay},
    pump::Hub,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_websockets::{ClientBuilder, MaybeTlsStream, Message, WebSocketStream};

/// Longer than anything here takes; only a fault reaches it.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn identity(number: u8) -> Identity {
    Identity::from_seeds(&Secret::new([number; 32]), &Secret::new([!number; 32])).unwrap()
}

pub fn nonce() -> FreshNonce {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).unwrap();
    FreshNonce::from_random(bytes)
}

/// The bytes of a hello, and what reads its reply.
pub fn a_hello(number: u8) -> (Vec<u8>, AwaitReply) {
    let mut bytes = [0; HELLO];
    let relay = *identity(0).public();
    let waiting = hello(&mut bytes, &identity(number), &relay, nonce()).unwrap();
    (bytes.to_vec(), waiting)
}

/// A hello that asks for another version.
pub fn hello_of_version(number: u8, version: u8) -> (Vec<u8>, AwaitReply) {
    let (bytes, waiting) = a_hello(number);
    let own = identity(number);
    let body = [own.public().ed25519(), &[version][..]].concat();
    ([&bytes[..32], &packet(&own, 0x01, &body)].concat(), waiting)
}

/// A packet to the relay with any command and body, in order or not.
fn packet(own: &Identity, command: u8, body: &[u8]) -> Vec<u8> {
    let key = PairKey::between(own, identity(0).public()).unwrap();
    let mut packet = vec![0; MIN + body.len()];
    seal(&mut packet, &key, own, nonce(), &Inner { message_id: 0, command, body }).unwrap();
    packet
}

/// A relay that runs, in this process or in another one.
pub struct Running {
    /// Where clients connect to.
    pub address: SocketAddr,
    /// Where its operator asks.
    pub admin: SocketAddr,
    own: Option<(oneshot::Sender<()>, JoinHandle<Arc<Hub>>)>,
    hub: Option<Arc<Hub>>,
}

/// Starts a relay with these `NAME=VALUE` limits.
pub async fn relay(settings: &[&str], notifier: Option<Notifier>) -> Running {
    let mut limits = Limits::default();
    settings.iter().for_each(|setting| limits.set(setting).unwrap());
    let listen = "127.0.0.1:0".parse().unwrap();
    let relay = Relay::bind(Config { listen, identity: identity(0), notifier, limits }).unwrap();
    let relay = relay.with_admin(listen).unwrap();
    let announced = serde_json::from_str(&relay.announcement().unwrap()).unwrap();
    let hub = Some(relay.hub());
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(relay.serve(async {
        let _ = stopped.await;
    }));
    Running { own: Some((stop, ended)), hub, ..Running::announced(&announced) }
}

/// A page of HTTP: its status and its body.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.into())
}

impl Running {
    /// The relay of another process, by its first line.
    pub fn announced(line: &serde_json::Value) -> Self {
        let address = |name: &str, scheme: &str| {
            let url = line[name].as_str().unwrap();
            url.trim_start_matches(scheme).trim_end_matches("/ws").parse().unwrap()
        };
        let (address, admin) = (address("listening", "ws://"), address("admin", "http://"));
        Self { address, admin, own: None, hub: None }
    }

    /// Its inside, if it runs in this process.
    pub fn hub(&self) -> &Hub {
        self.hub.as_ref().expect("a relay of this process")
    }

    /// Asks it to end; what it leaves behind then.
    pub fn stopping(self) -> JoinHandle<Arc<Hub>> {
        let (stop, ended) = self.own.expect("a relay of this process");
        stop.send(()).unwrap();
        ended
    }

    /// Ends it in good order.
    pub async fn stop(self) -> Arc<Hub> {
        timeout(PATIENCE, self.stopping()).await.unwrap().unwrap()
    }

    /// A number of its metrics; `labels` as they are written, with their brackets.
    pub async fn metric(&self, name: &str, labels: &str) -> f64 {
        let (_, page) = get(self.admin, "/metrics").await;
        metric(&page, name, labels)
    }

    pub async fn open(&self) -> Connection {
        let uri = format!("ws://{}/ws", self.address);
        let (ws, _) = ClientBuilder::new().uri(&uri).unwrap().connect().await.unwrap();
        Connection(ws)
    }

    /// A connection whose system takes only a few kilobytes that nobody reads.
    pub async fn open_narrow(&self) -> Connection {
        let tcp = self.open_narrow_tcp().await;
        let uri = format!("ws://{}/ws", self.address);
        let connecting = ClientBuilder::new().uri(&uri).unwrap();
        Connection(connecting.connect_on(MaybeTlsStream::Plain(tcp)).await.unwrap().0)
    }

    /// The same before its upgrade.
    pub async fn open_narrow_tcp(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// Connects and says hello; the reply.
    pub async fn greet(&self, number: u8) -> (Connection, Reply) {
        Self::greet_on(self.open().await, number).await
    }

    async fn greet_on(mut connection: Connection, number: u8) -> (Connection, Reply) {
        let waiting = connection.hello(number).await;
        let reply = connection.reply(waiting).await;
        (connection, reply)
    }

    /// A live session.
    pub async fn client(&self, number: u8) -> Client {
        Self::client_on(self.open().await, number).await
    }

    pub async fn client_on(connection: Connection, number: u8) -> Client {
        match Self::greet_on(connection, number).await {
            (connection, Reply::Session(link)) => {
                Client { connection, link, identity: identity(number) }
            }
            (_, reply) => panic!("no session: {reply:?}"),
        }
    }
}

/// A number of a page of metrics.
pub fn metric(page: &str, name: &str, labels: &str) -> f64 {
    let start = format!("{name}{labels} ");
    let value = page.lines().find_map(|line| line.strip_prefix(&start));
    value.unwrap_or_else(|| panic!("no {start}in {page}")).parse().unwrap()
}

pub struct Connection(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Connection {
    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    pub async fn hello(&mut self, number: u8) -> AwaitReply {
        let (bytes, waiting) = a_hello(number);
        self.send(Message::binary(bytes)).await;
        waiting
    }

    pub async fn reply(&mut self, waiting: AwaitReply) -> Reply {
        let mut frame = self.binary().await.expect("a reply");
        waiting.receive(&mut frame).map_err(|(_, clause)| clause).unwrap()
    }

    pub async fn next(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.0.next()).await.expect("the relay says something");
        next.and_then(Result::ok)
    }

    /// The next binary message; `None` at the end.
    pub async fn binary(&mut self) -> Option<Vec<u8>> {
        loop {
            let message = self.next().await?;
            if message.is_binary() {
                return Some(message.into_payload().to_vec());
            }
            if message.is_close() {
                return None;
            }
        }
    }

    /// The close code with which everything ends; binary messages on the way are a fault.
    pub async fn closed(&mut self) -> Option<u16> {
        while let Some(message) = self.next().await {
            assert!(!message.is_binary(), "a binary message before the close");
            if let Some((code, _)) = message.as_close() {
                return Some(code.into());
            }
        }
        None
    }

    /// Reads until the relay asks for a sign of life; the library answers the ping.
    pub async fn probed(&mut self) {
        while self.next().await.expect("alive").as_text() != Some("ping") {}
        self.barrier().await;
    }

    /// Proves that everything sent before has been handled.
    pub async fn barrier(&mut self) {
        self.send(Message::text("ping")).await;
        while self.next().await.expect("alive").as_text() != Some("pong") {}
    }
}

pub struct Client {
    pub connection: Connection,
    pub link: ClientLink,
    pub identity: Identity,
}

impl Client {
    pub fn public(&self) -> &PublicIdentity {
        self.identity.public()
    }

    pub async fn command(&mut self, command: &ToRelay<'_>) {
        let mut frame = vec![0; 8_192];
        let length = self.link.seal_command(&mut frame, &self.identity, nonce(), command).unwrap();
        frame.truncate(length);
        self.connection.send(Message::binary(frame)).await;
    }

    /// A command that the wire crate would not write.
    pub async fn raw_command(&mut self, command: u8, body: &[u8]) {
        let frame = self.sealed(command, body);
        self.connection.send(Message::binary(frame)).await;
    }

    pub fn sealed(&self, command: u8, body: &[u8]) -> Vec<u8> {
        let mut frame = [&[0; 8][..], &packet(&self.identity, command, body)].concat();
        address_to(&mut frame, self.link.routes(), PeerId::RELAY).unwrap();
        frame
    }

    pub async fn subscribe(&mut self, keys: &[[u8; 32]]) {
        self.command(&ToRelay::Subscribe(Keys::new(keys))).await;
    }

    /// A frame of this length to a peer: a numbered nonce and filling, which no relay looks into.
    pub async fn frame(&mut self, to: PeerId, number: u64, length: usize) {
        let frame = self.uplink(to, number, length);
        self.connection.send(Message::binary(frame)).await;
    }

    pub fn uplink(&self, to: PeerId, number: u64, length: usize) -> Vec<u8> {
        let mut frame = vec![0xa5; length];
        frame[8..16].copy_from_slice(&number.to_le_bytes());
        address_to(&mut frame, self.link.routes(), to).unwrap();
        frame
    }

    /// The next frame: whom it is from, its number, its length.
    pub async fn incoming(&mut self) -> (PeerId, u64, usize) {
        let frame = self.connection.binary().await.expect("a frame");
        let down = Downlink::parse(&frame).unwrap();
        let from = down.from(self.link.routes());
        assert!(from.is_relay() || frame[16..].iter().all(|byte| *byte == 0xa5), "verbatim");
        (from, u64::from_le_bytes(frame[8..16].try_into().unwrap()), frame.len())
    }

    /// The next event of the relay: command and body.
    pub async fn event(&mut self) -> (u8, Vec<u8>) {
        let mut frame = self.connection.binary().await.expect("an event");
        let inner = self.link.open_event(&mut frame).expect("the relay's own frame");
        (inner.command, inner.body.to_vec())
    }
}
