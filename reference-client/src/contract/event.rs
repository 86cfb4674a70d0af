//! What the caller is told.

use super::{Hex, Key, Reference, Uuid};
use sealwire::{
    Clause,
    identity::{Nickname, PublicIdentity, safety_number},
};
use serde::{Serialize, Serializer};

/// An event of the bridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A session stands.
    Ready {
        /// Own id.
        id: Hex<8>,
        /// Own X25519 key.
        x25519: Key,
        /// Own Ed25519 key.
        ed25519: Key,
        /// The relay's, as pinned.
        relay_x25519: Key,
        /// The relay's, as pinned.
        relay_ed25519: Key,
        /// Counts from 1.
        session: u64,
    },
    /// A contact was added or renamed.
    Contact {
        /// Who.
        #[serde(flatten)]
        person: Person,
        /// Of the command.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Reference,
    },
    /// A text from a contact, shown once.
    Message {
        /// Who wrote it.
        peer: Key,
        /// What we call them.
        name: String,
        /// The message.
        uuid: Uuid,
        /// Theirs: data, whatever is in it.
        text: String,
    },
    /// The recipient has a text of ours.
    Delivered {
        /// The recipient.
        peer: Key,
        /// The message.
        uuid: Uuid,
        /// Of the command.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Reference,
    },
    /// The relay has no session for the recipient; the text is kept.
    Undeliverable {
        /// The recipient.
        peer: Key,
        /// The message.
        uuid: Uuid,
        /// Of the command.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Reference,
        /// `relay/recipient-offline`.
        #[serde(serialize_with = "clause_id")]
        clause: Clause,
    },
    /// A watched key came or went.
    Presence {
        /// Whose.
        peer: Key,
        /// Whether it has a session now.
        online: bool,
    },
    /// Somebody introduces themselves.
    Introduced {
        /// Who they say they are; the relay vouches for the keys, nobody for the name.
        #[serde(flatten)]
        person: Person,
        /// A code for `contact`, to accept.
        invite: String,
        /// Already a contact with exactly these keys.
        known: bool,
    },
    /// The relay's text for the user.
    Notice {
        /// Theirs: data.
        text: String,
    },
    /// Something went wrong, or is alarming.
    Error(Fault),
}

/// Keys, and what goes with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// X25519 key.
    pub peer: Key,
    /// Ed25519 key.
    pub ed25519: Key,
    /// Its first eight bytes.
    pub id: Hex<8>,
    /// A name.
    pub name: String,
    /// `person`, `info`, an agent's name.
    pub contact_type: Option<String>,
    /// For two people to compare.
    pub safety_number: String,
}

impl Person {
    /// `them` under `nickname`, with the safety number between `own` and them.
    #[must_use]
    pub fn new(own: &PublicIdentity, them: &PublicIdentity, nickname: Nickname<'_>) -> Self {
        Self {
            peer: Hex(*them.x25519()),
            ed25519: Hex(*them.ed25519()),
            id: Hex(them.id().0),
            name: nickname.name().to_owned(),
            contact_type: nickname.contact_type().map(str::to_owned),
            safety_number: safety_number(own, them).to_string(),
        }
    }
}

/// What an `error` event says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For programs.
    pub code: Code,
    /// The clause broken, or the one that asks for this report.
    #[serde(serialize_with = "optional_clause_id")]
    pub clause: Option<Clause>,
    /// For people.
    pub detail: String,
    /// The bridge ends now, by itself.
    pub fatal: bool,
    /// Of the command.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Reference,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Key>,
    /// Which message it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// The next attempt to connect is so far away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

/// Kinds of `error`; the README says when each is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "one table documents them: README.md")]
pub enum Code {
    BadCommand,
    BadInvite,
    UnknownPeer,
    KeyConflict,
    Duplicate,
    TooLong,
    Full,
    Unreachable,
    HelloUnanswered,
    ReplyRefused,
    Disconnected,
    IdInUse,
    BadVersion,
    RelayError,
}

impl Fault {
    /// A fault that is about nothing in particular yet.
    #[must_use]
    pub fn new(code: Code, clause: Option<Clause>, detail: impl Into<String>) -> Self {
        Self {
            code,
            clause,
            detail: detail.into(),
            fatal: false,
            reference: None,
            peer: None,
            uuid: None,
            retry_ms: None,
        }
    }

    /// About this command.
    #[must_use]
    pub fn with_reference(self, reference: Reference) -> Self {
        Self { reference, ..self }
    }

    /// About this peer.
    #[must_use]
    pub fn with_peer(self, peer: [u8; 32]) -> Self {
        Self { peer: Some(Hex(peer)), ..self }
    }
}

fn clause_id<S: Serializer>(clause: &Clause, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(clause.id())
}

fn optional_clause_id<S: Serializer>(
    clause: &Option<Clause>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    clause.map(Clause::id).serialize(serializer)
}
