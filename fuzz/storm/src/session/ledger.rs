//! What users wrote, and what their clients showed: nothing twice, nothing to others, nothing that
//! its sender did not write.

use sealwire_client::contract::{Event, Key, Uuid};
use std::collections::{HashMap, HashSet};

/// A text on its way: sender, recipient, and the text itself, which no other has.
pub(super) type Text = (Key, Key, String);

pub(super) struct Ledger {
    /// Whose texts may be anything.
    stranger: Key,
    /// Texts that a client took from its user, and whether they were shown.
    texts: HashMap<Text, bool>,
    /// Sender, recipient and uuid of what was shown, and whether the sender heard of it.
    shown: HashMap<(Key, Key, Uuid), bool>,
    contacts: HashSet<(Key, Key)>,
}

impl Ledger {
    pub(super) fn new(stranger: Key) -> Self {
        let (texts, shown, contacts) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { stranger, texts, shown, contacts }
    }

    pub(super) fn send(&mut self, text: Text) {
        assert!(self.texts.insert(text, false).is_none(), "every text differs");
    }

    /// The user vouched for a key.
    pub(super) fn vouch(&mut self, user: Key, contact: Key) {
        self.contacts.insert((user, contact));
    }

    pub(super) fn knows(&self, user: Key, contact: Key) -> bool {
        self.contacts.contains(&(user, contact))
    }

    /// A text of the user's that was shown, of which the user does not know that it was.
    pub(super) fn unheard(&self, user: Key) -> Option<Uuid> {
        let texts = self.shown.iter().filter(|((from, ..), heard)| *from == user && !**heard);
        texts.map(|((.., uuid), _)| *uuid).min()
    }

    /// A client tells its user something.
    pub(super) fn hear(&mut self, user: Key, event: &Event) {
        match event {
            Event::Message { peer, uuid, text, .. } => {
                assert!(self.knows(user, *peer), "a stranger's text is shown");
                if *peer == self.stranger {
                    return;
                }
                let sent = self.texts.get_mut(&(*peer, user, text.clone()));
                let shown = sent.expect("a text that its sender wrote to this very recipient");
                assert!(!std::mem::replace(shown, true), "shown twice");
                self.shown.insert((*peer, user, *uuid), false);
            }
            Event::Delivered { peer, uuid, .. } => {
                let heard = self.shown.get_mut(&(user, *peer, *uuid));
                let heard = heard.expect("acknowledged by who was shown it");
                assert!(!std::mem::replace(heard, true), "delivered twice");
            }
            Event::Undeliverable { peer, uuid, .. } => {
                let heard = self.shown.get(&(user, *peer, *uuid));
                assert_ne!(heard, Some(&true), "undeliverable after it was delivered");
            }
            Event::Contact { person, .. } => {
                assert!(self.knows(user, person.peer), "a contact that the user did not name");
            }
            Event::Introduced { person, known, .. } => {
                assert_eq!(*known, self.knows(user, person.peer), "whom the user knows");
            }
            Event::Ready { .. } | Event::Presence { .. } | Event::Notice { .. } | Event::Error(_) => {}
        }
    }

    /// Between those who know each other every text has arrived, and its sender knows.
    pub(super) fn check_settled(&self, reachable: &[Key]) {
        for ((from, to, text), shown) in &self.texts {
            let both = reachable.contains(from) && reachable.contains(to);
            assert!(!both || !self.knows(*to, *from) || *shown, "{text} did not arrive");
        }
        for ((from, to, _), heard) in &self.shown {
            let both = reachable.contains(from) && reachable.contains(to);
            assert!(!both || *heard, "its sender does not know");
        }
    }
}
