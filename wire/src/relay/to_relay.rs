//! Commands: from a client to its relay.
//!
//! | command | body |
//! |---|---|
//! | 40 SUBSCRIBE, 41 UNSUBSCRIBE | N × X25519 public(32) |
//! | 46 INTRODUCE | target id(8) ‖ nickname |
//! | 48 WAKE | target id(8) ‖ type(1), the type may be absent |
//! | 49 PUSH_REGISTER | kind(1) ‖ token |
//!
//! Clauses: `relay/unknown-command`, `relay/direction`, `relay/introduce-*`, `relay/wake`,
//! `relay/push-*`.

use super::{
    Body, INTRODUCE, Keys, PUSH_REGISTER, SUBSCRIBE, UNSUBSCRIBE, WAKE, describe, from_relay,
};
use crate::{
    Clause,
    handshake::HANDSHAKE_REQUEST,
    identity::{ID, PeerId},
    reader::Reader,
};
use core::fmt;

/// Longest nickname in an INTRODUCE, in bytes.
pub const MAX_INTRODUCE_NICKNAME: usize = 1_024;
/// Longest push token, in bytes.
pub const MAX_TOKEN: usize = 4_096;

/// A command that a relay takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ToRelay<'a> {
    /// Adds keys to those whose presence this session watches.
    Subscribe(Keys<'a>),
    /// Takes keys away from them.
    Unsubscribe(Keys<'a>),
    /// Hands this session's keys to another, with a name.
    Introduce {
        /// For whom.
        target: PeerId,
        /// What this session calls itself; passed on unread.
        nickname: &'a [u8],
    },
    /// Asks the notifier to wake a peer.
    Wake {
        /// Whom.
        target: PeerId,
        /// 0 message, 1 call; absent means 0.
        kind: Option<u8>,
    },
    /// Tells the notifier how to reach this client.
    PushRegister {
        /// 0 none, 1 FCM, 2 Web Push JSON.
        kind: u8,
        /// As the push service gave it.
        token: &'a [u8],
    },
}

impl fmt::Debug for ToRelay<'_> {
    /// Says which command and how long: names and push tokens are people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Subscribe(_) => "Subscribe",
            Self::Unsubscribe(_) => "Unsubscribe",
            Self::Introduce { .. } => "Introduce",
            Self::Wake { .. } => "Wake",
            Self::PushRegister { .. } => "PushRegister",
        };
        describe(f, name, &self.body())
    }
}

impl<'a> ToRelay<'a> {
    /// Reads what an opened packet carries.
    ///
    /// # Errors
    /// [`Clause::RelayUnknownCommand`] or [`Clause::RelayDirection`] for the command; then the
    /// clause of its body: [`Clause::RelayKeyList`], [`Clause::RelayIntroduceLength`],
    /// [`Clause::RelayIntroduceNickname`], [`Clause::RelayWake`], [`Clause::RelayPushRegister`],
    /// [`Clause::RelayPushToken`]. A relay drops all of them without an answer.
    pub fn parse(command: u8, body: &'a [u8]) -> Result<Self, Clause> {
        let mut reader = Reader::new(body);
        let parsed = match command {
            SUBSCRIBE => Self::Subscribe(Keys::parse(body)?),
            UNSUBSCRIBE => Self::Unsubscribe(Keys::parse(body)?),
            INTRODUCE => {
                let target = reader.array::<ID>().ok_or(Clause::RelayIntroduceLength)?;
                Self::Introduce { target: PeerId(*target), nickname: reader.rest() }
            }
            WAKE => {
                let target = reader.array::<ID>().ok_or(Clause::RelayWake)?;
                // Longer ones are cut: the byte behind the id counts, the rest is not passed on.
                Self::Wake { target: PeerId(*target), kind: reader.byte() }
            }
            PUSH_REGISTER => {
                let kind = reader.byte().ok_or(Clause::RelayPushRegister)?;
                Self::PushRegister { kind, token: reader.rest() }
            }
            HANDSHAKE_REQUEST => return Err(Clause::RelayDirection),
            event if from_relay::is_event(event) => return Err(Clause::RelayDirection),
            _ => return Err(Clause::RelayUnknownCommand),
        };
        parsed.check()?;
        Ok(parsed)
    }

    /// The limits, the same for who writes and who reads.
    pub(super) fn check(&self) -> Result<(), Clause> {
        match self {
            Self::Introduce { nickname, .. } if nickname.len() > MAX_INTRODUCE_NICKNAME => {
                Err(Clause::RelayIntroduceNickname)
            }
            Self::PushRegister { token, .. } if token.len() > MAX_TOKEN => {
                Err(Clause::RelayPushToken)
            }
            _ => Ok(()),
        }
    }

    /// The command byte.
    #[must_use]
    pub const fn command(&self) -> u8 {
        match self {
            Self::Subscribe(_) => SUBSCRIBE,
            Self::Unsubscribe(_) => UNSUBSCRIBE,
            Self::Introduce { .. } => INTRODUCE,
            Self::Wake { .. } => WAKE,
            Self::PushRegister { .. } => PUSH_REGISTER,
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        match self {
            Self::Subscribe(keys) | Self::Unsubscribe(keys) => [keys.as_bytes(), &[], &[]],
            Self::Introduce { target, nickname } => [&target.0, nickname, &[]],
            Self::Wake { target, kind } => [&target.0, kind.as_slice(), &[]],
            Self::PushRegister { kind, token } => [core::slice::from_ref(kind), token, &[]],
        }
    }
}
