//! The client: one hello, then the first binary message is the reply.
//!
//! Clauses: `handshake/hello-layout`, `handshake/reply-*`.

use super::{
    ERROR, ERROR_BAD_VERSION, ERROR_ID_IN_USE, HANDSHAKE_OK, HANDSHAKE_REQUEST, HELLO, VERSION,
    link::{ClientLink, Link},
};
use crate::{
    Clause,
    identity::{Identity, PublicIdentity},
    packet::{Inner, seal_parts},
    primitives::{FreshNonce, KEY},
};

/// The hello is sent; the reply is not here yet.
#[derive(Debug)]
pub struct AwaitReply {
    link: ClientLink,
}

/// What a genuine reply said.
#[derive(Debug)]
pub enum Reply {
    /// The session stands.
    Session(ClientLink),
    /// The relay speaks another version: stop and say so (`[handshake/bad-version-stop]`).
    BadVersion {
        /// The version that the relay supports.
        supported: u8,
    },
    /// Another session has this id: alarm, and try again later (`[handshake/id-in-use-retry]`).
    IdInUse,
}

/// Writes the hello of `identity` to the pinned `relay` and waits for the reply. No frame is to be
/// sent before it (`[handshake/reply-first]`): only [`AwaitReply`] yields what seals frames.
///
/// # Errors
/// [`Clause::PrimitivesX25519Contributory`], never for a relay key that passed P1.
pub fn hello(
    out: &mut [u8; HELLO],
    identity: &Identity,
    relay: &PublicIdentity,
    nonce: FreshNonce,
) -> Result<AwaitReply, Clause> {
    let link = Link::new(*relay, identity.agreement().agree(relay.x25519())?);
    let own = identity.public();
    let (key, packet) = out.split_first_chunk_mut::<KEY>().ok_or(Clause::HandshakeTooShort)?;
    *key = *own.x25519();
    let body: [&[u8]; 2] = [own.ed25519(), &[VERSION]];
    seal_parts(packet, link.pair(), identity, nonce, 0, HANDSHAKE_REQUEST, &body)
        .map_err(|_| Clause::HandshakeTooShort)?;
    Ok(AwaitReply { link: ClientLink(link) })
}

impl AwaitReply {
    /// Takes the first binary message, in place. If it is refused, it is as it was, and the
    /// connection is to be closed: a second message is no reply (`[handshake/reply-first]`).
    ///
    /// # Errors
    /// The machine, untouched, and the first clause broken: those of
    /// [`ClientLink::open_event`], then [`Clause::HandshakeReplyCommand`],
    /// [`Clause::HandshakeReplyVersion`] or, for an error that answers no hello,
    /// [`Clause::RelayError`].
    pub fn receive(self, message: &mut [u8]) -> Result<Reply, (Self, Clause)> {
        let verdict = match self.link.open_event(message) {
            Ok(inner) => judge(&inner),
            Err(clause) => return Err((self, clause)),
        };
        match verdict {
            Ok(Verdict::Accepted) => Ok(Reply::Session(self.link)),
            Ok(Verdict::BadVersion(supported)) => Ok(Reply::BadVersion { supported }),
            Ok(Verdict::IdInUse) => Ok(Reply::IdInUse),
            Err(clause) => {
                self.link.close_event(message);
                Err((self, clause))
            }
        }
    }
}

enum Verdict {
    Accepted,
    BadVersion(u8),
    IdInUse,
}

/// Bytes after those that are named are room to grow.
fn judge(inner: &Inner<'_>) -> Result<Verdict, Clause> {
    match (inner.command, inner.body) {
        (HANDSHAKE_OK, [VERSION, ..]) => Ok(Verdict::Accepted),
        (HANDSHAKE_OK, _) => Err(Clause::HandshakeReplyVersion),
        (ERROR, [ERROR_ID_IN_USE, ..]) => Ok(Verdict::IdInUse),
        (ERROR, [ERROR_BAD_VERSION, supported, ..]) => Ok(Verdict::BadVersion(*supported)),
        (ERROR, _) => Err(Clause::RelayError),
        _ => Err(Clause::HandshakeReplyCommand),
    }
}
