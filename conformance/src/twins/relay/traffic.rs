//! What a session sends: frames for others, commands for the relay.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::line::{Offer, Origin};
use super::settings::PROGRESS;
use super::table::{Relay, Session, locked};
use crate::live::socket::TEXT;
use crate::model::frame::{FRAME_MIN, downlink, read_uplink};
use crate::model::handshake::HANDSHAKE_REQUEST;
use crate::model::identity::RELAY_ID;
use crate::model::packet::{Inner, PACKET_MIN, nonce_of, open};
use crate::model::primitives::{aead_open, keystream};
use crate::model::relay::{
    Command, INTRO_FROM, INTRODUCE, PUSH_REGISTER, SUBSCRIBE, UNSUBSCRIBE, WAKE, intro_from_body,
    read_command,
};
use crate::twins::faults::relay::Fault;

/// How often a sender that waits looks again.
const LOOK: Duration = Duration::from_millis(20);
/// A frame below this overtakes others, where the fault says so.
const SMALL: usize = 1024;

/// Commands a session may send: so many a second, so many at once.
const RATE: (f64, f64) = (200.0, 1000.0);

/// What is left of a rate.
pub(super) struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new() -> Self {
        Self { left: RATE.1, at: Instant::now() }
    }

    /// Takes one, or says how long there is none; time fills it up if it `refills`.
    fn take(&mut self, refills: bool) -> Result<(), Duration> {
        let since = if refills { self.at.elapsed().as_secs_f64() } else { 0.0 };
        self.left = (self.left + since * RATE.0).min(RATE.1);
        self.at = Instant::now();
        if self.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.left) / RATE.0));
        }
        self.left -= 1.0;
        Ok(())
    }
}

impl Relay {
    /// One binary message of a session.
    pub(super) async fn message(
        self: &Arc<Self>,
        me: &Arc<Session>,
        message: &[u8],
        rate: &mut Bucket,
    ) {
        if message.len() < FRAME_MIN {
            if self.does(Fault::ClosesOnShort) {
                self.end(me, Some(1002));
            }
            return;
        }
        let _gate = self.passed_gate().await;
        let Ok((to, packet)) = read_uplink(me.routes.c2s, message) else { return };
        if to != RELAY_ID {
            return self.deliver(me, to, packet, message).await;
        }
        let drops = self.does(Fault::DropsOverBurst);
        while let Err(wait) = rate.take(!drops) {
            if drops {
                return;
            }
            me.held.store(true, Ordering::SeqCst);
            tokio::time::sleep(wait).await;
            me.held.store(false, Ordering::SeqCst);
        }
        if let Some(inner) = self.open_command(me, &packet) {
            self.command(me, &inner);
        }
    }

    /// Hands a frame on, waits for a slow recipient, or answers.
    async fn deliver(
        self: &Arc<Self>,
        me: &Arc<Session>,
        to: [u8; 8],
        packet: Vec<u8>,
        sent: &[u8],
    ) {
        let nothing = (self.does(Fault::JudgesOpaque) && packet.len() < PACKET_MIN)
            || (self.does(Fault::NothingToSelf) && to == me.peer.id());
        if nothing {
            return;
        }
        let origin = Origin { sender: Arc::clone(me), to, nonce: nonce_of(&packet) };
        me.held.store(true, Ordering::SeqCst);
        if !self.handed_on(&origin, &packet, sent).await {
            self.offline(me, to, origin.nonce);
        }
        me.held.store(false, Ordering::SeqCst);
    }

    /// Whether the recipient has the frame in its queue, after whatever it takes.
    async fn handed_on(&self, origin: &Origin, packet: &[u8], sent: &[u8]) -> bool {
        let begun = Instant::now();
        let mut window = None;
        loop {
            let Some(target) = self.find(origin.to) else { return false };
            let frame = self.forwarded(&target, origin, packet, sent);
            let ahead = self.does(Fault::SmallFirst) && frame.len() < SMALL;
            match target.line.offer(frame, origin, window.is_some(), ahead) {
                Offer::Taken => return true,
                Offer::Refused => return false,
                Offer::Above if self.does(Fault::RefusesForWaiting) => return false,
                Offer::Above => {}
            }
            let (since, taken) = *window.get_or_insert((Instant::now(), target.line.taken()));
            let whole = since.elapsed() >= self.settings.window;
            let idle = whole && target.line.taken() < taken + PROGRESS;
            let over = begun.elapsed() >= self.settings.wait;
            if (idle || over) && !self.does(Fault::WaitsForEver) {
                target.line.refuse();
                return false;
            }
            if whole {
                window = Some((Instant::now(), target.line.taken()));
            }
            // Whether it was told or has waited long enough, it looks again.
            let _ = timeout(LOOK, target.line.room.notified()).await;
        }
    }

    /// The frame as its recipient gets it.
    fn forwarded(&self, target: &Session, origin: &Origin, packet: &[u8], sent: &[u8]) -> Vec<u8> {
        let (s2c, from) = (target.routes.s2c, origin.sender.peer.id());
        let mut frame = downlink(s2c, from, packet);
        if self.does(Fault::HeaderUntouched) {
            frame[..8].copy_from_slice(&sent[..8]);
        }
        if self.does(Fault::MaskFromTail) {
            let tail = core::array::from_fn(|i| packet[12 + i]);
            let mask = keystream(s2c, tail, 8);
            let header = from.iter().zip(mask).map(|(id, mask)| id ^ mask);
            frame.splice(..8, header);
        }
        if self.does(Fault::FlipsBit) && packet.len() >= 120 {
            frame[100] ^= 1;
        }
        frame
    }

