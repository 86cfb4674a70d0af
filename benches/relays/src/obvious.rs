//! The obvious relay: what an afternoon gives. axum's own WebSocket, a task and a channel for each
//! client, one lock around a map.
//!
//! It speaks version 2 as far as `sealwire load` asks: real hellos and replies, both masks, pings, an
//! error for who is not there. Commands it ignores. A full channel makes its sender wait.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    routing::any,
    serve::ListenerExt,
};
use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use sealwire::{
    frame::{MAX, Uplink, address_from},
    handshake::{AwaitHello, Hello, RelayLink},
    identity::{Identity, PeerId},
    primitives::{FreshNonce, Secret},
    relay::{ErrorCode, FromRelay},
};
use tokio::{net::TcpListener, sync::mpsc};

/// Messages that may wait for one client.
const CHANNEL: usize = 256;
/// Bytes that any event takes which this relay seals.
const EVENT: usize = 512;

type Failure = Box<dyn Error + Send + Sync>;

struct Relay {
    identity: Identity,
    clients: Mutex<HashMap<PeerId, Client>>,
}

#[derive(Clone)]
struct Client {
    link: Arc<RelayLink>,
    outbox: mpsc::Sender<Message>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let [x25519, ed25519] = [random()?, random()?].map(Secret::new);
    let identity = Identity::from_seeds(&x25519, &ed25519).map_err(|clause| clause.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let line = serde_json::json!({
        "listening": format!("ws://{}/ws", listener.local_addr()?),
        "x25519": hex::encode(identity.public().x25519()),
        "ed25519": hex::encode(identity.public().ed25519()),
    });
    println!("{line}");
    let relay = Arc::new(Relay { identity, clients: Mutex::default() });
    let router = Router::new().route("/ws", any(upgrade)).with_state(relay);
    let listener = listener.tap_io(|tcp| drop(tcp.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

async fn upgrade(
    State(relay): State<Arc<Relay>>,
    request: WebSocketUpgrade,
) -> axum::response::Response {
    let request = request.max_message_size(MAX).max_frame_size(MAX);
    // How a client ended is its own affair.
    request.on_upgrade(async move |socket| drop(serve(&relay, socket).await))
}

async fn serve(relay: &Relay, mut socket: WebSocket) -> Result<(), Failure> {
    let link = loop {
        match socket.recv().await.ok_or("gone before its hello")?? {
            Message::Binary(hello) => break relay.admit(hello)?,
            Message::Ping(_) | Message::Pong(_) => {}
            _ => return Err("no hello".into()),
        }
    };
    let welcome = relay.seal(&link, &FromRelay::HandshakeOk)?;
    let (mut sink, mut stream) = socket.split();
    let (outbox, mut waiting) = mpsc::channel(CHANNEL);
    let client = Client { link: Arc::new(link), outbox };
    let id = client.link.peer().id();
    client.outbox.send(welcome).await?;
    relay.clients().insert(id, client.clone());
    tokio::spawn(async move {
        while let Some(message) = waiting.recv().await {
            if sink.send(message).await.is_err() {
                break;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Binary(frame) => relay.forward(&client, frame).await?,
            Message::Text(_) => client.outbox.send(Message::text("pong")).await?,
            // axum answers these itself.
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => break,
        }
    }
    let mut clients = relay.clients();
    if clients.get(&id).is_some_and(|now| Arc::ptr_eq(&now.link, &client.link)) {
        clients.remove(&id);
    }
    Ok(())
}

impl Relay {
    fn clients(&self) -> MutexGuard<'_, HashMap<PeerId, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, hello: Bytes) -> Result<RelayLink, Failure> {
        match AwaitHello::new(&self.identity).receive(&mut BytesMut::from(hello)) {
            Ok(Hello::Admitted(admitted)) => Ok(admitted.into_link()),
            _ => Err("refused".into()),
        }
    }

    async fn forward(&self, from: &Client, frame: Bytes) -> Result<(), Failure> {
        let Ok(uplink) = Uplink::parse(&frame) else { return Ok(()) };
        let (target, nonce) = (uplink.to(from.link.routes()), uplink.nonce());
        if target.is_relay() {
            return Ok(());
        }
        let recipient = self.clients().get(&target).cloned();
        if let Some(recipient) = recipient {
            let mut frame = BytesMut::from(frame);
            address_from(&mut frame, recipient.link.routes(), from.link.peer().id())
                .map_err(|clause| clause.to_string())?;
            let message = Message::Binary(frame.freeze());
            if recipient.outbox.send(message).await.is_ok() {
                return Ok(());
            }
        }
        let offline = FromRelay::Error(ErrorCode::RecipientOffline { target, nonce });
        Ok(from.outbox.send(self.seal(&from.link, &offline)?).await?)
    }

    fn seal(&self, link: &RelayLink, event: &FromRelay<'_>) -> Result<Message, Failure> {
        let mut frame = vec![0; EVENT];
        let nonce = FreshNonce::from_random(random()?);
        let sealed = link.seal_event(&mut frame, &self.identity, nonce, event);
        frame.truncate(sealed.map_err(|error| error.to_string())?);
        Ok(Message::Binary(frame.into()))
    }
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
