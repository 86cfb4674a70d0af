//! One WebSocket connection, carried by a task of its own between two bounded queues.
//!
//! The task decides nothing. It ends, and closes the socket, when either queue is dropped.

use super::upgrade::upgrade;
use crate::peer::MAX_MESSAGE;
use futures_util::{SinkExt, Stream, StreamExt};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite, BufReader},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};
use tokio_websockets::{ClientBuilder, Error, Limits, Message, WebSocketStream};

/// Messages between task and pump. Four of the largest are 4 MiB.
const QUEUE: usize = 4;
/// A close that the other side does not answer is not waited for.
const CLOSE: Duration = Duration::from_millis(500);

type Socket = WebSocketStream<BufReader<TcpStream>>;

/// What the socket gave.
#[derive(Debug)]
pub(super) enum Received {
    Connected,
    Binary(Vec<u8>),
    Text(String),
    Control,
    Closed(String),
}

/// What the socket is given.
#[derive(Debug)]
pub(super) enum Sent {
    Binary(Vec<u8>),
    Pong,
}

impl Sent {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Binary(frame) => frame.len(),
            Self::Pong => 4,
        }
    }
}

/// The pump's end of a connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) received: mpsc::Receiver<Received>,
    pub(super) send: mpsc::Sender<Sent>,
    task: JoinHandle<()>,
}

impl Connection {
    /// Starts to connect to `address`.
    pub(super) fn open(address: RelayAddress) -> Self {
        let (send, outgoing) = mpsc::channel(QUEUE);
        let (incoming, received) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(address, incoming, outgoing));
        Self { received, send, task }
    }

    /// Lets what is queued go out, closes, and waits for the end of both.
    pub(super) async fn close(self) {
        let Self { received, send, task } = self;
        drop(send);
        // A task that broke down is closed as well.
        let _ = task.await;
        drop(received);
    }
}

/// Where a relay listens, from a `ws://` URL.
#[derive(Clone, Debug)]
pub(crate) struct RelayAddress {
    url: String,
    /// As the URL has it, perhaps with a port.
    host: String,
    /// Path and query.
    target: String,
}

impl RelayAddress {
    /// # Errors
    /// One line that says what would be right.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("relay URL {url:?}: {why}");
        let rest = url.strip_prefix("ws://").ok_or_else(|| {
            wrong("write ws://HOST[:PORT]/PATH; for wss:// put a TLS proxy in front")
        })?;
        let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
        let (host, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if host.is_empty() || host.starts_with(':') || host.contains('@') {
            return Err(wrong("needs a host, and takes no user name"));
        }
        // Both become part of a request: nothing may end a line or a word in it.
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("has a character that no URL has; escape it with %"));
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { url: url.into(), host: host.into(), target: format!("{slash}{target}") })
    }

    /// What TCP connects to; the port is 80 unless the URL says another.
    fn authority(&self) -> String {
        let has_port = self.host.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        if has_port { self.host.clone() } else { format!("{}:80", self.host) }
    }
}

async fn run(
    address: RelayAddress,
    incoming: mpsc::Sender<Received>,
    outgoing: mpsc::Receiver<Sent>,
) {
    let connected = tokio::select! {
        connected = connect(&address) => connected,
        // Given up meanwhile.
        () = incoming.closed() => return,
    };
    let why = match connected {
        Err(error) => format!("{}: {error}", address.url),
        Ok(socket) => {
            if incoming.send(Received::Connected).await.is_err() {
                return;
            }
            carry(socket, &incoming, outgoing).await
        }
    };
    // Nobody may be left to hear it.
    let _ = incoming.send(Received::Closed(why)).await;
}

async fn connect(address: &RelayAddress) -> io::Result<Socket> {
    let stream = TcpStream::connect(address.authority()).await?;
    stream.set_nodelay(true)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let stream = upgrade(stream, &address.host, &address.target, random).await?;
    let limits = Limits::default().max_payload_len(Some(MAX_MESSAGE));
    Ok(ClientBuilder::new().limits(limits).take_over(stream))
}

/// Carries messages both ways, neither way waiting for the other, until one of them ends.
async fn carry<S>(
    socket: WebSocketStream<S>,
    incoming: &mpsc::Sender<Received>,
    mut outgoing: mpsc::Receiver<Sent>,
) -> String
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let write = async {
        while let Some(sent) = outgoing.recv().await {
            let message = match sent {
                Sent::Binary(frame) => Message::binary(frame),
                Sent::Pong => Message::text("pong"),
            };
            if let Err(error) = sink.send(message).await {
                return error.to_string();
            }
        }
        let _ = timeout(CLOSE, sink.close()).await;
        "closed".into()
    };
    tokio::select! {
        why = read(&mut stream, incoming) => why,
        why = write => why,
        () = incoming.closed() => "closed".into(),
    }
}

async fn read<S>(stream: &mut S, incoming: &mpsc::Sender<Received>) -> String
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    let mut why = "the relay ended the connection".to_owned();
    while let Some(message) = stream.next().await {
        let received = match message {
            Err(error) => return error.to_string(),
            Ok(message) => {
                if let Some((code, _)) = message.as_close() {
                    why = format!("the relay closed the connection, code {}", u16::from(code));
                }
                classify(message)
            }
        };
        if incoming.send(received).await.is_err() {
            break;
        }
    }
    why
}

fn classify(message: Message) -> Received {
    match message.as_text() {
        Some(text) if message.is_text() => Received::Text(text.to_owned()),
        _ if message.is_binary() => Received::Binary(message.into_payload().to_vec()),
        _ => Received::Control,
    }
}

#[cfg(test)]
mod tests {
    use super::RelayAddress;

    #[test]
    fn urls_are_judged_before_any_socket() {
        let parts =
            |url| RelayAddress::parse(url).map(|address| (address.authority(), address.target));
        for (url, authority, target) in [
            ("ws://relay.example/ws", "relay.example:80", "/ws"),
            ("ws://127.0.0.1:9/ws?x#y", "127.0.0.1:9", "/ws?x"),
            ("ws://[::1]?x", "[::1]:80", "/?x"),
            ("ws://[::1]:7", "[::1]:7", "/"),
        ] {
            assert_eq!(parts(url), Ok((authority.into(), target.into())));
        }
        for wrong in [
            "",
            "ws://",
            "ws:///ws",
            "ws://:80/",
            "wss://relay.example",
            "http://x",
            "ws://u:p@x/",
            "ws://a b/",
            "ws://x/\r\nX: y",
            "ws://x/ü",
        ] {
            let message = parts(wrong).unwrap_err();
            assert!(!message.contains('\n'), "{message}");
        }
    }
}
