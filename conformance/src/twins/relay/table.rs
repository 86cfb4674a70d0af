//! Who is there: one locked list of sessions, searched from end to end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

use super::line::{Line, Origin};
use super::settings::{REPLAYS, Settings};
use crate::live::socket::BINARY;
use crate::model::frame::{Routes, downlink, route_keys};
use crate::model::handshake::{ERROR, HANDSHAKE_OK, Hello, VERSION};
use crate::model::identity::{Keys, Public, RELAY_ID, base64url};
use crate::model::packet::seal;
use crate::model::primitives::x25519_raw;
use crate::model::relay::{PEER_OFFLINE, PEER_ONLINE, recipient_offline_body};
use crate::twins::faults::relay::Fault;

/// How late the twin is that tells the end of a session too late.
const LATE: Duration = Duration::from_millis(300);

/// One accepted hello.
pub(super) struct Session {
    serial: u64,
    /// Who it is.
    pub(super) peer: Public,
    /// `S`.
    pub(super) shared: [u8; 32],
    /// Both keys of its headers.
    pub(super) routes: Routes,
    /// The key that signs its commands.
    pub(super) signing: Mutex<[u8; 32]>,
    /// What waits for it.
    pub(super) line: Arc<Line>,
    /// The relay does not read from it at the moment.
    pub(super) held: AtomicBool,
    /// Somebody waits for a sign of its life.
    pub(super) probed: AtomicBool,
    mark: [u8; 40],
    watched: Mutex<HashSet<[u8; 32]>>,
    life: Mutex<Instant>,
}

impl Session {
    /// A sign of life.
    pub(super) fn lives(&self) {
        *locked(&self.life) = Instant::now();
    }

    /// When the last one came; now, if the relay does not listen.
    pub(super) fn life(&self) -> Instant {
        if self.held.load(Ordering::SeqCst) { Instant::now() } else { *locked(&self.life) }
    }
}

/// How a hello for an id went that may be held.
pub(super) enum Claim {
    /// This is the session.
    Registered(Arc<Session>),
    /// This session holds the id.
    Held(Arc<Session>),
    /// There is no room for a session.
    Full,
}

#[derive(Default)]
struct Table {
    sessions: Vec<Arc<Session>>,
    marks: VecDeque<[u8; 40]>,
    /// What sessions watched that are gone, where the fault keeps it.
    left: HashMap<[u8; 32], HashSet<[u8; 32]>>,
    /// Whose end is not told yet, where the fault tells it late.
    untold: HashSet<[u8; 32]>,
}

/// Who gets wake-up calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notifier {
    /// Whoever holds this id.
    Id([u8; 8]),
    /// Whoever has this key.
    Key([u8; 32]),
}

/// The relay.
pub(super) struct Relay {
    /// Its keys.
    pub(super) keys: Keys,
    /// What it does wrong.
    pub(super) faults: Vec<Fault>,
    /// What it was told.
    pub(super) settings: Settings,
    /// Who gets wake-up calls.
    pub(super) notifier: Option<Notifier>,
    /// When it started.
    pub(super) started: Instant,
    /// Told whenever a session ended.
    pub(super) changed: Notify,
    /// Whether it goes.
    pub(super) going: watch::Sender<bool>,
    /// Held by whoever does anything at all, where the fault says so.
    pub(super) gate: tokio::sync::Mutex<()>,
    table: Mutex<Table>,
    serial: AtomicU64,
}

impl Relay {
    /// A relay that nobody has come to.
    pub(super) fn new(
        keys: Keys,
        faults: Vec<Fault>,
        settings: Settings,
        notifier: Option<Notifier>,
    ) -> Arc<Self> {
        Arc::new(Self {
            keys,
            faults,
            settings,
            notifier,
            started: Instant::now(),
            changed: Notify::new(),
            going: watch::channel(false).0,
            gate: tokio::sync::Mutex::new(()),
            table: Mutex::default(),
            serial: AtomicU64::new(0),
        })
    }

    /// Whether this is a fault of it.
    pub(super) fn does(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        locked(&self.table)
    }

    /// The session that holds `id`.
    pub(super) fn find(&self, id: [u8; 8]) -> Option<Arc<Session>> {
        self.table().sessions.iter().find(|session| session.peer.id() == id).cloned()
    }

