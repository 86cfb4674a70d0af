//! A socket on which WebSocket rules can be bent.

use super::PATIENCE;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub struct Raw(pub TcpStream);

/// Bytes of a masked frame (mask zero) that announces `length` and carries `payload`.
pub fn frame(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let head = match length {
        0..126 => vec![first, 0x80 | length as u8],
        126..65_536 => [&[first, 0xfe], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[first, 0xff], &length.to_be_bytes()[..]].concat(),
    };
    [&head[..], &[0; 4], payload].concat()
}

/// A whole binary message in one frame.
pub fn binary(payload: &[u8]) -> Vec<u8> {
    frame(0x82, payload.len() as u64, payload)
}

impl Raw {
    pub async fn request(address: SocketAddr, lines: &[&str], behind: &[u8]) -> (Self, String) {
        let tcp = TcpStream::connect(address).await.unwrap();
        Self(tcp).asked(lines, behind).await
    }

    async fn asked(mut self, lines: &[&str], behind: &[u8]) -> (Self, String) {
        let tcp = &mut self.0;
        let head = [lines.join("\r\n"), "\r\n\r\n".into()].concat();
        tcp.write_all(&[head.as_bytes(), behind].concat()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            match timeout(PATIENCE, tcp.read_u8()).await.unwrap() {
                Ok(byte) => answer.push(byte),
                Err(_) => break,
            }
        }
        (self, String::from_utf8(answer).unwrap())
    }

    /// Upgrades a connection that is there.
    pub async fn upgraded(self) -> Self {
        let (raw, answer) = self.asked(UPGRADE, &[]).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        raw
    }

    /// Upgrades; `behind` goes out in the same segment as the request.
    pub async fn open(address: SocketAddr, behind: &[u8]) -> Self {
        let (raw, answer) = Self::request(address, UPGRADE, behind).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "RFC 6455, section 1.3");
        raw
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next frame: its first byte and its payload; `None` at the end.
    pub async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        timeout(PATIENCE, async {
            let first = self.0.read_u8().await.ok()?;
            let length = match self.0.read_u8().await.ok()? {
                126 => u64::from(self.0.read_u16().await.ok()?),
                127 => self.0.read_u64().await.ok()?,
                short => u64::from(short),
            };
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        })
        .await
        .expect("the relay says something")
    }

    /// The close code; `Some(0)` for a close frame without one, `None` for none at all.
    pub async fn code(&mut self) -> Option<u16> {
        while let Some((first, payload)) = self.next().await {
            assert_ne!(first & 0x0f, 2, "a binary message before the close");
            if first == 0x88 {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                assert_eq!(self.next().await, None, "something behind the close");
                return Some(code.unwrap_or(0));
            }
        }
        None
    }
}

/// The request of RFC 6455, section 1.3.
pub const UPGRADE: &[&str] = &[
    "GET /ws HTTP/1.1",
    "Host: relay",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Extensions: permessage-deflate",
];
