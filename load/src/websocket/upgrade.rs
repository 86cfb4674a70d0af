//! The HTTP request that becomes a WebSocket, and its answer.

use base64ct::{Base64, Encoding};
use sha1::{Digest, Sha1};

/// What RFC 6455 adds to the key of a request.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The key of every request: it proves to a client that the answer is to its request and no cached
/// one, and a loopback caches nothing.
const KEY: &str = "c2VhbHdpcmUgaXMgaGVyZQ==";
/// The end of a head.
const END: &[u8] = b"\r\n\r\n";
/// The longest head that is waited for.
const LONGEST: usize = 8_192;

/// The other side does not upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It has no room now: status 503.
    Busy,
    /// It does not speak the protocol, and why not.
    Foreign(String),
}

/// What a client asks.
pub(crate) fn request(authority: &str, path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
    .into_bytes()
}

/// Judges the answer to [`request`] and says how many bytes its head takes; nothing if it is not
/// here whole.
pub(crate) fn answered(bytes: &[u8]) -> Result<Option<usize>, Refused> {
    let Some(length) = head(bytes)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes[..length]);
    let status = text.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 503") {
        return Err(Refused::Busy);
    }
    if !status.starts_with("HTTP/1.1 101 ") {
        return Err(foreign(format!("it answers the upgrade with \"{status}\"")));
    }
    match header(&text, "sec-websocket-accept") {
        Some(accepted) if accepted == accept(KEY) => Ok(Some(length)),
        _ => Err(foreign("it answers the upgrade without the right Sec-WebSocket-Accept")),
    }
}

/// Reads a request as a server does: the answer that accepts it, and how many bytes the request
/// takes; nothing if it is not here whole.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Refused> {
    let Some(length) = head(bytes)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes[..length]);
    let key = header(&text, "sec-websocket-key");
    let key = key.ok_or_else(|| foreign("it asks for no WebSocket"))?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept(key)
    );
    Ok(Some((answer.into_bytes(), length)))
}

fn foreign(why: impl Into<String>) -> Refused {
    Refused::Foreign(why.into())
}

fn head(bytes: &[u8]) -> Result<Option<usize>, Refused> {
    match bytes.windows(END.len()).position(|window| window == END) {
        Some(at) => Ok(Some(at + END.len())),
        None if bytes.len() > LONGEST => Err(foreign("it does not speak HTTP")),
        None => Ok(None),
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn accept(key: &str) -> String {
    let mut sum = Sha1::new();
    sum.update(key.as_bytes());
    sum.update(GUID);
    Base64::encode_string(&sum.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_accepted() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_request_and_its_answer_fit_each_other() {
        let asked = request("127.0.0.1:80", "/ws");
        let (answer, length) = answer(&asked).expect("a request").expect("whole");
        assert_eq!(length, asked.len());
        let behind = [&answer[..], b"\x82\x00"].concat();
        assert_eq!(answered(&behind), Ok(Some(answer.len())));
    }

    #[test]
    fn half_a_head_is_waited_for_and_a_foreign_one_is_refused() {
        assert_eq!(answered(b"HTTP/1.1 101 Switching Pro"), Ok(None));
        assert_eq!(answer(b"GET /ws HTTP/1.1\r\n"), Ok(None));
        let status = |status: &str| answered(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes());
        assert_eq!(status("503 Service Unavailable"), Err(Refused::Busy));
        let absent = foreign("it answers the upgrade with \"HTTP/1.1 404 Not Found\"");
        assert_eq!(status("404 Not Found"), Err(absent));
        let cached = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: other=\r\n\r\n";
        assert!(answered(cached).is_err());
        assert!(answered(&[b'x'; LONGEST + 1]).is_err());
        assert!(answer(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").is_err());
    }
}