    /// Everybody.
    pub(super) fn sessions(&self) -> Vec<Arc<Session>> {
        self.table().sessions.clone()
    }

    /// Who gets wake-up calls, if it is there.
    pub(super) fn find_notifier(&self) -> Option<Arc<Session>> {
        let by_id = |id: [u8; 8]| self.find(id);
        match self.notifier? {
            Notifier::Id(id) => by_id(id),
            Notifier::Key(key) => {
                let found = by_id(core::array::from_fn(|i| key[i]))?;
                (found.peer.x == key || self.does(Fault::NotifierById)).then_some(found)
            }
        }
    }

    /// Whether this hello was seen before; remembers it.
    pub(super) fn replayed(&self, mark: [u8; 40]) -> bool {
        let mut table = self.table();
        let live = table.sessions.iter().any(|session| session.mark == mark);
        let seen = live || table.marks.contains(&mark);
        table.marks.push_back(mark);
        if table.marks.len() > REPLAYS {
            table.marks.pop_front();
        }
        seen && !self.does(Fault::NoReplayMemory)
    }

    /// Registers the owner of a hello, unless the id is held; the reply is on its way then.
    pub(super) fn claim(&self, hello: &Hello, line: &Arc<Line>, blindly: bool) -> Claim {
        let mut table = self.table();
        let holder = table.sessions.iter().find(|session| session.peer.id() == hello.peer.id());
        if let Some(holder) = holder.filter(|_| !blindly) {
            return Claim::Held(Arc::clone(holder));
        }
        if !self.has_room(&table) {
            return Claim::Full;
        }
        let kept = table.left.get(&hello.peer.x).cloned().unwrap_or_default();
        let session = Arc::new(Session {
            serial: self.serial.fetch_add(1, Ordering::Relaxed),
            peer: hello.peer,
            shared: hello.shared,
            routes: route_keys(hello.shared),
            signing: Mutex::new(hello.peer.ed),
            line: Arc::clone(line),
            held: AtomicBool::new(false),
            probed: AtomicBool::new(false),
            mark: hello.mark,
            watched: Mutex::new(kept),
            life: Mutex::new(Instant::now()),
        });
        if !self.does(Fault::OkBeforeRegistering) {
            self.welcome(&hello.peer, line);
        }
        if self.does(Fault::LogsKeys) {
            eprintln!("joined: {}", base64url(&hello.peer.x));
        }
        table.sessions.push(Arc::clone(&session));
        if !self.does(Fault::NeverOnline) {
            self.announce(&table, PEER_ONLINE, hello.peer.x);
        }
        if table.untold.remove(&hello.peer.x) {
            self.announce(&table, PEER_OFFLINE, hello.peer.x);
        }
        Claim::Registered(session)
    }

    fn has_room(&self, table: &Table) -> bool {
        table.sessions.len() < self.settings.sessions || self.does(Fault::SessionsWithoutLimit)
    }

    /// HANDSHAKE_OK for somebody who may be registered later.
    pub(super) fn welcome_early(&self, peer: &Public, line: &Line) {
        if self.has_room(&self.table()) {
            self.welcome(peer, line);
        }
    }

    /// HANDSHAKE_OK.
    fn welcome(&self, peer: &Public, line: &Line) {
        let body: &[u8] =
            if self.does(Fault::ReplyOfOneByteMore) { &[VERSION, 0] } else { &[VERSION] };
        self.answer(peer, line, HANDSHAKE_OK, body);
    }

    /// An answer of the relay's own to whoever has this key.
    pub(super) fn answer(&self, peer: &Public, line: &Line, command: u8, body: &[u8]) {
        line.reply(BINARY, &self.own_frame(peer, command, body));
    }

    /// A frame of the relay's own.
    pub(super) fn own_frame(&self, peer: &Public, command: u8, body: &[u8]) -> Vec<u8> {
        let shared = x25519_raw(self.keys.x_seed, peer.x);
        let packet = seal(shared, self.keys.ed_seed, self.nonce(), 0, command, body);
        downlink(route_keys(shared).s2c, RELAY_ID, &packet)
    }

    fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0; 24];
        if self.does(Fault::CountsNonces) {
            nonce[..8].copy_from_slice(&self.serial.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        } else {
            getrandom::fill(&mut nonce).expect("the system has randomness");
        }
        if self.does(Fault::ClocksNonces) {
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
            nonce[..8].copy_from_slice(&now.to_le_bytes());
        }
        nonce
    }

    /// Ends a session, if it has not ended yet.
    pub(super) fn end(self: &Arc<Self>, session: &Session, code: Option<u16>) {
        let mut table = self.table();
        let own = |other: &Arc<Session>| other.serial == session.serial;
        let Some(at) = table.sessions.iter().position(own) else { return };
        table.sessions.swap_remove(at);
        if self.does(Fault::KeepsSubscriptions) {
            let watched = locked(&session.watched).clone();
            table.left.insert(session.peer.x, watched);
        }
        let timed_out = code == Some(1001);
        if self.does(Fault::OfflineLate) {
            table.untold.insert(session.peer.x);
            tokio::spawn(Arc::clone(self).tell_late(session.peer.x));
        } else if !(timed_out && self.does(Fault::ForgetsTimedOut)) {
            self.announce(&table, PEER_OFFLINE, session.peer.x);
        }
        drop(table);
        for frame in session.line.close(code) {
            self.lost(&frame);
        }
        self.changed.notify_waiters();
    }

    /// Tells the end of a session that nobody was told of when it ended.
    async fn tell_late(self: Arc<Self>, key: [u8; 32]) {
        sleep(LATE).await;
        let mut table = self.table();
        if table.untold.remove(&key) {
            self.announce(&table, PEER_OFFLINE, key);
        }
    }

    /// A frame that waited for somebody who is gone.
    pub(super) fn lost(&self, frame: &Origin) {
        if !self.does(Fault::DropsWaiting) {
            self.offline(&frame.sender, frame.to, frame.nonce);
        }
    }

    /// ERROR recipient_offline.
    pub(super) fn offline(&self, sender: &Session, to: [u8; 8], nonce: [u8; 24]) {
        let nonce = if self.does(Fault::WrongNonceAnswered) { self.nonce() } else { nonce };
        self.tell(sender, ERROR, &recipient_offline_body(to, nonce));
    }

    /// Answers a session.
    pub(super) fn tell(&self, session: &Session, command: u8, body: &[u8]) {
        self.answer(&session.peer, &session.line, command, body);
    }

    fn announce(&self, table: &Table, command: u8, key: [u8; 32]) {
        for watcher in &table.sessions {
            if locked(&watcher.watched).iter().any(|watched| self.matches(*watched, key)) {
                watcher.line.presence(key, &self.own_frame(&watcher.peer, command, &key));
            }
        }
    }

    fn matches(&self, watched: [u8; 32], key: [u8; 32]) -> bool {
        watched == key || (self.does(Fault::WatchesIds) && watched[..8] == key[..8])
    }

    /// Watches these keys; answers with those of them that are online.
    pub(super) fn subscribe(&self, session: &Session, keys: &[[u8; 32]]) {
        let table = self.table();
        let mut online = Vec::new();
        for key in keys.iter().map(|key| self.watchable(*key)) {
            let watchers = table.sessions.iter();
            let others = watchers.filter(|it| it.serial != session.serial);
            let others = others.filter(|other| locked(&other.watched).contains(&key)).count();
            let crowded = others >= self.settings.watchers;
            let mut watched = locked(&session.watched);
            let full = watched.len() >= self.settings.subscriptions;
            if !watched.contains(&key)
                && ((full && !self.does(Fault::WatchesWithoutLimit))
                    || (crowded && !self.does(Fault::WatchedWithoutLimit)))
            {
                continue;
            }
            watched.insert(key);
            let there = table.sessions.iter().any(|other| self.matches(key, other.peer.x));
            if there && !online.contains(&key) {
                online.push(key);
            }
        }
        if !online.is_empty() || self.does(Fault::AnswersNobody) {
            self.tell(session, PEER_ONLINE, &online.concat());
        }
    }

    /// Watches these keys no longer.
    pub(super) fn unsubscribe(&self, session: &Session, keys: &[[u8; 32]]) {
        let _table = self.table();
        for key in keys {
            locked(&session.watched).remove(key);
        }
    }

    fn watchable(&self, mut key: [u8; 32]) -> [u8; 32] {
        if self.does(Fault::ReducesWatched) {
            key[31] &= 0x7f;
        }
        key
    }
}

/// What a mutex holds; a panic elsewhere is told by the process, not here.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
