//! The relay: judges a hello, and yields the only token that registers a session.
//!
//! Clauses: `handshake/too-short` to `handshake/version`, in the receiver's order;
//! `handshake/replay`, `handshake/error-then-close`.

use super::{
    ERROR, ERROR_BAD_VERSION, ERROR_ID_IN_USE, HANDSHAKE_REQUEST, HELLO, VERSION,
    link::{Link, RelayLink},
};
use crate::{
    BuildError, Clause,
    frame::{COMMAND_OVERHEAD, MAX_BEFORE_HELLO},
    identity::{Identity, PublicIdentity},
    packet::parse_inner,
    primitives::{
        Ed25519Public, FreshNonce, KEY, NONCE, NonceBytes, SIGNATURE, Secret, TAG, X25519Candidate,
        aead_open, aead_seal_again,
    },
    reader::Reader,
};

/// Bytes of the mark by which a relay knows a hello again: `nonce(24) ‖ tag(16)`.
pub const MARK: usize = NONCE + TAG;

/// A connection that has not said hello.
#[derive(Debug)]
pub struct AwaitHello<'r> {
    relay: &'r Identity,
}

/// What a genuine hello asked for.
#[derive(Debug)]
pub enum Hello {
    /// Version 2: the id may be registered.
    Admitted(Admitted),
    /// Another version: say so, then close (`[handshake/version]`).
    WrongVersion(Refusal),
}

/// The proof of a genuine hello: the one token with which a session is registered, once it is no
/// replay and its id is free. Neither `Clone` nor constructible elsewhere.
#[derive(Debug)]
pub struct Admitted {
    link: RelayLink,
    mark: [u8; MARK],
}

impl Admitted {
    /// Who said hello.
    #[must_use]
    pub const fn peer(&self) -> &PublicIdentity {
        self.link.peer()
    }

    /// `nonce ‖ tag` of the hello: what a relay remembers against replay
    /// (`[handshake/replay]`). The key in front is no part of it, because it is not sealed.
    #[must_use]
    pub const fn mark(&self) -> &[u8; MARK] {
        &self.mark
    }

    /// Spends the token: the session stands, and its frames can be sealed and opened.
    #[must_use]
    pub fn into_link(self) -> RelayLink {
        self.link
    }

    /// Gives the token back: another session has the id (`[handshake/id-in-use]`).
    #[must_use]
    pub fn refuse(self) -> Refusal {
        Refusal { link: self.link, error: &[ERROR_ID_IN_USE] }
    }
}

/// A genuine hello that gets no session. All that is left is to say why, once, and to close
/// (`[handshake/error-then-close]`).
#[derive(Debug)]
pub struct Refusal {
    link: RelayLink,
    error: &'static [u8],
}

impl Refusal {
    /// Bytes of the longest frame that says why.
    pub const MAX: usize = COMMAND_OVERHEAD + 2;

    /// Seals the ERROR into `out`; returns the frame's length.
    ///
    /// # Errors
    /// `out` is too small.
    pub fn seal(
        self,
        out: &mut [u8],
        relay: &Identity,
        nonce: FreshNonce,
    ) -> Result<usize, BuildError> {
        self.link.seal_to_client(out, relay, nonce, ERROR, &[self.error])
    }
}

impl<'r> AwaitHello<'r> {
    /// Waits for a hello to `relay`.
    #[must_use]
    pub const fn new(relay: &'r Identity) -> Self {
        Self { relay }
    }

    /// Judges a binary message. It is as it was afterwards, whatever the outcome.
    ///
    /// # Errors
    /// The machine, untouched, and the first clause broken: [`Clause::FrameBeforeHello`],
    /// [`Clause::HandshakeTooShort`], those of P1, [`Clause::HandshakeHelloSeal`],
    /// [`Clause::HandshakeHelloCommand`], those of S1 for the key inside,
    /// [`Clause::HandshakeHelloSignature`]. The scalar multiplications of P1 wait for the seal, so
    /// a hello that breaks both is refused by its seal. From too short to signature all look the
    /// same on the wire (`[handshake/silent-refusal]`).
    pub fn receive(self, message: &mut [u8]) -> Result<Hello, (Self, Clause)> {
        self.judge(message).map_err(|clause| (self, clause))
    }

    fn judge(&self, message: &mut [u8]) -> Result<Hello, Clause> {
        if message.len() > MAX_BEFORE_HELLO {
            return Err(Clause::FrameBeforeHello);
        }
        if message.len() < HELLO {
            return Err(Clause::HandshakeTooShort);
        }
        let (key, packet) =
            message.split_first_chunk_mut::<KEY>().ok_or(Clause::HandshakeTooShort)?;
        let (signed, signature) =
            packet.split_last_chunk_mut::<SIGNATURE>().ok_or(Clause::HandshakeTooShort)?;
        let (nonce, sealed) =
            signed.split_first_chunk_mut::<NONCE>().ok_or(Clause::HandshakeTooShort)?;
        let nonce = NonceBytes(*nonce);

        // The parts of P1 that cost a scalar multiplication wait until the hello opened.
        let key = X25519Candidate::screen(*key)?;
        let (shared, head) = match self.open(&key, &nonce, sealed) {
            Err(Clause::PrimitivesX25519Contributory) => {
                return key.prove().and(Err(Clause::PrimitivesX25519Contributory));
            }
            other => other?,
        };
        let x25519 = key.prove()?;
        let mark = mark(&nonce, sealed);
        if head.command != HANDSHAKE_REQUEST {
            return Err(Clause::HandshakeHelloCommand);
        }
        let ed25519 = Ed25519Public::import(head.ed25519)?;
        ed25519.verify(signed, signature).map_err(|_| Clause::HandshakeHelloSignature)?;

        let link = RelayLink(Link::new(PublicIdentity::new(x25519, ed25519), shared));
        Ok(match head.version {
            VERSION => Hello::Admitted(Admitted { link, mark }),
            _ => Hello::WrongVersion(Refusal { link, error: &[ERROR_BAD_VERSION, VERSION] }),
        })
    }

    /// Opens in place, takes the head, and seals again with the same key and nonce: the signature
    /// is over the ciphertext, and a refused buffer is to be as it was.
    fn open(
        &self,
        key: &X25519Candidate,
        nonce: &NonceBytes,
        sealed: &mut [u8],
    ) -> Result<(Secret<KEY>, Head), Clause> {
        let shared = self.relay.agreement().agree(key.as_bytes())?;
        let inner = aead_open(&shared, nonce, sealed).map_err(|_| Clause::HandshakeHelloSeal)?;
        let head = Head::parse(inner).ok_or(Clause::HandshakeTooShort);
        aead_seal_again(&shared, nonce, inner).map_err(|_| Clause::HandshakeHelloSeal)?;
        Ok((shared, head?))
    }
}

/// The fixed part of a hello's inner; what follows the version is room to grow.
struct Head {
    command: u8,
    ed25519: [u8; KEY],
    version: u8,
}

impl Head {
    fn parse(inner: &[u8]) -> Option<Self> {
        let inner = parse_inner(inner)?;
        let mut reader = Reader::new(inner.body);
        let ed25519 = *reader.array()?;
        Some(Self { command: inner.command, ed25519, version: reader.byte()? })
    }
}

fn mark(nonce: &NonceBytes, sealed: &[u8]) -> [u8; MARK] {
    let mut mark = [0; MARK];
    let tag = sealed.last_chunk::<TAG>().into_iter().flatten();
    mark.iter_mut().zip(nonce.0.iter().chain(tag)).for_each(|(to, from)| *to = *from);
    mark
}
