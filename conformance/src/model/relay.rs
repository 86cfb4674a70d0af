//! Chapter 6, relay: the commands to a relay, its events, its errors.
//!
//! Clauses: every `relay/*` that a byte string can show.

use super::frame::{route_keys, uplink};
use super::handshake::{BAD_VERSION, ERROR, HANDSHAKE_OK, ID_IN_USE, VERSION};
use super::identity::{Keys, Public, RELAY_ID};
use super::packet::seal;
use super::primitives::x25519;
use super::{Judged, array};

/// Watch keys.
pub(crate) const SUBSCRIBE: u8 = 0x40;
/// Stop watching keys.
pub(crate) const UNSUBSCRIBE: u8 = 0x41;
/// Watched keys that are there.
pub(crate) const PEER_ONLINE: u8 = 0x42;
/// Watched keys that are gone.
pub(crate) const PEER_OFFLINE: u8 = 0x43;
/// Make me known to somebody.
pub(crate) const INTRODUCE: u8 = 0x46;
/// Somebody makes themselves known.
pub(crate) const INTRO_FROM: u8 = 0x47;
/// Wake somebody by a push notification.
pub(crate) const WAKE: u8 = 0x48;
/// Where push notifications for me go.
pub(crate) const PUSH_REGISTER: u8 = 0x49;
/// A sign of life.
pub(crate) const SERVER_PING: u8 = 0x4a;
/// Text for the user.
pub(crate) const NOTICE: u8 = 0x88;
/// Error: the target of a peer frame is absent or gone.
pub(crate) const RECIPIENT_OFFLINE: u8 = 0x03;
/// Most bytes of a nickname in INTRODUCE.
pub(crate) const INTRODUCE_NICKNAME_MAX: usize = 1024;
/// Most bytes of a push token.
pub(crate) const PUSH_TOKEN_MAX: usize = 4096;

/// What a client asks of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Watch these keys.
    Subscribe(Vec<[u8; 32]>),
    /// Stop watching these keys.
    Unsubscribe(Vec<[u8; 32]>),
    /// Target and nickname.
    Introduce([u8; 8], Vec<u8>),
    /// Target and the type byte, absent or not.
    Wake([u8; 8], Option<u8>),
    /// Kind and token.
    PushRegister(u8, Vec<u8>),
}

/// What a relay tells a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The session is open, and speaks version 2.
    HandshakeOk,
    /// These keys are there.
    PeerOnline(Vec<[u8; 32]>),
    /// These keys are gone.
    PeerOffline(Vec<[u8; 32]>),
    /// Keys and nickname of a stranger.
    IntroFrom(Public, String),
    /// For the notifier: target and type.
    Wake([u8; 8], Option<u8>),
    /// For the notifier: sender, kind, token.
    PushRegister([u8; 8], u8, Vec<u8>),
    /// Life, and nothing else.
    ServerPing,
    /// Text for the user.
    Notice(String),
    /// Error 01.
    IdInUse,
    /// Error 02 and the version that the relay speaks.
    BadVersion(u8),
    /// Error 03: target and nonce of the frame that failed.
    RecipientOffline([u8; 8], [u8; 24]),
    /// An error code of another time.
    UnknownError(u8),
}

/// The command of a packet that a client sent to id zero.
pub(crate) fn read_command(command: u8, body: &[u8]) -> Judged<Command> {
    match command {
        SUBSCRIBE => Ok(Command::Subscribe(key_list(body)?)),
        UNSUBSCRIBE => Ok(Command::Unsubscribe(key_list(body)?)),
        INTRODUCE => introduce(body),
        WAKE => wake(body).map(|(target, kind)| Command::Wake(target, kind)),
        PUSH_REGISTER => {
            push_register(body).map(|(kind, token)| Command::PushRegister(kind, token))
        }
        0x01 | HANDSHAKE_OK | PEER_ONLINE | PEER_OFFLINE | INTRO_FROM | SERVER_PING | NOTICE
        | ERROR => Err("relay/direction"),
        _ => Err("relay/unknown-command"),
    }
}

