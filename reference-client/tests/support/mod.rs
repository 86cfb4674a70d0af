//! A relay that does what a test says, and a bridge process beside it.

use futures_util::{SinkExt, StreamExt};
use sealwire::{
    frame::{HEADER, MIN, address_from},
    handshake::{AwaitHello, Hello, RelayLink},
    identity::{Identity, Invite, MAX_INVITE, Nickname, PeerId},
    packet::{self, Inner, PairKey},
    primitives::{FreshNonce, Secret},
    relay::{FromRelay, ToRelay},
};
use serde_json::Value;
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use tokio_websockets::{Limits, Message, ServerBuilder, WebSocketStream};

const RELAY: u8 = 1;
const ALICE: u8 = 2;
/// Somebody to write to.
pub(crate) const BOB: u8 = 3;

/// Longer than anything that works takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The identity with seeds of this byte and the one half-way round.
pub(crate) fn identity(byte: u8) -> Identity {
    Identity::from_seeds(&Secret::new([byte; 32]), &Secret::new([byte ^ 0x80; 32])).unwrap()
}

/// Its invite.
pub(crate) fn invite(byte: u8, nickname: &str) -> String {
    let mut out = [0; MAX_INVITE];
    let invite = Invite { peer: *identity(byte).public(), nickname: Nickname(nickname) };
    invite.encode(&mut out).unwrap().to_owned()
}

fn nonce() -> FreshNonce {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).unwrap();
    FreshNonce::from_random(bytes)
}

/// A relay's door.
pub(crate) struct Relay {
    pub(crate) identity: Identity,
    listener: TcpListener,
}

impl Relay {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { identity: identity(RELAY), listener }
    }

    /// The next connection, before any upgrade.
    pub(crate) async fn tcp(&self) -> TcpStream {
        timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap().0
    }

    /// The next connection, through upgrade, hello and HANDSHAKE_OK.
    pub(crate) async fn accept(&self) -> Session {
        self.answer(&FromRelay::HandshakeOk).await
    }

    /// The next connection, through upgrade, hello and this reply.
    pub(crate) async fn answer(&self, reply: &FromRelay<'_>) -> Session {
        let limits = Limits::default().max_payload_len(Some(1 << 20));
        let (_, mut socket) =
            ServerBuilder::new().limits(limits).accept(self.tcp().await).await.unwrap();
        let mut hello = socket.next().await.unwrap().unwrap().into_payload().to_vec();
        let Ok(Hello::Admitted(admitted)) = AwaitHello::new(&self.identity).receive(&mut hello)
        else {
            panic!("no hello")
        };
        let relay = identity(RELAY);
        let mut session = Session { socket, link: admitted.into_link(), relay };
        session.event(reply).await;
        session
    }
}

/// The relay's end of a session.
pub(crate) struct Session {
    socket: WebSocketStream<TcpStream>,
    link: RelayLink,
    relay: Identity,
}

impl Session {
    pub(crate) async fn event(&mut self, event: &FromRelay<'_>) {
        let mut frame = vec![0; 2 << 20];
        let length = self.link.seal_event(&mut frame, &self.relay, nonce(), event).unwrap();
        frame.truncate(length);
        self.raw(frame).await;
    }

    /// An event of the relay longer than our builders make one: a header needs the nonce alone.
    pub(crate) async fn long_event(&mut self, command: u8, body: &[u8]) {
        let pair = PairKey::between(&self.relay, self.link.peer()).unwrap();
        let mut frame = vec![0; HEADER + packet::MIN + body.len()];
        let inner = Inner { message_id: 0, command, body };
        packet::seal(&mut frame[HEADER..], &pair, &self.relay, nonce(), &inner).unwrap();
        address_from(&mut frame[..MIN], self.link.routes(), PeerId::RELAY).unwrap();
        self.raw(frame).await;
    }

    pub(crate) async fn raw(&mut self, frame: Vec<u8>) {
        self.try_raw(frame).await.unwrap();
    }

    /// Whether the client still takes it.
    pub(crate) async fn try_raw(&mut self, frame: Vec<u8>) -> Result<(), tokio_websockets::Error> {
        self.socket.send(Message::binary(frame)).await
    }

    pub(crate) async fn ping(&mut self) {
        self.socket.send(Message::ping("")).await.unwrap();
    }

    /// The one key of the next frame, a SUBSCRIBE.
    pub(crate) async fn subscribed(&mut self) -> [u8; 32] {
        let message = timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap();
        let mut frame = message.into_payload().to_vec();
        let inner = self.link.open_command(&mut frame).unwrap();
        let Ok(ToRelay::Subscribe(keys)) = ToRelay::parse(inner.command, inner.body) else {
            panic!("no SUBSCRIBE: {inner:?}")
        };
        let [key] = keys.as_slice() else { panic!("{} keys", keys.as_slice().len()) };
        *key
    }
}

/// A bridge process.
pub(crate) struct Bridge {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Bridge {
    pub(crate) fn start(relay: &Relay, arguments: &[&str]) -> Self {
        let public = relay.identity.public();
        let port = relay.listener.local_addr().unwrap().port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealwire-client"))
            .arg("bridge")
            .args(arguments)
            .env("SEALWIRE_RELAY_URL", format!("ws://127.0.0.1:{port}/ws"))
            .env("SEALWIRE_RELAY_X25519", hex::encode(public.x25519()))
            .env("SEALWIRE_RELAY_ED25519", hex::encode(public.ed25519()))
            .env("SEALWIRE_X25519_SEED", hex::encode([ALICE; 32]))
            .env("SEALWIRE_ED25519_SEED", hex::encode([ALICE ^ 0x80; 32]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, stdin, stdout }
    }

    /// Whether the bridge still takes them.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stdin.as_mut().unwrap().write_all(bytes).await.is_ok()
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        assert!(self.try_write(bytes).await, "the bridge reads");
    }

    pub(crate) async fn say(&mut self, command: Value) {
        self.write(format!("{command}\n").as_bytes()).await;
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// The next event, which has to be of this kind.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let line = timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.expect("an event in time").unwrap().expect("the bridge lives");
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["event"], kind, "{line:.300}");
        event
    }

    /// It ends with this code, in this time.
    pub(crate) async fn ends(mut self, code: i32, time: Duration) {
        let status = timeout(time, self.child.wait()).await.expect("it ends in time").unwrap();
        assert_eq!(status.code(), Some(code));
    }
}
