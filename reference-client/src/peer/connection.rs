//! One connection after another: hello, reply, silence, and when to come back.
//!
//! ```text
//! Waiting ─ due ─→ Connecting ─ connected ─→ AwaitReply ─ HANDSHAKE_OK ─→ Session
//!    ↑                 │ failed                  │ refused, id_in_use        │ closed, silent
//!    └─────────────────┴─────────────────────────┴──────────────────────────┘
//! AwaitReply ─ bad_version, id_in_use once too often ─→ Stopped
//! ```

use super::{Action, Peer, Random, draw};
use crate::contract::{Code, Event, Fault, Hex};
use sealwire::{
    Clause,
    handshake::{self, AwaitReply, ClientLink, HELLO, Reply},
    primitives::FreshNonce,
};
use std::{mem, time::Duration};

/// Where the connection stands. `last` is when anything at all was received.
#[derive(Debug)]
pub(super) enum State {
    Waiting { until: Duration },
    Connecting { since: Duration },
    AwaitReply { machine: AwaitReply, last: Duration },
    Session { link: ClientLink, since: Duration, last: Duration },
    Stopped,
}

impl Default for State {
    fn default() -> Self {
        Self::Waiting { until: Duration::ZERO }
    }
}

/// How a connection ended.
struct End {
    code: Code,
    clause: Option<Clause>,
    detail: String,
}

impl Peer {
    /// When [`Input::Tick`](super::Input::Tick) is due, if nothing else happens before.
    #[must_use]
    pub fn wake(&self) -> Option<Duration> {
        let limits = &self.setup.limits;
        match self.state {
            State::Waiting { until } => Some(until),
            State::Connecting { since } => Some(since.saturating_add(limits.connect_deadline)),
            State::AwaitReply { last, .. } | State::Session { last, .. } => {
                Some(last.saturating_add(limits.silence))
            }
            State::Stopped => None,
        }
    }

    pub(super) fn tick(&mut self, now: Duration, random: &mut dyn Random) {
        if self.wake().is_none_or(|due| now < due) {
            return;
        }
        let limits = &self.setup.limits;
        let (code, clause, detail) = match self.state {
            State::Waiting { .. } => {
                self.state = State::Connecting { since: now };
                return self.actions.push_back(Action::Connect);
            }
            State::Connecting { .. } => {
                (Code::Unreachable, None, format!("no connection in {:?}", limits.connect_deadline))
            }
            State::AwaitReply { .. } => (
                Code::HelloUnanswered,
                Some(Clause::HandshakeSilence),
                format!("no reply in {:?}", limits.silence),
            ),
            State::Session { .. } => (
                Code::Disconnected,
                Some(Clause::HandshakeSilence),
                format!("nothing received for {:?}", limits.silence),
            ),
            State::Stopped => return,
        };
        self.actions.push_back(Action::Disconnect);
        self.end(End { code, clause, detail }, now, random);
    }

    /// The hello, and nothing else before its reply (`[handshake/reply-first]`).
    pub(super) fn connected(&mut self, now: Duration, random: &mut dyn Random) {
        if !matches!(self.state, State::Connecting { .. }) {
            return;
        }
        let mut message = [0; HELLO];
        let nonce = FreshNonce::from_random(draw(random));
        match handshake::hello(&mut message, &self.setup.identity, &self.setup.relay, nonce) {
            Ok(machine) => {
                self.state = State::AwaitReply { machine, last: now };
                self.actions.push_back(Action::Binary(message.to_vec()));
            }
            Err(clause) => self.refuse_reply(clause, now, random),
        }
    }

    pub(super) fn closed(&mut self, detail: String, now: Duration, random: &mut dyn Random) {
        let (code, detail) = match self.state {
            State::Connecting { .. } => (Code::Unreachable, detail),
            State::AwaitReply { .. } => (
                Code::HelloUnanswered,
                format!(
                    "{detail}, before a reply: is the relay's X25519 key the right one? a full \
                     relay closes so too"
                ),
            ),
            State::Session { .. } => (Code::Disconnected, detail),
            State::Waiting { .. } | State::Stopped => return,
        };
        self.end(End { code, clause: None, detail }, now, random);
    }

