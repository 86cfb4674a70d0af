//! Whom we talk to: keys that the user vouched for. Nothing but the user changes them.

use super::seen::Seen;
use crate::limits::Limits;
use sealwire::{
    Clause,
    identity::{Identity, PeerId, PublicIdentity},
    packet::PairKey,
};
use std::collections::{HashMap, hash_map::Entry};

#[derive(Debug)]
pub(super) struct Contact {
    pub(super) pair: PairKey,
    pub(super) name: String,
    pub(super) seen: Seen,
    /// An introduction with its keys was shown already.
    pub(super) introduced: bool,
}

impl Contact {
    /// Both keys, as the user vouched for them.
    pub(super) const fn keys(&self) -> &PublicIdentity {
        self.pair.other()
    }
}

/// How offered keys relate to those we know, whole keys compared (`[identity/full-key]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    Known,
    /// One key or the id is somebody's whose other keys differ.
    Conflict,
}

/// There is no room for another contact.
#[derive(Debug)]
pub(super) struct Full;

#[derive(Debug)]
pub(super) struct Contacts {
    most: usize,
    remembered: usize,
    by_id: HashMap<PeerId, Contact>,
}

impl Contacts {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { most: limits.contacts, remembered: limits.remembered, by_id: HashMap::new() }
    }

    pub(super) fn standing(&self, offered: &PublicIdentity) -> Standing {
        match self.by_id.get(&offered.id()) {
            Some(contact) if contact.keys() == offered => Standing::Known,
            Some(_) => Standing::Conflict,
            None if self.by_id.values().any(|c| overlaps(c.keys(), offered)) => Standing::Conflict,
            None => Standing::New,
        }
    }

    /// Adds or renames a contact whose standing is not `Conflict`.
    pub(super) fn put(
        &mut self,
        own: &Identity,
        identity: PublicIdentity,
        name: String,
    ) -> Result<(), Full> {
        let room = self.by_id.len() < self.most;
        match self.by_id.entry(identity.id()) {
            Entry::Occupied(mut contact) => contact.get_mut().name = name,
            Entry::Vacant(place) => {
                // An all-zero secret is impossible for imported keys; then there is no contact.
                let pair = PairKey::between(own, &identity).map_err(|_: Clause| Full)?;
                let seen = Seen::new(self.remembered);
                room.then_some(()).ok_or(Full)?;
                place.insert(Contact { pair, name, seen, introduced: false });
            }
        }
        Ok(())
    }

    /// The contact to whom a frame's header points.
    pub(super) fn by_id(&mut self, id: PeerId) -> Option<&mut Contact> {
        self.by_id.get_mut(&id)
    }

    /// The contact with this whole key.
    pub(super) fn by_key(&self, x25519: &[u8; 32]) -> Option<&Contact> {
        let (id, _) = x25519.split_first_chunk()?;
        self.by_id.get(&PeerId(*id)).filter(|contact| contact.keys().x25519() == x25519)
    }
}

/// Whether two identities that are not equal share an id or a key.
pub(super) fn overlaps(a: &PublicIdentity, b: &PublicIdentity) -> bool {
    a != b && (a.id() == b.id() || a.ed25519() == b.ed25519())
}
