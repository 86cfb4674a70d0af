//! From a hello to a session: the checks, the probe, the reply.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::line::Line;
use super::table::{Claim, Relay, Session};
use crate::model::handshake::{BAD_VERSION, ERROR, HELLO, Hello, ID_IN_USE, VERSION};
use crate::model::identity::Public;
use crate::model::primitives::x25519_raw;
use crate::twins::faults::relay::Fault;
use crate::twins::hello::{self, Check};

/// How often whoever waits looks again.
pub(super) const LOOK: Duration = Duration::from_millis(5);

/// What follows from a first message.
pub(super) enum Admission {
    /// A session.
    Session(Arc<Session>),
    /// The end of the connection, which is on its way.
    Refused,
    /// Another hello is awaited.
    Again,
}

impl Relay {
    /// Judges a hello, and answers it.
    pub(super) async fn admit(self: &Arc<Self>, line: &Arc<Line>, bytes: &[u8]) -> Admission {
        let hello = match self.open(bytes) {
            Ok(hello) => hello,
            Err(clause) => return self.refuse(line, bytes, clause),
        };
        if hello.version != VERSION && !self.does(Fault::TakesAnyVersion) {
            return self.error(&hello.peer, line, &[BAD_VERSION, VERSION]);
        }
        if self.replayed(hello.mark) {
            line.close(None);
            return Admission::Refused;
        }
        match self.settle(&hello, line).await {
            Claim::Registered(session) => Admission::Session(session),
            Claim::Held(_) => self.error(&hello.peer, line, &[ID_IN_USE]),
            Claim::Full => {
                line.close(None);
                Admission::Refused
            }
        }
    }

    fn open(&self, bytes: &[u8]) -> Result<Hello, &'static str> {
        let zero_key = bytes.get(..32).is_some_and(|key| key.iter().all(|byte| *byte == 0));
        if self.does(Fault::HelloExact) && bytes.len() > HELLO {
            return Err("handshake/hello-trailing");
        }
        let any_key = if zero_key { Fault::TakesZeroKey } else { Fault::TakesAliases };
        let omitted = [
            (any_key, Check::ClientKey),
            (Fault::TakesAnyCommand, Check::Command),
            (Fault::TakesWeakKeys, Check::SigningKey),
            (Fault::TakesUnsigned, Check::Signature),
        ];
        let omitted: Vec<_> = omitted.into_iter().filter(|(fault, _)| self.does(*fault)).collect();
        hello::open(|check| omitted.iter().any(|(_, one)| *one == check), &self.keys, bytes)
    }

    /// The bare close, whatever was wrong.
    fn refuse(&self, line: &Line, bytes: &[u8], clause: &'static str) -> Admission {
        let again = match clause {
            "handshake/too-short" => self.does(Fault::AwaitsLongerHello),
            "handshake/hello-seal" => self.does(Fault::AwaitsAnotherHello),
            _ => false,
        };
        if again {
            return Admission::Again;
        }
        if self.does(Fault::AnswersStrangers)
            && let Some(x) = bytes.first_chunk()
            && x25519_raw(self.keys.x_seed, *x) != [0; 32]
        {
            self.answer(&Public { x: *x, ed: [0; 32] }, line, ERROR, &[BAD_VERSION, 2]);
        }
        line.close(self.does(Fault::RefusesWithCode).then_some(1008));
        Admission::Refused
    }

    /// An ERROR, and a close behind it.
    fn error(&self, peer: &Public, line: &Line, body: &[u8]) -> Admission {
        self.answer(peer, line, ERROR, body);
        if self.does(Fault::NoCloseBehindError) {
            line.cut();
        } else {
            line.close(Some(1000));
        }
        Admission::Refused
    }

    /// Registers the newcomer, at once or once the old session is known to be dead.
    async fn settle(self: &Arc<Self>, hello: &Hello, line: &Arc<Line>) -> Claim {
        let claim = self.claim_twice(hello, line).await;
        let Claim::Held(old) = claim else { return claim };
        if self.does(Fault::NeverProbes) {
            return Claim::Held(old);
        }
        let probe = if self.does(Fault::NewcomerWins) {
            Probe::Dead { _asking: None }
        } else {
            self.probe(&old).await
        };
        match &probe {
            Probe::Lives => return Claim::Held(Arc::clone(&old)),
            Probe::Over if self.does(Fault::SeatsTheGone) => return Claim::Held(Arc::clone(&old)),
            Probe::Over => {}
            Probe::Dead { .. } => self.end(&old, Some(1001)),
        }
        self.claim(hello, line, false)
    }

    /// One step, or two where the fault says so.
    async fn claim_twice(&self, hello: &Hello, line: &Arc<Line>) -> Claim {
        let (early, blind) = (self.does(Fault::OkBeforeRegistering), self.does(Fault::TwoWinners));
        if !(early || blind) || self.find(hello.peer.id()).is_some() {
            return self.claim(hello, line, false);
        }
        if early {
            self.welcome_early(&hello.peer, line);
        }
        sleep(LOOK * 4).await;
        self.claim(hello, line, blind)
    }

    /// Asks the old session whether it lives. Whoever comes while it is asked waits for the answer,
    /// and asks itself if the one before it has hung up.
    async fn probe<'s>(&self, old: &'s Arc<Session>) -> Probe<'s> {
        let holds = || self.find(old.peer.id()).is_some_and(|holder| Arc::ptr_eq(&holder, old));
        let asked = Instant::now();
        while old.probed.swap(true, Ordering::SeqCst) && !self.does(Fault::ProbesForEach) {
            while old.probed.load(Ordering::SeqCst) {
                sleep(LOOK).await;
            }
            if !holds() {
                return Probe::Over;
            }
            if old.life() > asked {
                return Probe::Lives;
            }
        }
        let asking = Asking(&old.probed);
        let asked = Instant::now();
        old.line.ping(true, true);
        while holds() && old.life() <= asked && asked.elapsed() < self.settings.probe {
            sleep(LOOK).await;
        }
        if holds() && old.life() > asked {
            Probe::Lives
        } else {
            Probe::Dead { _asking: Some(asking) }
        }
    }
}

/// What became of asking an old session.
enum Probe<'s> {
    Lives,
    /// Another newcomer has asked, and the old session is gone.
    Over,
    /// Whoever has asked takes its place before others hear of it.
    Dead {
        _asking: Option<Asking<'s>>,
    },
}

/// An old session is being asked; who hangs up asks no more.
struct Asking<'s>(&'s AtomicBool);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}
