//! Events: from a relay to its client, two of them to the notifier alone.
//!
//! | command | body |
//! |---|---|
//! | 02 HANDSHAKE_OK | version(1) |
//! | 42 PEER_ONLINE, 43 PEER_OFFLINE | N × X25519 public(32) |
//! | 47 INTRO_FROM | X25519 public(32) ‖ Ed25519 public(32) ‖ nickname |
//! | 48 WAKE, to the notifier | target id(8) ‖ type(1), the type may be absent |
//! | 49 PUSH_REGISTER, to the notifier | sender id(8) ‖ kind(1) ‖ token |
//! | 4A SERVER_PING | empty |
//! | 88 NOTICE | UTF-8 |
//! | FF ERROR | code(1) ‖ detail |
//!
//! Clauses: `relay/event-unknown`, `relay/intro-from`, `relay/notice`, `relay/error`.

use super::{
    Body, ERROR_RECIPIENT_OFFLINE, INTRO_FROM, Keys, NOTICE, PEER_OFFLINE, PEER_ONLINE,
    PUSH_REGISTER, SERVER_PING, WAKE, describe,
};
use crate::{
    Clause,
    handshake::{ERROR, ERROR_BAD_VERSION, ERROR_ID_IN_USE, HANDSHAKE_OK, VERSION},
    identity::{ID, PeerId, PublicIdentity},
    primitives::NonceBytes,
    reader::Reader,
};
use core::fmt;

/// An event that a client takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FromRelay<'a> {
    /// The reply to a hello: the session speaks version 2.
    HandshakeOk,
    /// Watched keys that have a session now.
    PeerOnline(Keys<'a>),
    /// Watched keys that have none any more.
    PeerOffline(Keys<'a>),
    /// Somebody introduces itself. The relay vouches for the keys, nobody for the name.
    IntroFrom {
        /// Who, keys imported.
        peer: PublicIdentity,
        /// What it calls itself.
        nickname: &'a str,
    },
    /// For the notifier: wake this peer.
    Wake {
        /// Whom.
        target: PeerId,
        /// 0 message, 1 call; absent means 0.
        kind: Option<u8>,
    },
    /// For the notifier: how to reach this peer.
    PushRegister {
        /// Whose token it is.
        sender: PeerId,
        /// 0 none, 1 FCM, 2 Web Push JSON.
        kind: u8,
        /// As the push service gave it.
        token: &'a [u8],
    },
    /// A sign of life and nothing else.
    ServerPing,
    /// Text for the user.
    Notice(&'a str),
    /// Something failed.
    Error(ErrorCode),
}

/// Why a relay sent an ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// 01: another session has this id.
    IdInUse,
    /// 02: the hello's version is not spoken here.
    BadVersion {
        /// The one that is.
        supported: u8,
    },
    /// 03: a frame found no recipient.
    RecipientOffline {
        /// For whom it was.
        target: PeerId,
        /// Its nonce, which tells it from others.
        nonce: NonceBytes,
    },
    /// A code that this version does not know.
    Unknown(u8),
}

/// Whether `command` goes from relay to client only.
pub(super) const fn is_event(command: u8) -> bool {
    matches!(
        command,
        HANDSHAKE_OK | PEER_ONLINE | PEER_OFFLINE | INTRO_FROM | SERVER_PING | NOTICE | ERROR
    )
}

impl fmt::Debug for FromRelay<'_> {
    /// Says which event and how long: names, notices and push tokens are people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::HandshakeOk => "HandshakeOk",
            Self::PeerOnline(_) => "PeerOnline",
            Self::PeerOffline(_) => "PeerOffline",
            Self::IntroFrom { .. } => "IntroFrom",
            Self::Wake { .. } => "Wake",
            Self::PushRegister { .. } => "PushRegister",
            Self::ServerPing => "ServerPing",
            Self::Notice(_) => "Notice",
            Self::Error(_) => "Error",
        };
        describe(f, name, &self.body())
    }
}

