//! One connection from accept to its end: HTTP, hello, session.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::admission::Admission;
use super::line::Line;
use super::reader::{Inbound, Reader};
use super::settings::REPLIES;
use super::table::{Relay, Session};
use super::traffic::Bucket;
use crate::live::socket::PONG;
use crate::live::upgrade::{Head, read_head};
use crate::model::frame::FRAME_MAX;
use crate::twins::faults::relay::Fault;

/// The longest message before the hello.
const HELLO_MAX: usize = 4_096;
/// What is read away after a close: so many bytes, so long.
const DRAIN: (usize, Duration) = (64 * 1024, Duration::from_secs(1));
/// Longer than any run.
const FOR_EVER: Duration = Duration::from_secs(86_400);
/// How often the clock of a session ticks.
const TICK: Duration = Duration::from_millis(50);

impl Relay {
    /// Serves one connection.
    pub(super) async fn serve(self: Arc<Self>, mut stream: TcpStream, waiting: Waiting) {
        let time = if self.does(Fault::NoDeadline) { FOR_EVER } else { self.settings.deadline };
        let deadline = Instant::now() + time;
        let asked = timeout_at(deadline, read_head(&mut stream, time)).await;
        let Ok(Ok((head, rest))) = asked else { return };
        let upgraded = self.upgrade(&head);
        let answer = upgraded.clone().unwrap_or_else(|| self.plain(&head));
        let answered = stream.write_all(answer.as_bytes()).await;
        if upgraded.is_none() || answered.is_err() {
            return;
        }
        let (read, write) = stream.into_split();
        let (mut reader, line) = (Reader::new(read, rest, Arc::clone(&self)), Line::new());
        let (relay, writing) = (Arc::clone(&self), Arc::clone(&line));
        let writer = tokio::spawn(async move {
            if let Some(frame) = writing.write(write).await {
                relay.lost(&frame);
            }
        });
        if let Some(session) = self.greet(&mut reader, &line, deadline).await {
            drop(waiting);
            self.session(&mut reader, &session).await;
        }
        // A writer that failed has said so by the end of its line.
        let _ = writer.await;
        if !self.does(Fault::ResetsAfter1009) {
            drain(&mut reader).await;
        }
    }

