//! From TCP to WebSocket: the request and the judgement of its response, RFC 6455 section 4.
//!
//! It is here and not left to the WebSocket library because the server is not trusted: the library
//! (0.13.3) panics at a long `Sec-WebSocket-Accept`, bounds no header, and takes extensions that
//! nobody offered.

use base64ct::{Base64, Encoding};
use sha1::{Digest, Sha1};
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Bytes of the whole response.
const MAX_RESPONSE: u64 = 16 << 10;
/// Appended to the key before hashing, RFC 6455 section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_BYTES: usize = 16;

/// Asks `host` for `target`. What the server sends behind its response stays in the reader.
pub(super) async fn upgrade(
    stream: TcpStream,
    host: &str,
    target: &str,
    random: [u8; KEY_BYTES],
) -> io::Result<BufReader<TcpStream>> {
    let key = Base64::encode_string(&random);
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    let mut stream = BufReader::new(stream);
    stream.write_all(request.as_bytes()).await?;
    let response = read_response(&mut stream).await?;
    judge(&response, &accept(&key))
        .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
    Ok(stream)
}

fn accept(key: &str) -> String {
    Base64::encode_string(&Sha1::digest(format!("{key}{GUID}")))
}

/// Up to the empty line, and no more bytes than that.
async fn read_response(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut limited = stream.take(MAX_RESPONSE);
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut response).await? == 0 {
            let why = "the response to the upgrade ends early or is longer than 16 KiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
    Ok(response)
}

fn judge(response: &[u8], accept: &str) -> Result<(), String> {
    let text = str::from_utf8(response).map_err(|_| "the response to the upgrade is not text")?;
    let (status, headers) = text.split_once("\r\n").unwrap_or((text, ""));
    if status.split(' ').take(2).ne(["HTTP/1.1", "101"]) {
        let shown: String = status.chars().take(40).collect();
        return Err(format!("no WebSocket there, the server answers {shown:?}"));
    }
    let values = |name: &'static str| {
        headers.lines().filter_map(move |line| {
            let (label, value) = line.split_once(':')?;
            label.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    };
    let says = |name, word: &str| {
        values(name).flat_map(|list| list.split(',')).any(|w| w.trim().eq_ignore_ascii_case(word))
    };
    if !says("upgrade", "websocket") || !says("connection", "upgrade") {
        return Err("the server switches to something that is not WebSocket".into());
    }
    if !values("sec-websocket-accept").eq([accept]) {
        return Err("the server's Sec-WebSocket-Accept is wrong".into());
    }
    if values("sec-websocket-extensions").chain(values("sec-websocket-protocol")).next().is_some() {
        return Err("the server chose an extension or subprotocol that was not offered".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 6455, section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn response(accept: &str, more: &str) -> String {
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, \
             Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{more}\r\n"
        )
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        assert_eq!(accept(KEY), ACCEPT);
        assert_eq!(judge(response(ACCEPT, "").as_bytes(), ACCEPT), Ok(()));
        assert_eq!(judge(response(ACCEPT, "Server: x\r\n").as_bytes(), ACCEPT), Ok(()));
    }

    #[test]
    fn everything_else_is_refused() {
        let good = response(ACCEPT, "");
        for wrong in [
            String::new(),
            good.replace("101", "200"),
            good.replace("HTTP/1.1", "HTTP/1.0"),
            good.replace("WebSocket\r", "h2c\r"),
            good.replace(", Upgrade", ""),
            response("", ""),
            response(&ACCEPT.repeat(20), ""),
            response(ACCEPT, &format!("Sec-WebSocket-Accept: {ACCEPT}\r\n")),
            response(ACCEPT, "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
            response(ACCEPT, "Sec-WebSocket-Protocol: chat\r\n"),
        ] {
            assert!(judge(wrong.as_bytes(), ACCEPT).is_err(), "{wrong}");
        }
        assert!(judge(b"HTTP/1.1 101 \xff\r\n\r\n", ACCEPT).is_err());
    }

    #[tokio::test]
    async fn a_response_is_read_to_its_end_and_not_further() {
        let mut bytes = &b"HTTP/1.1 101 x\r\nA: b\r\n\r\n\x89\x00"[..];
        assert_eq!(read_response(&mut bytes).await.unwrap(), b"HTTP/1.1 101 x\r\nA: b\r\n\r\n");
        assert_eq!(bytes, b"\x89\x00");
        assert!(read_response(&mut &b"HTTP/1.1 101 x\r\n"[..]).await.is_err());
        let endless = [&b"HTTP/1.1 101 x\r\nA: "[..], &[b'a'; 32 << 10], b"\r\n\r\n"].concat();
        assert!(read_response(&mut endless.as_slice()).await.is_err());
    }
}
