//! What clients ask of the relay. Each command is obeyed or dropped, and each drop is counted by
//! its clause.
//!
//! Clauses: `relay/subscribe*, unsubscribe, introduce*, wake, push-*, notifier*`.

use super::{Stage, Switchboard};
use crate::exchange::{
    event::{Event, Key},
    port::Port,
    session::{Line, Session},
};
use sealwire::{
    Clause,
    identity::{ID, PeerId},
    relay::{Keys, ToRelay},
};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Who gets WAKE and PUSH_REGISTER: the peer that the operator named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notifier {
    /// Whoever holds this id.
    Id(PeerId),
    /// Only who has this whole X25519 key.
    Key(Key),
}

impl Notifier {
    /// From 16 hex digits (an id) or 64 (a key).
    ///
    /// # Errors
    /// What to write instead; an id of zero is refused (`[relay/notifier-zero]`).
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let form = "must be 16 hex digits (an id) or 64 (a whole X25519 key)";
        let bytes = hex::decode(text).map_err(|_| form)?;
        let notifier = match (<[u8; ID]>::try_from(&*bytes), Key::try_from(&*bytes)) {
            (Ok(id), _) => Self::Id(PeerId(id)),
            (_, Ok(key)) => Self::Key(key),
            _ => return Err(form),
        };
        if notifier.id().is_relay() {
            return Err("has an id of zero, which is the relay itself; name a real notifier");
        }
        Ok(notifier)
    }

    const fn id(&self) -> PeerId {
        match self {
            Self::Id(id) => *id,
            Self::Key([a, b, c, d, e, f, g, h, ..]) => PeerId([*a, *b, *c, *d, *e, *f, *g, *h]),
        }
    }

    fn is(&self, session: &Session) -> bool {
        match self {
            Self::Id(id) => session.id() == *id,
            Self::Key(key) => session.link.peer().x25519() == key,
        }
    }
}

impl Switchboard {
    pub(super) fn command(&mut self, now: Duration, line: Line, command: ToRelay<'_>) {
        let Some(session) = self.session(line) else { return };
        let done = match command {
            ToRelay::Subscribe(keys) => {
                self.subscribe(&session.port, keys);
                Ok(())
            }
            ToRelay::Unsubscribe(keys) => {
                self.unsubscribe(&session.port, keys);
                Ok(())
            }
            ToRelay::Introduce { target, nickname } => {
                self.introduce(now, &session, target, nickname)
            }
            ToRelay::Wake { target, kind } => self.notify(now, Event::Wake(target, kind)),
            ToRelay::PushRegister { token, .. } if token.len() > self.limits.push_token() => {
                Err(Clause::RelayPushToken)
            }
            ToRelay::PushRegister { kind, token } => {
                self.notify(now, Event::Push(session.id(), kind, token.into()))
            }
        };
        if let Err(clause) = done {
            self.route.counts.dropped(clause);
        }
    }

    fn session(&self, line: Line) -> Option<Arc<Session>> {
        match &self.lines.get(&line)?.stage {
            Stage::Seated(seat) => Some(Arc::clone(&seat.session)),
            _ => None,
        }
    }

    /// A key is online while a session with exactly this key is registered.
    fn is_online(&self, key: &Key) -> bool {
        let session = key.first_chunk().and_then(|id| self.route.find(PeerId(*id)));
        session.is_some_and(|session| session.link.peer().x25519() == key)
    }

    fn subscribe(&mut self, port: &Port, keys: Keys<'_>) {
        let (most, watchers) = (self.limits.subscriptions(), self.limits.watchers());
        let unsure = port.is_unsure();
        let mut listed = HashSet::new();
        let mut online = Vec::new();
        for key in keys.as_slice() {
            if !listed.insert(key) || !self.presence.watch(port.line(), *key, most, watchers) {
                continue;
            }
            if self.is_online(key) {
                online.push(*key);
            } else if unsure {
                port.presence(*key, false);
            }
        }
        if !online.is_empty() {
            port.answer(Event::Online(online));
        }
    }

    fn unsubscribe(&mut self, port: &Port, keys: Keys<'_>) {
        for key in keys.as_slice() {
            if self.presence.unwatch(port.line(), key) {
                port.forget(key);
            }
        }
    }

    fn introduce(
        &self,
        now: Duration,
        from: &Session,
        target: PeerId,
        nickname: &[u8],
    ) -> Result<(), Clause> {
        if nickname.len() > self.limits.nickname() {
            return Err(Clause::RelayIntroduceNickname);
        }
        let target = self.route.find(target).ok_or(Clause::RelayIntroduceAbsent)?;
        send(&target, Event::Introduction(Box::new(*from.link.peer()), nickname.into()), now)
    }

    fn notify(&self, now: Duration, event: Event) -> Result<(), Clause> {
        let notifier = self.notifier.ok_or(Clause::RelayNotifier)?;
        let session = self.route.find(notifier.id()).ok_or(Clause::RelayNotifier)?;
        if !notifier.is(&session) {
            return Err(Clause::RelayNotifierKey);
        }
        send(&session, event, now)
    }
}

/// Commands may be dropped: a recipient that reads slowly is spared, its queue is for frames.
fn send(to: &Session, event: Event, now: Duration) -> Result<(), Clause> {
    if to.port.event(event, now) { Ok(()) } else { Err(Clause::RelaySlowWait) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notifier_is_an_id_or_a_key_and_never_zero() {
        assert_eq!(
            Notifier::parse("0102030405060708").map(|n| n.id()),
            Ok(PeerId(*b"\x01\x02\x03\x04\x05\x06\x07\x08"))
        );
        assert_eq!(Notifier::parse(&"ab".repeat(32)), Ok(Notifier::Key([0xab; 32])));
        for bad in
            ["", "01", "0102030405060g08", &"ab".repeat(31), &"0".repeat(16), &"0".repeat(64)]
        {
            assert!(Notifier::parse(bad).is_err(), "{bad}");
        }
        assert!(Notifier::parse(&format!("{}01{}", "0".repeat(14), "0".repeat(48))).is_ok());
    }
}