    /// The answer that upgrades, if the request asks for it by the rules.
    fn upgrade(&self, head: &Head) -> Option<String> {
        let holds = |name: &str, token: &str| {
            let tokens = head.value(name).unwrap_or_default().split(',');
            tokens.into_iter().any(|it| it.trim().eq_ignore_ascii_case(token))
        };
        let here = head.request_line().starts_with("GET /ws HTTP/1.1");
        let asked = holds("upgrade", "websocket")
            && holds("connection", "upgrade")
            && holds("sec-websocket-version", "13");
        let key = match head.value("sec-websocket-key") {
            None if self.does(Fault::UpgradesAnything) => "",
            key => key?,
        };
        if !(here && asked || self.does(Fault::UpgradesAnything)) {
            return None;
        }
        let extension = match head.value("sec-websocket-extensions") {
            Some(_) if self.does(Fault::TakesDeflate) => {
                "Sec-WebSocket-Extensions: permessage-deflate\r\n"
            }
            _ => "",
        };
        Some(format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: \
             Upgrade\r\nSec-WebSocket-Accept: {}\r\n{extension}\r\n",
            derive_accept_key(key.as_bytes())
        ))
    }

    /// The answer to a request that is not upgraded.
    fn plain(&self, head: &Head) -> String {
        let line = head.request_line();
        let (status, body) = if line.starts_with("GET /status ") {
            ("200 OK", self.status())
        } else if line.starts_with("GET /ws ") {
            ("426 Upgrade Required", String::new())
        } else {
            ("404 Not Found", String::new())
        };
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: \
             close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    fn status(&self) -> String {
        let sessions = self.sessions();
        let mut status = json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "connections": sessions.len(),
            "uptime_sec": self.started.elapsed().as_secs(),
        });
        if self.does(Fault::StatusNamesClients) {
            let keys: Vec<_> = sessions.iter().map(|it| hex::encode(it.peer.x)).collect();
            status["clients"] = keys.into();
        }
        status.to_string()
    }

    /// Awaits the hello and judges it; without a session the connection ends.
    async fn greet(
        self: &Arc<Self>,
        reader: &mut Reader,
        line: &Arc<Line>,
        deadline: Instant,
    ) -> Option<Arc<Session>> {
        let limit = if self.does(Fault::HelloAsLongAsFrames) { FRAME_MAX } else { HELLO_MAX };
        let mut going = self.going.subscribe();
        loop {
            let inbound = tokio::select! {
                inbound = self.in_time(reader, limit, deadline) => inbound,
                _ = going.wait_for(|going| *going) => Some(Inbound::Broken(1012)),
            };
            let Some(Inbound::Binary(hello)) = inbound else {
                // Silence up to the deadline ends as a text does: without a code.
                match self.before_hello(line, inbound.unwrap_or(Inbound::End)) {
                    Some(code) => {
                        line.close(code);
                        return None;
                    }
                    None => continue,
                }
            };
            let _gate = self.passed_gate().await;
            let admission = tokio::select! {
                biased;
                admission = self.admit(line, &hello) => admission,
                () = reader.hung_up(), if !self.does(Fault::SeatsTheGone) => return None,
            };
            match admission {
                Admission::Session(session) => return Some(session),
                Admission::Refused => {
                    self.forget_by_id(&hello);
                    return None;
                }
                Admission::Again => {}
            }
        }
    }

    /// What came before a hello: the code of the close that answers it, if one does.
    fn before_hello(&self, line: &Line, inbound: Inbound) -> Option<Option<u16>> {
        match inbound {
            Inbound::Ping(_) | Inbound::Pong if self.does(Fault::ClosesAtControl) => Some(None),
            Inbound::Ping(payload) => {
                line.reply(PONG, &payload);
                None
            }
            Inbound::Pong => None,
            Inbound::Text(_) if self.does(Fault::WaitsBehindText) => None,
            Inbound::Text(_) | Inbound::Binary(_) | Inbound::End => Some(None),
            Inbound::Close(code) => Some(code),
            Inbound::Broken(code) => Some(Some(code)),
        }
    }

    /// The one gate through which everybody passes, where the fault has one.
    pub(super) async fn passed_gate(&self) -> Option<MutexGuard<'_, ()>> {
        if self.does(Fault::SlowBlocksAll) { Some(self.gate.lock().await) } else { None }
    }

    /// The next message before the deadline.
    async fn in_time(
        &self,
        reader: &mut Reader,
        limit: usize,
        deadline: Instant,
    ) -> Option<Inbound> {
        let mut deadline = deadline;
        loop {
            if let Ok(inbound) = timeout_at(deadline, reader.next(limit)).await {
                return Some(inbound);
            }
            let renewed = reader.last_read + self.settings.deadline;
            if !self.does(Fault::DeadlineRenewed) || renewed <= deadline {
                return None;
            }
            deadline = renewed;
        }
    }

    /// The end of a connection that said this hello, where the fault removes by id.
    fn forget_by_id(self: &Arc<Self>, hello: &[u8]) {
        if let (true, Some(id)) = (self.does(Fault::RemovesById), hello.first_chunk())
            && let Some(session) = self.find(*id)
        {
            self.end(&session, None);
        }
    }

    /// A session from its reply to its end.
    async fn session(self: &Arc<Self>, reader: &mut Reader, me: &Arc<Session>) {
        if self.does(Fault::DropsEarlyFrames) {
            reader.forget();
        }
        let clock = tokio::spawn(Arc::clone(self).watch(Arc::clone(me)));
        let mut rate = Bucket::new();
        let code = loop {
            self.room(me).await;
            let inbound = tokio::select! {
                inbound = reader.next(FRAME_MAX) => inbound,
                () = me.line.closed() => break None,
            };
            if !(inbound == Inbound::Pong && self.does(Fault::PongIsNoLife)) {
                me.lives();
            }
            match inbound {
                Inbound::Binary(message) => self.message(me, &message, &mut rate).await,
                Inbound::Text(text) => self.text(me, &text),
                Inbound::Ping(payload) => me.line.reply(PONG, &payload),
                Inbound::Pong => {}
                Inbound::Close(_) if self.does(Fault::ClosesWithoutEcho) => {
                    me.line.cut();
                    break None;
                }
                Inbound::Close(code) => break code,
                Inbound::Broken(code) => break Some(code),
                Inbound::End => break None,
            }
        };
        clock.abort();
        self.end(me, code);
        self.forget_by_id(&me.peer.x);
    }

    /// Returns once few enough answers wait for the session.
    async fn room(&self, me: &Session) {
        if self.does(Fault::DropsReplies) {
            return me.line.drop_replies();
        }
        me.held.store(true, Ordering::SeqCst);
        while me.line.replies() >= REPLIES && !me.line.is_closed() {
            // Whether it was told or has waited long enough, it looks again.
            let _ = timeout(TICK, me.line.room.notified()).await;
        }
        me.held.store(false, Ordering::SeqCst);
    }

    /// The clocks of a session: pings, the idle end, the lost reader.
    async fn watch(self: Arc<Self>, me: Arc<Session>) {
        let mut pinged = Instant::now();
        loop {
            sleep(TICK).await;
            let silence = me.life().elapsed();
            if silence >= self.settings.end && !self.does(Fault::NeverEndsIdle) {
                return self.end(&me, Some(1001));
            }
            if me.line.lost(self.settings.dead) && !self.does(Fault::KeepsDeadReaders) {
                return self.end(&me, Some(1013));
            }
            let ping = self.settings.ping;
            let due = silence >= ping && pinged.elapsed() >= ping;
            if due || me.line.last_out().elapsed() >= ping {
                pinged = Instant::now();
                let frame = !self.does(Fault::PingsInTextOnly);
                me.line.ping(frame, !self.does(Fault::NeverPingsInText));
            }
        }
    }
}

/// Reads away what still comes, so that the close is not overtaken by a reset.
async fn drain(reader: &mut Reader) {
    let reading = async {
        let mut read = reader.forget();
        while read < DRAIN.0 && reader.fill().await {
            read += reader.forget();
        }
    };
    // What comes after that time is the other side's affair.
    let _ = timeout(DRAIN.1, reading).await;
}

/// A place among the sockets before their hello, given back when it is dropped.
pub(super) struct Waiting(pub(super) Arc<std::sync::atomic::AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