impl<'a> FromRelay<'a> {
    /// Reads what an opened event carries.
    ///
    /// # Errors
    /// [`Clause::RelayEventUnknown`] for the command; then the clause of its body:
    /// [`Clause::HandshakeReplyVersion`], [`Clause::RelayKeyList`], [`Clause::RelayIntroFrom`] and
    /// those of [`PublicIdentity::import`], [`Clause::RelayWake`], [`Clause::RelayPushRegister`],
    /// [`Clause::RelayNotice`], [`Clause::RelayError`].
    pub fn parse(command: u8, body: &'a [u8]) -> Result<Self, Clause> {
        match command {
            HANDSHAKE_OK => match body {
                [VERSION, ..] => Ok(Self::HandshakeOk),
                _ => Err(Clause::HandshakeReplyVersion),
            },
            PEER_ONLINE => Keys::parse(body).map(Self::PeerOnline),
            PEER_OFFLINE => Keys::parse(body).map(Self::PeerOffline),
            INTRO_FROM => parse_introduction(body),
            WAKE => parse_wake(body).ok_or(Clause::RelayWake),
            PUSH_REGISTER => parse_push_register(body).ok_or(Clause::RelayPushRegister),
            SERVER_PING => Ok(Self::ServerPing),
            NOTICE => core::str::from_utf8(body).map(Self::Notice).map_err(|_| Clause::RelayNotice),
            ERROR => ErrorCode::parse(body).map(Self::Error).ok_or(Clause::RelayError),
            _ => Err(Clause::RelayEventUnknown),
        }
    }

    /// The command byte.
    #[must_use]
    pub const fn command(&self) -> u8 {
        match self {
            Self::HandshakeOk => HANDSHAKE_OK,
            Self::PeerOnline(_) => PEER_ONLINE,
            Self::PeerOffline(_) => PEER_OFFLINE,
            Self::IntroFrom { .. } => INTRO_FROM,
            Self::Wake { .. } => WAKE,
            Self::PushRegister { .. } => PUSH_REGISTER,
            Self::ServerPing => SERVER_PING,
            Self::Notice(_) => NOTICE,
            Self::Error(_) => ERROR,
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        match self {
            Self::HandshakeOk => [&[VERSION], &[], &[]],
            Self::PeerOnline(keys) | Self::PeerOffline(keys) => [keys.as_bytes(), &[], &[]],
            Self::IntroFrom { peer, nickname } => {
                [peer.x25519(), peer.ed25519(), nickname.as_bytes()]
            }
            Self::Wake { target, kind } => [&target.0, kind.as_slice(), &[]],
            Self::PushRegister { sender, kind, token } => {
                [&sender.0, core::slice::from_ref(kind), token]
            }
            Self::ServerPing => [&[], &[], &[]],
            Self::Notice(text) => [text.as_bytes(), &[], &[]],
            Self::Error(error) => error.body(),
        }
    }
}

fn parse_introduction(body: &[u8]) -> Result<FromRelay<'_>, Clause> {
    let mut reader = Reader::new(body);
    let (x25519, ed25519) = reader.array().zip(reader.array()).ok_or(Clause::RelayIntroFrom)?;
    let nickname = core::str::from_utf8(reader.rest()).map_err(|_| Clause::RelayIntroFrom)?;
    let peer = PublicIdentity::import(*x25519, *ed25519)?;
    Ok(FromRelay::IntroFrom { peer, nickname })
}

fn parse_wake(body: &[u8]) -> Option<FromRelay<'_>> {
    let mut reader = Reader::new(body);
    let target = reader.array::<ID>()?;
    Some(FromRelay::Wake { target: PeerId(*target), kind: reader.byte() })
}

fn parse_push_register(body: &[u8]) -> Option<FromRelay<'_>> {
    let mut reader = Reader::new(body);
    let (sender, kind) = reader.array::<ID>().zip(reader.byte())?;
    Some(FromRelay::PushRegister { sender: PeerId(*sender), kind, token: reader.rest() })
}

impl ErrorCode {
    /// Detail behind what a code names is room to grow; less than that is refused.
    fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        Some(match reader.byte()? {
            ERROR_ID_IN_USE => Self::IdInUse,
            ERROR_BAD_VERSION => Self::BadVersion { supported: reader.byte()? },
            ERROR_RECIPIENT_OFFLINE => {
                let (target, nonce) = reader.array().zip(reader.array())?;
                Self::RecipientOffline { target: PeerId(*target), nonce: NonceBytes(*nonce) }
            }
            code => Self::Unknown(code),
        })
    }

    fn body(&self) -> Body<'_> {
        match self {
            Self::IdInUse => [&[ERROR_ID_IN_USE], &[], &[]],
            Self::BadVersion { supported } => {
                [&[ERROR_BAD_VERSION], core::slice::from_ref(supported), &[]]
            }
            Self::RecipientOffline { target, nonce } => {
                [&[ERROR_RECIPIENT_OFFLINE], &target.0, &nonce.0]
            }
            Self::Unknown(code) => [core::slice::from_ref(code), &[], &[]],
        }
    }
}
