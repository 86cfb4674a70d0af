//! From a hello to a session, or to its refusal.
//!
//! Clauses: `handshake/register-before-ok, one-winner, id-in-use, probe, one-probe, replay`,
//! `relay/sessions-limit`.

use super::{Entry, Probe, Seat, Stage, Switchboard};
use crate::exchange::{
    counts::Refused,
    session::{Close, Line, Reply, Session},
};
use sealwire::handshake::Admitted;
use std::{collections::VecDeque, sync::Arc, time::Duration};

impl Switchboard {
    pub(super) fn hello(&mut self, now: Duration, line: Line, admitted: Admitted) {
        let Some(entry) = self.lines.get(&line) else { return };
        if self.draining {
            self.route.counts.refused(Refused::Drain);
            return;
        }
        if !self.replays.first_time(*admitted.mark()) {
            self.route.counts.refused(Refused::Replay);
            entry.port.close(Close::Silent);
            return;
        }
        self.schedule(line, None);
        match self.ids.get(&admitted.peer().id()).copied() {
            None if self.ids.len() >= self.limits.sessions() => {
                self.turn_away(line, &admitted, Refused::Sessions);
            }
            None => self.seat(now, line, admitted),
            Some(old) => self.contest(now, line, admitted, old),
        }
    }

    /// Registers a session: in the table first, then the reply, then the news.
    pub(super) fn seat(&mut self, now: Duration, line: Line, admitted: Admitted) {
        let mark = *admitted.mark();
        let Some(entry) = self.lines.get_mut(&line).filter(|_| !self.draining) else {
            return self.turn_away(line, &admitted, Refused::Drain);
        };
        let port = Arc::clone(&entry.port);
        let session = Arc::new(Session { port, link: admitted.into_link() });
        let _ = session.port.life.hear(now);
        session.port.life.tell(now);
        entry.stage =
            Stage::Seated(Seat { session: Arc::clone(&session), mark, pinged: now, probe: None });
        self.ids.insert(session.id(), line);
        self.route.insert(&session);
        self.route.counts.welcomed();
        let key = *session.link.peer().x25519();
        session.port.reply(Reply::Welcome(Arc::clone(&session)));
        self.broadcast(key, true);
        self.examine(now, line);
    }

    /// There is no place for it, whatever it said.
    fn turn_away(&mut self, line: Line, admitted: &Admitted, why: Refused) {
        self.route.counts.refused(why);
        self.replays.retire(*admitted.mark(), self.limits.hello_replays());
        self.dismiss(line, Close::Silent);
    }

    /// The id is taken: the old session is asked whether it lives, once for all who wait.
    fn contest(&mut self, now: Duration, line: Line, admitted: Admitted, old: Line) {
        let until = now + self.limits.hello_probe();
        let Some(Entry { stage: Stage::Seated(seat), port, .. }) = self.lines.get_mut(&old) else {
            return;
        };
        if port.life.is_unread() {
            self.refuse(line, admitted);
            return;
        }
        let probe = seat.probe.get_or_insert_with(|| {
            port.life.set_probed(true);
            port.ping();
            Probe { until, waiting: VecDeque::new() }
        });
        probe.waiting.push_back((line, admitted));
        if let Some(entry) = self.lines.get_mut(&line) {
            entry.stage = Stage::Waiting(old);
        }
        self.examine(now, old);
    }

    /// A probed session lives: whoever waited is refused.
    pub(super) fn alive(&mut self, line: Line) {
        let Some(Entry { stage: Stage::Seated(seat), port, .. }) = self.lines.get_mut(&line) else {
            return;
        };
        port.life.set_probed(false);
        let waiting = seat.probe.take().map(|probe| probe.waiting).unwrap_or_default();
        for (line, admitted) in waiting {
            self.refuse(line, admitted);
        }
    }

    pub(super) fn refuse(&mut self, line: Line, admitted: Admitted) {
        self.route.counts.refused(Refused::Id);
        self.replays.retire(*admitted.mark(), self.limits.hello_replays());
        if let Some(entry) = self.lines.get_mut(&line) {
            entry.stage = Stage::Left;
            entry.port.reply(Reply::Refused(Box::new(admitted.refuse())));
        }
    }
}
