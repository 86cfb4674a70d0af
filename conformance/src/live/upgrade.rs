//! From TCP to WebSocket by hand, on either side: the HTTP request and its answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::outcome::{Outcome, fail, require};
use super::socket::{Role, Socket};

/// The key of every upgrade: the nonce of RFC 6455's own example.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The longest head that is read.
const HEAD_MAX: usize = 16 * 1024;
/// What a narrow connection asks for as its buffers.
const NARROW: u32 = 16 * 1024;

/// Where a relay listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `host:port`.
    pub(crate) authority: String,
    /// The path of the upgrade, from its slash.
    pub(crate) path: String,
}

impl Address {
    /// The parts of a `ws://host:port/path`.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("ws://").ok_or_else(|| {
            format!("{url}: the judge speaks ws:// only; put a TLS-ending proxy in between")
        })?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() {
            return Err(format!("{url}: no host"));
        }
        let port = if authority.rsplit(']').next().is_some_and(|end| end.contains(':')) {
            ""
        } else {
            ":80"
        };
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { authority: format!("{authority}{port}"), path: path.to_owned() })
    }

    /// A TCP connection to it.
    pub(crate) async fn dial(&self, patience: Duration) -> Outcome<TcpStream> {
        let awaited = format!("a TCP connection to {}", self.authority);
        match timeout(patience, TcpStream::connect(&self.authority)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(|e| fail(awaited, e.to_string()))?;
                Ok(stream)
            }
            Ok(Err(error)) => Err(fail(awaited, error.to_string())),
            Err(_) => Err(fail(awaited, format!("no answer for {patience:?}"))),
        }
    }

    /// A connection whose buffers on this side hold as little as the system lets them.
    pub(crate) async fn dial_narrow(&self, patience: Duration) -> Outcome<TcpStream> {
        let failed = |e: std::io::Error| {
            fail(format!("a TCP connection to {}", self.authority), e.to_string())
        };
        let dialling = async {
            let mut addresses = lookup_host(&self.authority).await?;
            let address = addresses.next().ok_or(std::io::ErrorKind::NotFound)?;
            let socket =
                if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.set_recv_buffer_size(NARROW)?;
            socket.set_send_buffer_size(NARROW)?;
            socket.connect(address).await
        };
        match timeout(patience, dialling).await {
            Ok(stream) => stream.map_err(failed),
            Err(elapsed) => Err(failed(elapsed.into())),
        }
    }

    /// The upgrade request with `extra` header lines.
    pub(crate) fn upgrade_request(&self, extra: &str) -> String {
        let Self { authority, path } = self;
        format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: \
             Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
        )
    }

    /// An upgraded connection.
    pub(crate) async fn connect(&self, patience: Duration) -> Outcome<Socket> {
        Ok(self.connect_with("", patience).await?.0)
    }

    /// An upgraded connection that holds little of what its owner does not read.
    pub(crate) async fn connect_narrow(&self, patience: Duration) -> Outcome<Socket> {
        let stream = self.dial_narrow(patience).await?;
        Ok(self.upgrade(stream, "", patience).await?.0)
    }

    /// An upgraded connection that asked with `extra` header lines, and the head of the answer.
    pub(crate) async fn connect_with(
        &self,
        extra: &str,
        patience: Duration,
    ) -> Outcome<(Socket, Head)> {
        let stream = self.dial(patience).await?;
        self.upgrade(stream, extra, patience).await
    }

    async fn upgrade(
        &self,
        mut stream: TcpStream,
        extra: &str,
        patience: Duration,
    ) -> Outcome<(Socket, Head)> {
        let request = self.upgrade_request(extra);
        let (head, rest) = exchange(&mut stream, request.as_bytes(), patience).await?;
        let awaited = "HTTP 101 with the accept key of RFC 6455";
        require(head.status() == 101, awaited, &head.0[0])?;
        let accept = head.value("sec-websocket-accept");
        require(
            accept == Some(&derive_accept_key(KEY.as_bytes())),
            awaited,
            format!("Sec-WebSocket-Accept: {accept:?}"),
        )?;
        Ok((Socket::new(stream, Role::Client, rest, patience), head))
    }
}

/// The lines of an HTTP head.
#[derive(Clone, Debug)]
pub(crate) struct Head(Vec<String>);

impl Head {
    /// The status of an answer; zero if there is none.
    pub(crate) fn status(&self) -> u16 {
        self.0[0].split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// The first line: of a request, what is asked for.
    pub(crate) fn request_line(&self) -> &str {
        &self.0[0]
    }

    /// The value of a header, named in lower case.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Sends a request and reads the head of the answer, and what came behind it.
pub(crate) async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    patience: Duration,
) -> Outcome<(Head, Vec<u8>)> {
    let failed = |e: std::io::Error| fail("an HTTP answer", e.to_string());
    stream.write_all(request).await.map_err(failed)?;
    read_head(stream, patience).await
}

/// Reads up to the empty line: the head, and what came behind it.
pub(crate) async fn read_head(
    stream: &mut TcpStream,
    patience: Duration,
) -> Outcome<(Head, Vec<u8>)> {
    let awaited = "a whole HTTP head";
    let mut bytes = Vec::new();
    loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(at + 4);
            let text = String::from_utf8_lossy(&bytes[..at]).into_owned();
            return Ok((Head(text.split("\r\n").map(str::to_owned).collect()), rest));
        }
        require(bytes.len() < HEAD_MAX, awaited, format!("{} bytes without an end", bytes.len()))?;
        match timeout(patience, stream.read_buf(&mut bytes)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0)) => return Err(fail(awaited, "the end of the stream")),
            Ok(Err(error)) => return Err(fail(awaited, error.to_string())),
            Err(_) => return Err(fail(awaited, format!("nothing for {patience:?}"))),
        }
    }
}

/// Takes the upgrade that a client asks for.
pub(crate) async fn accept(mut stream: TcpStream, patience: Duration) -> Outcome<(Socket, Head)> {
    stream.set_nodelay(true).map_err(|e| fail("a TCP connection", e.to_string()))?;
    let (head, rest) = read_head(&mut stream, patience).await?;
    let key = head
        .value("sec-websocket-key")
        .ok_or_else(|| fail("an upgrade request with Sec-WebSocket-Key", head.0.join(" | ")))?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: \
         Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    let failed = |e: std::io::Error| fail("a client that takes the upgrade", e.to_string());
    stream.write_all(answer.as_bytes()).await.map_err(failed)?;
    Ok((Socket::new(stream, Role::Server, rest, patience), head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let parts = |url| Address::parse(url).map(|a| (a.authority, a.path));
        assert_eq!(parts("ws://h:1/ws"), Ok(("h:1".into(), "/ws".into())));
        assert_eq!(parts("ws://h"), Ok(("h:80".into(), "/".into())));
        assert_eq!(parts("ws://[::1]/ws"), Ok(("[::1]:80".into(), "/ws".into())));
        assert!(parts("wss://h/ws").is_err());
        assert!(parts("ws:///ws").is_err());
    }
}