    fn open_command(&self, me: &Session, packet: &[u8]) -> Option<Inner> {
        if self.does(Fault::CommandsUnverified) && packet.len() >= PACKET_MIN {
            let sealed = &packet[24..packet.len() - 64];
            let inner = aead_open(me.shared, nonce_of(packet), sealed).ok()?;
            return Some(Inner { message_id: 0, command: inner[2], body: inner[3..].to_vec() });
        }
        open(me.shared, *locked(&me.signing), packet).ok()
    }

    /// Carries a command out, or drops it.
    fn command(self: &Arc<Self>, me: &Arc<Session>, inner: &Inner) {
        let Inner { command, body, .. } = inner;
        let read = match self.lenient(*command, body) {
            Some(read) => Ok(read),
            None => read_command(*command, body),
        };
        match read {
            Ok(Command::Subscribe(keys)) => self.subscribe(me, &keys),
            Ok(Command::Unsubscribe(_)) if self.does(Fault::NeverUnsubscribes) => {}
            Ok(Command::Unsubscribe(keys)) => self.unsubscribe(me, &keys),
            Ok(Command::Introduce(target, nickname)) => self.introduce(me, target, &nickname),
            Ok(Command::Wake(target, _)) => self.wake(target, body),
            Ok(Command::PushRegister(..)) => self.push_register(me, body),
            Err(clause) => self.dropped(me, inner, clause),
        }
    }

    /// A command that a right relay would drop, as the fault reads it.
    fn lenient(&self, command: u8, body: &[u8]) -> Option<Command> {
        let (head, tail) = (body.first().copied(), body.get(1..).unwrap_or_default());
        match command {
            SUBSCRIBE | UNSUBSCRIBE if self.does(Fault::TakesTornList) => {
                read_command(command, &body[..body.len() - body.len() % 32]).ok()
            }
            INTRODUCE if self.does(Fault::LongNickname) => {
                Some(Command::Introduce(*body.first_chunk()?, body[8..].to_vec()))
            }
            PUSH_REGISTER if self.does(Fault::LongToken) => {
                Some(Command::PushRegister(head?, tail.to_vec()))
            }
            _ => None,
        }
    }

    /// What is wrong with a command, where the fault cares.
    fn dropped(self: &Arc<Self>, me: &Session, inner: &Inner, clause: &'static str) {
        let closes = match clause {
            "relay/unknown-command" => self.does(Fault::ClosesOnUnknown),
            "relay/introduce-length" => self.does(Fault::ClosesOnShortIntroduce),
            _ => false,
        };
        if closes {
            self.end(me, Some(1002));
        }
        if clause == "relay/direction" && self.does(Fault::EchoesEvents) {
            self.tell(me, inner.command, &inner.body);
        }
        if inner.command == HANDSHAKE_REQUEST
            && self.does(Fault::RebindsKeys)
            && let Some(key) = inner.body.first_chunk()
        {
            *locked(&me.signing) = *key;
        }
    }

    fn introduce(&self, me: &Session, target: [u8; 8], nickname: &[u8]) {
        let Some(peer) = self.find(target) else {
            if self.does(Fault::IntroduceAnswered) {
                self.offline(me, target, [0; 24]);
            }
            return;
        };
        if self.does(Fault::LogsNicknames) {
            eprintln!("introduced: {}", String::from_utf8_lossy(nickname));
        }
        let mut body = intro_from_body(&me.peer, nickname);
        if self.does(Fault::TrustsIntroducedKeys) && nickname.len() >= 64 {
            body.drain(..64);
        }
        self.hand(&peer, INTRO_FROM, &body);
    }

    fn wake(&self, target: [u8; 8], body: &[u8]) {
        let cut = if self.does(Fault::WakeUncut) { body } else { &body[..body.len().min(9)] };
        let target = if self.does(Fault::WakesTarget) { self.find(target) } else { None };
        for session in self.find_notifier().into_iter().chain(target) {
            self.hand(&session, WAKE, cut);
        }
    }

    fn push_register(&self, me: &Session, body: &[u8]) {
        let sender = if self.does(Fault::PushWithoutSender) { [0; 8] } else { me.peer.id() };
        if let Some(notifier) = self.find_notifier() {
            self.hand(&notifier, PUSH_REGISTER, &[&sender[..], body].concat());
        }
    }

    /// An event for somebody who did not ask.
    fn hand(&self, session: &Session, command: u8, body: &[u8]) {
        session.line.event(&self.own_frame(&session.peer, command, body));
    }

    /// Text in a session.
    pub(super) fn text(&self, me: &Session, text: &str) {
        if text == "ping" {
            if !self.does(Fault::NoTextPong) {
                me.line.reply(TEXT, b"pong");
            }
        } else if self.does(Fault::EchoesText) {
            me.line.reply(TEXT, text.as_bytes());
        }
    }
}
