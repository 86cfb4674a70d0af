//! Silence: pings, the end, and what counts as a sign of life.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::{SMALLEST_PACKET, Session, send};
use crate::live::socket::{BINARY, FIN, Heard, PING, PONG, TEXT};
use crate::live::trial::Trial;
use crate::model::identity::RELAY_ID;

cases! { Trial in "idle.rs";
    "relay/idle-ping.silence" ping_silent needs Slow;
    "relay/idle-ping.frames-to-it" ping_listener needs Slow;
    "relay/idle-ping.nothing-to-it" ping_talker needs Slow;
    "relay/idle-end.silence" end_silent from "ws-half-open" needs Slow;
    "relay/idle-end.frames-to-it" end_listener from "ws-half-open" needs Slow;
    "relay/idle-end.no-whole-message" end_trickle from "ws-slowloris" needs Slow;
    "relay/life.text-ping" life_text_ping needs Slow;
    "relay/life.text-pong" life_text_pong needs Slow;
    "relay/life.any-text" life_any_text needs Slow;
    "relay/life.websocket-ping" life_websocket_ping needs Slow;
    "relay/life.websocket-pong" life_websocket_pong needs Slow;
    "relay/life.dropped-binary" life_dropped_binary needs Slow;
    "relay/life.answered-pings" life_answered_pings needs Slow;
}

/// How much later than a timer its deed may come.
const GRACE: Duration = Duration::from_secs(5);
/// How much earlier, as clocks and the road differ.
const EARLY: Duration = Duration::from_millis(200);

/// What goes on, four times between two pings.
enum Deed {
    /// Nothing.
    Nothing,
    /// The session sends one frame of WebSocket: its opcode, its payload.
    Sends(u8, Vec<u8>),
    /// The session sends a command that opens under no key.
    SendsForgery,
    /// The session sends the next bytes of a message that never becomes whole.
    Trickles,
    /// Somebody else sends the session a frame.
    Hears(Box<Session>),
}

/// A session, when its silence began, and what goes on meanwhile.
struct Watch {
    session: Session,
    begun: Instant,
    tick: Instant,
    step: Duration,
    deed: Deed,
}

impl Watch {
    /// Joins, answers no ping, and goes on with `deed`.
    async fn begin(trial: &mut Trial, deed: Deed) -> Outcome<Self> {
        let begun = Instant::now();
        let mut session = trial.join().await?;
        session.socket.answers_pings = false;
        if matches!(deed, Deed::Trickles) {
            let whole = session.socket.frame(FIN | BINARY, &[0; SMALLEST_PACKET]);
            raw(&mut session, &whole[..whole.len() / 2]).await?;
        }
        let step = trial.target.timers.ping / 4;
        Ok(Self { session, begun, tick: begun, step, deed })
    }

    /// What is heard next before `until`, if anything is; the deed goes on meanwhile.
    async fn hear(&mut self, until: Instant) -> Outcome<Option<Heard>> {
        loop {
            let wake = self.tick.min(until);
            if let Ok(heard) = timeout_at(wake, self.session.socket.next()).await {
                return Ok(Some(heard));
            }
            if wake == until {
                return Ok(None);
            }
            self.tick += self.step;
            self.act().await?;
        }
    }

    /// The deed, once.
    async fn act(&mut self) -> Outcome {
        let Self { session, deed, .. } = self;
        match deed {
            Deed::Nothing => Ok(()),
            Deed::Sends(opcode, payload) => {
                let sent = session.socket.send(*opcode, payload).await;
                sent.map_err(|error| fail("a session that is open", error.to_string()))
            }
            Deed::SendsForgery => {
                let packet = session.opaque(SMALLEST_PACKET);
                let frame = session.frame(RELAY_ID, &packet);
                send(&mut session.socket, &frame).await
            }
            Deed::Trickles => {
                // A relay that has closed by now is judged by its close, which is heard next.
                let _ = session.socket.send_raw(&[0]).await;
                Ok(())
            }
            Deed::Hears(peer) => {
                peer.send_opaque(session.id(), SMALLEST_PACKET).await?;
                Ok(())
            }
        }
    }

    /// A WebSocket ping and the text `ping`, both when the time of silence has passed.
    async fn pinged(mut self, trial: &Trial) -> Outcome {
        let after = trial.target.timers.ping;
        let due = self.begun + after;
        let expected = format!("a WebSocket ping and the text ping {after:?} after the hello");
        let (mut ping, mut text) = (false, false);
        while !(ping && text) {
            let heard = self.hear(due + GRACE).await?;
            let in_time = Instant::now() + EARLY >= due;
            match heard {
                Some(Heard::Ping(_)) => ping |= in_time,
                Some(Heard::Text(said)) if said == "ping" => text |= in_time,
                Some(Heard::Binary(_)) if matches!(self.deed, Deed::Hears(_)) => {}
                Some(other) => return Err(fail(expected, other.describe())),
                None => {
                    let actual = format!("WebSocket ping: {ping}, text ping: {text}");
                    return Err(fail(expected, actual));
                }
            }
        }
        // Late, but not too late, the session still shows that it lives.
        self.session.socket.answers_pings = true;
        if matches!(self.deed, Deed::Hears(_)) {
            return self.session.settle().await.map(drop);
        }
        self.session.quiet("a session that goes on").await
    }

