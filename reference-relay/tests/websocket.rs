//! The relay's reader of WebSocket frames beside two libraries: the same bytes, the same messages,
//! the same verdict.
//!
//! Clauses: `frame/fragments, fragments-limit, too-long`, and the closes of broken rules.

use futures_util::{FutureExt, StreamExt};
use proptest::{collection::vec, prelude::*};
use sealwire_relay::{
    exchange::session::Close,
    websocket::{Kind, Message, Reader},
};
use std::io::{self, Cursor, Read, Write};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

const LIMIT: usize = 400;

/// What a reader made of the bytes: messages, and the close of whoever refused them.
type Heard = (Vec<Message>, Option<Close>);

fn ours(bytes: &[u8]) -> Heard {
    let (mut reader, mut messages, mut bytes) = (Reader::default(), Vec::new(), bytes.to_vec());
    let mut input = &mut bytes[..];
    loop {
        match reader.next(&mut input, LIMIT) {
            Ok(Some(message)) => {
                let is_close = message.kind == Kind::Close;
                messages.push(message);
                if is_close {
                    return (messages, None);
                }
            }
            Ok(None) => return (messages, None),
            Err(close) => return (messages, Some(close)),
        }
    }
}

fn tokio_websockets(bytes: &[u8]) -> Heard {
    let (mut theirs, here) = tokio::io::duplex(1 << 20);
    tokio::io::AsyncWriteExt::write_all(&mut theirs, bytes).now_or_never().unwrap().unwrap();
    let limits = tokio_websockets::Limits::default().max_payload_len(Some(LIMIT));
    let mut stream = tokio_websockets::ServerBuilder::new().limits(limits).serve(here);
    let mut messages = Vec::new();
    while let Some(Some(message)) = stream.next().now_or_never() {
        match message {
            Ok(message) => {
                let kind = match () {
                    () if message.is_text() => Kind::Text,
                    () if message.is_binary() => Kind::Binary,
                    () if message.is_ping() => Kind::Ping,
                    () if message.is_pong() => Kind::Pong,
                    () => Kind::Close,
                };
                messages.push(Message::new(kind, message.into_payload().to_vec()));
            }
            Err(tokio_websockets::Error::PayloadTooLong { .. }) => {
                return (messages, Some(Close::TOO_BIG));
            }
            Err(tokio_websockets::Error::Protocol(error)) => {
                let text = matches!(error, tokio_websockets::proto::ProtocolError::InvalidUtf8);
                let close = if text { Close::NOT_TEXT } else { Close::PROTOCOL };
                return (messages, Some(close));
            }
            Err(error) => panic!("{error}"),
        }
    }
    (messages, None)
}

/// Bytes that come, and a hole for those that go.
struct Wire(Cursor<Vec<u8>>);

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tungstenite(bytes: &[u8]) -> Heard {
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(LIMIT);
    config.max_frame_size = Some(LIMIT);
    let wire = Wire(Cursor::new(bytes.to_vec()));
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, Some(config));
    let mut messages = Vec::new();
    loop {
        use tungstenite::{Error, Message as Theirs};
        match socket.read() {
            Ok(message) => messages.push(match message {
                Theirs::Text(text) => Message::new(Kind::Text, text.as_bytes()),
                Theirs::Binary(bytes) => Message::new(Kind::Binary, &bytes[..]),
                Theirs::Ping(bytes) => Message::new(Kind::Ping, &bytes[..]),
                Theirs::Pong(bytes) => Message::new(Kind::Pong, &bytes[..]),
                Theirs::Close(_) => Message::new(Kind::Close, []),
                Theirs::Frame(_) => unreachable!("only whole messages are read"),
            }),
            Err(Error::Capacity(_)) => return (messages, Some(Close::TOO_BIG)),
            Err(Error::Utf8(_)) => return (messages, Some(Close::NOT_TEXT)),
            Err(Error::Protocol(_)) => return (messages, Some(Close::PROTOCOL)),
            Err(_) => return (messages, None),
        }
    }
}

/// A masked frame whose length is written in its shortest form.
fn frame(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u8::try_from(payload.len()).ok().filter(|length| *length < 126) {
        Some(short) => bytes.push(0x80 | short),
        None => {
            bytes.push(0xfe);
            bytes.extend((payload.len() as u16).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn opcode() -> impl Strategy<Value = u8> {
    prop_oneof![
        8 => prop::sample::select(vec![0x82_u8, 0x81, 0x89, 0x8a, 0x02, 0x01, 0x00, 0x80]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-zé€]{0,40}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..200),
        1 => vec(any::<u8>(), 350..450),
        1 => (950_u16..5_050).prop_map(|code| code.to_be_bytes().to_vec()),
    ]
}

type Frames = Vec<(u8, Vec<u8>, [u8; 4])>;

fn bytes(frames: &Frames) -> Vec<u8> {
    frames.iter().flat_map(|(first, payload, mask)| frame(*first, payload, *mask)).collect()
}

/// What may be text is text: both libraries refuse what is none before its message has ended. No
/// control frame is longer than a message may be: it breaks two rules.
fn frames() -> impl Strategy<Value = Frames> {
    let frame = (opcode(), payload(), any::<[u8; 4]>()).prop_map(|(first, mut payload, mask)| {
        if first & 0x0f <= Kind::Text as u8 {
            payload.iter_mut().for_each(|byte| *byte &= 0x7f);
        } else if first & 0x08 != 0 {
            payload.truncate(200);
        }
        (first, payload, mask)
    });
    vec(frame, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_reads_what_tokio_websockets_reads(frames in frames()) {
        let bytes = bytes(&frames);
        prop_assert_eq!(ours(&bytes), tokio_websockets(&bytes));
    }

    /// But that library passes on closes with a code that may not be sent, and of two broken rules
    /// it names the length of one frame first.
    #[test]
    fn it_reads_what_tungstenite_reads(mut frames in frames()) {
        frames.retain(|(first, ..)| first & 0x0f != Kind::Close as u8);
        frames.iter_mut().for_each(|(_, payload, _)| payload.truncate(LIMIT));
        let bytes = bytes(&frames);
        prop_assert_eq!(ours(&bytes), tungstenite(&bytes));
    }
}