    /// Notes life: any message or control frame counts (`[handshake/silence]`).
    pub(super) fn alive(&mut self, now: Duration) {
        if let State::AwaitReply { last, .. } | State::Session { last, .. } = &mut self.state {
            *last = now;
        }
    }

    /// Text is life and nothing else; a `ping` inside a session is answered as a courtesy.
    pub(super) fn text(&mut self, text: &str, now: Duration) {
        self.alive(now);
        if text == "ping" && matches!(self.state, State::Session { .. }) {
            self.actions.push_back(Action::Pong);
        }
    }

    pub(super) fn binary(&mut self, message: &mut [u8], now: Duration, random: &mut dyn Random) {
        self.alive(now);
        match self.state {
            State::AwaitReply { .. } => self.reply(message, now, random),
            State::Session { .. } => self.frame(message, random),
            State::Waiting { .. } | State::Connecting { .. } | State::Stopped => {}
        }
    }

    fn reply(&mut self, message: &mut [u8], now: Duration, random: &mut dyn Random) {
        let State::AwaitReply { machine, .. } = mem::replace(&mut self.state, State::Stopped)
        else {
            return;
        };
        match machine.receive(message) {
            Ok(Reply::Session(link)) => self.begin(link, now, random),
            Ok(Reply::IdInUse) => self.id_in_use(now, random),
            Ok(Reply::BadVersion { supported }) => self.stop(Fault::new(
                Code::BadVersion,
                Some(Clause::HandshakeVersion),
                format!("the relay speaks version {supported}, this client speaks 2: update one"),
            )),
            Err((_, clause)) => self.refuse_reply(clause, now, random),
        }
    }

    fn begin(&mut self, link: ClientLink, now: Duration, random: &mut dyn Random) {
        self.state = State::Session { link, since: now, last: now };
        self.schedule.accepted();
        self.sessions = self.sessions.saturating_add(1);
        let (own, relay) = (self.setup.identity.public(), &self.setup.relay);
        self.event(Event::Ready {
            id: Hex(own.id().0),
            x25519: Hex(*own.x25519()),
            ed25519: Hex(*own.ed25519()),
            relay_x25519: Hex(*relay.x25519()),
            relay_ed25519: Hex(*relay.ed25519()),
            session: self.sessions,
        });
        self.send_all(random);
    }

    fn refuse_reply(&mut self, clause: Clause, now: Duration, random: &mut dyn Random) {
        self.actions.push_back(Action::Disconnect);
        let detail =
            format!("the relay's reply breaks {clause}: is its Ed25519 key the right one?");
        self.end(End { code: Code::ReplyRefused, clause: Some(clause), detail }, now, random);
    }

    fn id_in_use(&mut self, now: Duration, random: &mut dyn Random) {
        let mut fault = Fault::new(
            Code::IdInUse,
            Some(Clause::HandshakeIdInUse),
            "another session holds this id: a second client with this identity, or somebody else",
        );
        match self.schedule.id_in_use(&self.setup.limits, u64::from_le_bytes(draw(random))) {
            None => self.stop(fault),
            Some(wait) => {
                self.actions.push_back(Action::Disconnect);
                self.state = State::Waiting { until: now.saturating_add(wait) };
                fault.retry_ms = Some(milliseconds(wait));
                self.fault(fault);
            }
        }
    }

    fn stop(&mut self, fault: Fault) {
        self.state = State::Stopped;
        self.actions.push_back(Action::Disconnect);
        self.fault(Fault { fatal: true, ..fault });
        self.actions.push_back(Action::Stop);
    }

    /// Whatever it was, it is over; the next attempt is due after a wait with full jitter.
    fn end(&mut self, end: End, now: Duration, random: &mut dyn Random) {
        if let State::Session { since, .. } = self.state {
            self.schedule.lived(&self.setup.limits, now.saturating_sub(since));
            self.watch.forget();
        }
        let dice = u64::from_le_bytes(draw(random));
        let wait = self.schedule.reconnect(&self.setup.limits, dice);
        self.state = State::Waiting { until: now.saturating_add(wait) };
        let fault = Fault::new(end.code, end.clause, end.detail);
        self.fault(Fault { retry_ms: Some(milliseconds(wait)), ..fault });
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
