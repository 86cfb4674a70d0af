//! The pump: carries bytes, time and random bytes to the peer, frames and events from it.
//!
//! It decides nothing about the protocol. What it does decide is when not to read: while its own
//! queues are long, so that neither a relay nor a slow reader of events fills the memory.

mod connection;
mod upgrade;

pub(crate) use connection::RelayAddress;

use crate::{
    contract::{Command, Event, Fault},
    diagnostics::say,
    peer::{Action, Input, Peer, Random},
};
use connection::{Connection, Received, Sent};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};

/// Events that wait for the user's side, each of a frame at most; above it no frame is taken from
/// the socket.
const EVENTS_SOFT: usize = 16;
/// Events that commands alone can pile up before the pump gives in.
const EVENTS_HARD: usize = 65_536;
/// Bytes and frames that wait for the socket; above it no frame is taken from it.
const OUTGOING_BYTES: usize = 8 << 20;
const OUTGOING_FRAMES: usize = 1_024;

/// How long the end waits for a socket and a reader of events; `quit` ends all within 2 s.
const FINISH: Duration = Duration::from_secs(1);

/// What the user's side says.
#[derive(Debug)]
pub(crate) enum Ask {
    Command(Command),
    /// A line that was no command.
    Malformed(Fault),
}

/// Why the pump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By `quit`, or because nobody can ask any more.
    Quit,
    /// The peer stopped; its last event said why.
    Stopped,
    /// Events are not taken any more, or not fast enough.
    Unheard,
}

/// The operating system's random source.
struct Os;

impl Random for Os {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without it nothing may be sealed: there is no going on.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Runs `peer` until it stops, `asks` ends or says quit, or nobody takes its events.
pub(crate) async fn run(
    peer: Peer,
    address: RelayAddress,
    mut asks: mpsc::Receiver<Ask>,
    events: mpsc::Sender<Event>,
) -> Ended {
    let mut pump = Pump::new(peer, address);
    pump.handle(Input::Tick);
    let ended = loop {
        if pump.stopped {
            break Ended::Stopped;
        }
        if pump.events.len() > EVENTS_HARD {
            break Ended::Unheard;
        }
        let (may_read, may_send) = (pump.may_read(), !pump.outgoing.is_empty());
        let due = pump.until_due();
        tokio::select! {
            ask = asks.recv() => match ask {
                None | Some(Ask::Command(Command::Quit { .. })) => break Ended::Quit,
                Some(Ask::Command(command)) => pump.handle(Input::Command(command)),
                Some(Ask::Malformed(fault)) => pump.handle(Input::Malformed(fault)),
            },
            permit = events.reserve(), if !pump.events.is_empty() => {
                match (permit, pump.events.pop_front()) {
                    (Ok(permit), Some(event)) => permit.send(event),
                    _ => break Ended::Unheard,
                }
            }
            moved = next(pump.connection.as_mut(), may_read, may_send) => pump.moved(moved),
            () = tokio::time::sleep(due) => pump.handle(Input::Tick),
            () = events.closed() => break Ended::Unheard,
        }
    };
    pump.finish(&events).await;
    ended
}

/// What a connection is ready for.
enum Moved {
    Received(Option<Received>),
    Room,
}

/// The connection's next message, or room in it for ours; never, without a connection.
async fn next(connection: Option<&mut Connection>, may_read: bool, may_send: bool) -> Moved {
    let Some(connection) = connection else { return std::future::pending().await };
    tokio::select! {
        received = connection.received.recv(), if may_read || connection.send.is_closed() => {
            Moved::Received(received)
        }
        // A refusal means that the task has ended: `received` says why.
        Ok(_) = connection.send.reserve(), if may_send => Moved::Room,
        else => std::future::pending().await,
    }
}

struct Pump {
    peer: Peer,
    address: RelayAddress,
    start: Instant,
    connection: Option<Connection>,
    outgoing: VecDeque<Sent>,
    outgoing_bytes: usize,
    events: VecDeque<Event>,
    stopped: bool,
}

impl Pump {
    fn new(peer: Peer, address: RelayAddress) -> Self {
        Self {
            peer,
            address,
            start: Instant::now(),
            connection: None,
            outgoing: VecDeque::new(),
            outgoing_bytes: 0,
            events: VecDeque::new(),
            stopped: false,
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.peer.handle(input, self.start.elapsed(), &mut Os);
        while let Some(action) = self.peer.poll_action() {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Connect => self.connection = Some(Connection::open(self.address.clone())),
            Action::Disconnect => self.disconnect(),
            Action::Binary(frame) => self.queue(Sent::Binary(frame)),
            Action::Pong => self.queue(Sent::Pong),
            Action::Event(event) => self.events.push_back(event),
            Action::Refused { reason, count } => {
                say(&format!("refused a frame: {reason} ({count})"))
            }
            Action::Stop => self.stopped = true,
        }
    }

    fn queue(&mut self, sent: Sent) {
        self.outgoing_bytes += sent.len();
        self.outgoing.push_back(sent);
    }

    fn disconnect(&mut self) {
        self.connection = None;
        self.outgoing.clear();
        self.outgoing_bytes = 0;
    }

    fn moved(&mut self, moved: Moved) {
        match moved {
            Moved::Room => {
                let connection = self.connection.as_ref();
                if let Some(permit) = connection.and_then(|c| c.send.try_reserve().ok())
                    && let Some(sent) = self.outgoing.pop_front()
                {
                    self.outgoing_bytes -= sent.len();
                    permit.send(sent);
                }
            }
            Moved::Received(received) => match received {
                Some(Received::Connected) => self.handle(Input::Connected),
                Some(Received::Binary(mut message)) => self.handle(Input::Binary(&mut message)),
                Some(Received::Text(text)) => self.handle(Input::Text(&text)),
                Some(Received::Control) => self.handle(Input::Control),
                Some(Received::Closed(why)) => self.closed(why),
                None => self.closed("the connection broke down".into()),
            },
        }
    }

    fn closed(&mut self, why: String) {
        self.disconnect();
        self.handle(Input::Closed(why));
    }

    fn may_read(&self) -> bool {
        self.events.len() < EVENTS_SOFT
            && self.outgoing.len() < OUTGOING_FRAMES
            && self.outgoing_bytes < OUTGOING_BYTES
    }

    fn until_due(&self) -> Duration {
        self.peer.wake().map_or(Duration::MAX, |due| due.saturating_sub(self.start.elapsed()))
    }

    /// Flushes what waits, to the socket and to the user's side, as far as they take it at once.
    async fn finish(self, events: &mpsc::Sender<Event>) {
        let Self { connection, outgoing, events: waiting, .. } = self;
        let socket = async {
            let Some(connection) = connection else { return };
            for sent in outgoing {
                if connection.send.send(sent).await.is_err() {
                    break;
                }
            }
            connection.close().await;
        };
        let user = async {
            for event in waiting {
                if events.send(event).await.is_err() {
                    break;
                }
            }
        };
        // What is not taken by then is lost: the end was asked for.
        let _ = tokio::join!(timeout(FINISH, socket), timeout(FINISH, user));
    }
}