/// The event of a frame that is the relay's own.
pub(crate) fn read_event(command: u8, body: &[u8]) -> Judged<Event> {
    match command {
        HANDSHAKE_OK if body.first() == Some(&VERSION) => Ok(Event::HandshakeOk),
        HANDSHAKE_OK => Err("handshake/reply-version"),
        PEER_ONLINE => Ok(Event::PeerOnline(key_list(body)?)),
        PEER_OFFLINE => Ok(Event::PeerOffline(key_list(body)?)),
        INTRO_FROM => intro_from(body),
        WAKE => wake(body).map(|(target, kind)| Event::Wake(target, kind)),
        PUSH_REGISTER => forwarded_push(body),
        SERVER_PING => Ok(Event::ServerPing),
        NOTICE => text(body).map(Event::Notice).ok_or("relay/notice"),
        ERROR => error(body),
        _ => Err("relay/event-unknown"),
    }
}

/// N × 32 bytes.
pub(crate) fn key_list(body: &[u8]) -> Judged<Vec<[u8; 32]>> {
    let keys = body.chunks_exact(32);
    if !keys.remainder().is_empty() {
        return Err("relay/key-list");
    }
    Ok(keys.map(|key| array(key, 0)).collect())
}

fn introduce(body: &[u8]) -> Judged<Command> {
    if body.len() < 8 {
        return Err("relay/introduce-length");
    }
    if body.len() - 8 > INTRODUCE_NICKNAME_MAX {
        return Err("relay/introduce-nickname");
    }
    Ok(Command::Introduce(array(body, 0), body[8..].to_vec()))
}

fn wake(body: &[u8]) -> Judged<([u8; 8], Option<u8>)> {
    if body.len() < 8 {
        return Err("relay/wake");
    }
    Ok((array(body, 0), body.get(8).copied()))
}

fn push_register(body: &[u8]) -> Judged<(u8, Vec<u8>)> {
    let (kind, token) = body.split_first().ok_or("relay/push-register")?;
    if token.len() > PUSH_TOKEN_MAX {
        return Err("relay/push-token");
    }
    Ok((*kind, token.to_vec()))
}

fn forwarded_push(body: &[u8]) -> Judged<Event> {
    if body.len() < 9 {
        return Err("relay/push-register");
    }
    Ok(Event::PushRegister(array(body, 0), body[8], body[9..].to_vec()))
}

fn intro_from(body: &[u8]) -> Judged<Event> {
    if body.len() < 64 {
        return Err("relay/intro-from");
    }
    let nickname = text(&body[64..]).ok_or("relay/intro-from")?;
    Ok(Event::IntroFrom(Public::import(array(body, 0), array(body, 32))?, nickname))
}

fn error(body: &[u8]) -> Judged<Event> {
    let (code, detail) = body.split_first().ok_or("relay/error")?;
    match *code {
        ID_IN_USE => Ok(Event::IdInUse),
        BAD_VERSION => detail.first().map(|v| Event::BadVersion(*v)).ok_or("relay/error"),
        RECIPIENT_OFFLINE if detail.len() < 32 => Err("relay/error"),
        RECIPIENT_OFFLINE => Ok(Event::RecipientOffline(array(detail, 0), array(detail, 8))),
        code => Ok(Event::UnknownError(code)),
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// `code 03 ‖ target ‖ nonce` of a frame that could not be delivered.
pub(crate) fn recipient_offline_body(target: [u8; 8], nonce: [u8; 24]) -> Vec<u8> {
    [&[RECIPIENT_OFFLINE][..], &target, &nonce].concat()
}

/// `X pub ‖ Ed pub ‖ nickname`.
pub(crate) fn intro_from_body(peer: &Public, nickname: &[u8]) -> Vec<u8> {
    [&peer.bytes()[..], nickname].concat()
}

/// `target ‖ nickname`.
pub(crate) fn introduce_body(target: [u8; 8], nickname: &[u8]) -> Vec<u8> {
    [&target[..], nickname].concat()
}

/// `target ‖ type`, the type absent or not.
pub(crate) fn wake_body(target: [u8; 8], kind: Option<u8>) -> Vec<u8> {
    target.into_iter().chain(kind).collect()
}

/// `kind ‖ token`.
pub(crate) fn push_register_body(kind: u8, token: &[u8]) -> Vec<u8> {
    [&[kind][..], token].concat()
}

/// The frame of a command to the relay with the key `relay_x`.
pub(crate) fn command_frame(
    keys: &Keys,
    relay_x: [u8; 32],
    nonce: [u8; 24],
    message_id: u16,
    command: u8,
    body: &[u8],
) -> Judged<Vec<u8>> {
    let shared = x25519(keys.x_seed, relay_x)?;
    let packet = seal(shared, keys.ed_seed, nonce, message_id, command, body);
    Ok(uplink(route_keys(shared).c2s, RELAY_ID, &packet))
}
