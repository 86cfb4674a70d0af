//! What the client remembers: contacts, watched keys, texts on their way.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::model::identity::Public;

/// A text that is not acknowledged.
pub(super) struct Letter {
    /// For whom.
    pub(super) to: Public,
    /// Its name.
    pub(super) uuid: [u8; 16],
    /// What it says.
    pub(super) text: String,
    /// What comes back in the events about it.
    pub(super) reference: Option<String>,
    /// The nonce of the last frame that carried it in this session.
    pub(super) nonce: Option<[u8; 24]>,
}

impl Letter {
    /// What every event about it says.
    pub(super) fn members(&self) -> Value {
        let mut members = json!({
            "peer": hex::encode(self.to.x),
            "uuid": hex::encode(self.uuid),
        });
        if let Some(reference) = &self.reference {
            members["ref"] = reference.as_str().into();
        }
        members
    }
}

/// Everything that outlives a connection.
#[derive(Default)]
pub(super) struct Book {
    /// Whom the client knows.
    pub(super) contacts: Vec<Public>,
    /// Which keys it watches.
    pub(super) watched: Vec<[u8; 32]>,
    /// Which of them the relay of this session was not asked for.
    pub(super) unasked: Vec<[u8; 32]>,
    /// Which of them it has shown, and how.
    pub(super) shown: HashMap<[u8; 32], bool>,
    /// Texts, in their order.
    pub(super) outbox: Vec<Letter>,
    /// Introductions that wait for a session: target and name.
    pub(super) introductions: Vec<([u8; 8], String)>,
    /// Texts that came, by their writers.
    pub(super) seen: HashSet<([u8; 32], [u8; 16])>,
    /// Nonces that came, where the fault looks at them.
    pub(super) nonces: HashSet<[u8; 24]>,
    /// Message ids that came, where the fault looks at them.
    pub(super) message_ids: HashSet<u16>,
}

impl Book {
    /// The contact with this key.
    pub(super) fn contact(&self, x: [u8; 32]) -> Option<Public> {
        self.contacts.iter().copied().find(|contact| contact.x == x)
    }

    /// The contact with this id.
    pub(super) fn contact_by_id(&self, id: [u8; 8]) -> Option<Public> {
        self.contacts.iter().copied().find(|contact| contact.id() == id)
    }

    /// Adds a contact, unless one of its keys belongs to another.
    pub(super) fn befriend(&mut self, public: Public) {
        let clashes = |other: &Public| other.x == public.x || other.ed == public.ed;
        if !self.contacts.iter().any(clashes) {
            self.contacts.push(public);
        }
    }

    /// A session begins: nothing was sent in it, nobody is known to be there.
    pub(super) fn begin(&mut self) {
        self.shown.clear();
        let watched = std::mem::take(&mut self.watched);
        self.unasked.splice(..0, watched);
        self.outbox.iter_mut().for_each(|letter| letter.nonce = None);
    }
}
