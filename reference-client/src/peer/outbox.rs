//! Texts that are not acknowledged yet, in the order in which they were given.

use crate::{contract::Reference, limits::Limits, message::UUID};
use sealwire::{identity::PeerId, primitives::NonceBytes};
use std::{collections::VecDeque, fmt};

pub(super) struct Waiting {
    pub(super) peer: [u8; 32],
    pub(super) uuid: [u8; UUID],
    pub(super) text: String,
    pub(super) reference: Reference,
    /// Of the last frame that carried it: what a recipient_offline names.
    pub(super) nonce: Option<NonceBytes>,
}

impl fmt::Debug for Waiting {
    /// Says nothing of what was written, and to whom.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    fn is(&self, peer: &[u8; 32], uuid: &[u8; UUID]) -> bool {
        self.peer == *peer && self.uuid == *uuid
    }
}

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    Duplicate,
    Full,
}

#[derive(Debug)]
pub(super) struct Outbox {
    most: usize,
    most_bytes: usize,
    bytes: usize,
    waiting: VecDeque<Waiting>,
}

impl Outbox {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            most: limits.outbox_messages,
            most_bytes: limits.outbox_bytes,
            bytes: 0,
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, waiting: Waiting) -> Result<(), NotTaken> {
        if self.waiting.iter().any(|other| other.is(&waiting.peer, &waiting.uuid)) {
            return Err(NotTaken::Duplicate);
        }
        let bytes = self.bytes.saturating_add(waiting.text.len());
        if self.waiting.len() >= self.most || bytes > self.most_bytes {
            return Err(NotTaken::Full);
        }
        self.bytes = bytes;
        self.waiting.push_back(waiting);
        Ok(())
    }

    /// Only the peer a text went to can acknowledge it.
    pub(super) fn acknowledge(&mut self, peer: &[u8; 32], uuid: &[u8; UUID]) -> Option<Waiting> {
        let place = self.waiting.iter().position(|waiting| waiting.is(peer, uuid))?;
        let done = self.waiting.remove(place)?;
        self.bytes = self.bytes.saturating_sub(done.text.len());
        Some(done)
    }

    /// The text whose last frame had this nonce and went to this id.
    pub(super) fn failed(&self, target: PeerId, nonce: NonceBytes) -> Option<&Waiting> {
        self.waiting
            .iter()
            .find(|waiting| waiting.nonce == Some(nonce) && waiting.peer.starts_with(&target.0))
    }

    /// All that waits, in order; for one peer if one is given.
    pub(super) fn iter_mut(
        &mut self,
        peer: Option<[u8; 32]>,
    ) -> impl Iterator<Item = &mut Waiting> {
        self.waiting.iter_mut().filter(move |waiting| peer.is_none_or(|peer| waiting.peer == peer))
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Waiting> {
        self.waiting.back_mut()
    }
}