    /// Close 1001 when the time has passed, neither before nor long after.
    async fn ends(mut self, trial: &Trial) -> Outcome {
        let end = trial.target.timers.end;
        let expected = format!("close 1001 {end:?} after the hello");
        loop {
            match self.hear(self.begun + end + GRACE).await? {
                Some(Heard::Ping(_) | Heard::Text(_)) => {}
                Some(Heard::Binary(_)) if matches!(self.deed, Deed::Hears(_)) => {}
                Some(Heard::Close(Some(1001))) => break,
                Some(other) => return Err(fail(expected, other.describe())),
                None => return Err(fail(expected, "still open")),
            }
        }
        let took = self.begun.elapsed();
        require(took + EARLY >= end, expected, format!("after {took:?}"))
    }

    /// The session outlives the end, and serves then.
    async fn lives(mut self, trial: &Trial) -> Outcome {
        let timers = trial.target.timers;
        let until = self.begun + timers.end + timers.ping;
        let expected = format!("a session that is open {:?} after its hello", timers.end);
        while let Some(heard) = self.hear(until).await? {
            if matches!(heard, Heard::Close(_) | Heard::End) {
                let actual = format!("{} after {:?}", heard.describe(), self.begun.elapsed());
                return Err(fail(expected, actual));
            }
            // Whoever answers pings answers them of either kind.
            if heard == Heard::Text("ping".to_owned()) && self.session.socket.answers_pings {
                let sent = self.session.socket.send_text("pong").await;
                require(sent.is_ok(), "a session that is open", format!("{sent:?}"))?;
            }
        }
        self.session.settle().await.map(drop)
    }
}

/// Sends bytes as they are.
async fn raw(session: &mut Session, bytes: &[u8]) -> Outcome {
    let sent = session.socket.send_raw(bytes).await;
    sent.map_err(|error| fail("a session that is open", error.to_string()))
}

/// A peer who writes to the session now and then, and is alive by that.
async fn heard_peer(trial: &mut Trial) -> Outcome<Deed> {
    Ok(Deed::Hears(Box::new(trial.join().await?)))
}

/// Silence in both directions.
async fn ping_silent(trial: &mut Trial) -> Outcome {
    Watch::begin(trial, Deed::Nothing).await?.pinged(trial).await
}

/// Nothing from it, though there is much to it.
async fn ping_listener(trial: &mut Trial) -> Outcome {
    let deed = heard_peer(trial).await?;
    Watch::begin(trial, deed).await?.pinged(trial).await
}

/// Nothing to it, though there is much from it.
async fn ping_talker(trial: &mut Trial) -> Outcome {
    let deed = Deed::Sends(PONG, Vec::new());
    Watch::begin(trial, deed).await?.pinged(trial).await
}

/// A client that answers no ping.
async fn end_silent(trial: &mut Trial) -> Outcome {
    Watch::begin(trial, Deed::Nothing).await?.ends(trial).await
}

/// What others send to it is no sign of its own life.
async fn end_listener(trial: &mut Trial) -> Outcome {
    let deed = heard_peer(trial).await?;
    Watch::begin(trial, deed).await?.ends(trial).await
}

/// Bytes of a message that never becomes whole are none either.
async fn end_trickle(trial: &mut Trial) -> Outcome {
    Watch::begin(trial, Deed::Trickles).await?.ends(trial).await
}

/// It lives by this alone, and answers no ping.
async fn lives_by(trial: &mut Trial, deed: Deed) -> Outcome {
    Watch::begin(trial, deed).await?.lives(trial).await
}

/// The text `ping`.
async fn life_text_ping(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::Sends(TEXT, b"ping".to_vec())).await
}

/// The text `pong`.
async fn life_text_pong(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::Sends(TEXT, b"pong".to_vec())).await
}

/// A text that means nothing.
async fn life_any_text(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::Sends(TEXT, b"still here".to_vec())).await
}

/// A WebSocket ping.
async fn life_websocket_ping(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::Sends(PING, b"alive".to_vec())).await
}

/// A WebSocket pong that nobody asked for.
async fn life_websocket_pong(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::Sends(PONG, Vec::new())).await
}

/// A binary message, even one that is dropped.
async fn life_dropped_binary(trial: &mut Trial) -> Outcome {
    lives_by(trial, Deed::SendsForgery).await
}

/// Nothing but the answers to pings.
async fn life_answered_pings(trial: &mut Trial) -> Outcome {
    let mut watch = Watch::begin(trial, Deed::Nothing).await?;
    watch.session.socket.answers_pings = true;
    watch.lives(trial).await
}
