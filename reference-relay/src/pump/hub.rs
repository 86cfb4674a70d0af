//! What the connections share: the two pure parts, the door, the clock.

use crate::{
    exchange::{
        counts::Refused,
        door::{Door, Prefix},
        port::Port,
        route::Route,
        session::Line,
        switchboard::{Input, Notifier, Switchboard},
    },
    limits::{Adopted, Limits},
};
use sealwire::{identity::Identity, primitives::FreshNonce};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

/// Shared by all connections of one relay.
#[derive(Debug)]
pub struct Hub {
    /// In force.
    pub limits: Arc<Limits>,
    /// Where frames go.
    pub route: Arc<Route>,
    /// The relay's own keys.
    pub identity: Identity,
    switchboard: Mutex<Switchboard>,
    door: Mutex<Door>,
    begin: Instant,
    /// Rung when the next timer has become an earlier one.
    alarm: Notify,
    lines: AtomicU64,
    draining: watch::Sender<bool>,
    /// Connections that the switchboard knows no more and whose last bytes are on their way.
    leaving: Mutex<HashMap<Line, Arc<Port>>>,
}

impl Hub {
    /// A relay without connections, whose time begins now.
    #[must_use]
    pub fn new(identity: Identity, limits: Limits, notifier: Option<Notifier>) -> Self {
        let limits = Arc::new(limits);
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), notifier);
        Self {
            door: Mutex::new(Door::new(Arc::clone(&limits))),
            limits,
            route,
            identity,
            switchboard: Mutex::new(switchboard),
            begin: Instant::now(),
            alarm: Notify::new(),
            lines: AtomicU64::new(0),
            draining: watch::Sender::new(false),
            leaving: Mutex::default(),
        }
    }

    /// Since the relay began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// A time since the relay began as the runtime counts it.
    #[must_use]
    pub fn instant(&self, at: Duration) -> Instant {
        self.begin + at
    }

    /// Tells the switchboard.
    pub fn handle(&self, line: Line, input: Input<'_>) {
        self.with_switchboard(|switchboard, now| switchboard.handle(now, line, input));
    }

    /// Takes over what limits can be while it runs.
    pub fn adopt(&self, new: &Limits) -> Adopted {
        let adopted = self.limits.adopt(new);
        self.with_switchboard(Switchboard::review);
        adopted
    }

    /// The relay is about to go: nobody is let in any more, and who waits for a reply is told.
    pub fn shut(&self) {
        self.with_switchboard(|switchboard, _| switchboard.shut());
        self.draining.send_replace(true);
    }

    /// Whether the relay is about to go.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Everybody is told that the relay goes.
    pub fn drain(&self) {
        self.with_switchboard(|switchboard, _| switchboard.drain());
        self.draining.send_replace(true);
    }

    /// Until the relay goes: for connections that the switchboard does not know yet.
    pub async fn drained(&self) {
        // The sender lives as long as the hub.
        let _ = self.draining.subscribe().wait_for(|draining| *draining).await;
    }

    /// Live sessions.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.with_switchboard(|switchboard, _| switchboard.sessions())
    }

    /// Peer frames that wait in queues or are being written: a term of the conservation law
    /// (`[relay/none-dropped]`), exact while nobody moves.
    #[must_use]
    pub fn queued(&self) -> usize {
        // Who leaves is noted before it is removed from the table, so this order misses nobody.
        let here = self.route.everybody().into_iter().map(|session| Arc::clone(&session.port));
        let here: Vec<_> = here.map(|port| (port.line(), port)).collect();
        let mut ports = lock(&self.leaving).clone();
        ports.extend(here);
        ports.values().map(|port| port.parcels()).sum()
    }

    /// A connection is about to be forgotten by the switchboard.
    pub(super) fn leaving(&self, port: &Arc<Port>) -> Leaving<'_> {
        lock(&self.leaving).insert(port.line(), Arc::clone(port));
        Leaving { hub: self, line: port.line() }
    }

    /// Serves the switchboard's timers, for ever.
    pub async fn keep_time(&self) {
        loop {
            let next = self.with_switchboard(|switchboard, now| {
                switchboard.wake(now);
                switchboard.next_wake()
            });
            let at = next.map(|at| self.instant(at));
            tokio::select! {
                () = sleep_until(at.unwrap_or_else(Instant::now)), if at.is_some() => {}
                () = self.alarm.notified() => {}
            }
        }
    }

    /// A connection is closed before it could ask.
    pub fn turn_away(&self, why: Refused) {
        self.route.counts.accepted();
        self.route.counts.refused(why);
    }

    /// A connection asks to come in.
    #[must_use]
    pub fn admit(self: &Arc<Self>, prefix: Option<Prefix>) -> Option<Guest> {
        self.route.counts.accepted();
        let now = self.now();
        let entered = lock(&self.door).enter(prefix, now);
        entered.map_err(|why| self.route.counts.refused(why)).ok()?;
        let deadline = now + self.limits.hello_deadline();
        Some(Guest { hub: Arc::clone(self), prefix, deadline })
    }

    /// Sockets before their hello.
    #[must_use]
    pub fn guests(&self) -> usize {
        lock(&self.door).sockets()
    }

    pub(super) fn port(&self) -> Arc<Port> {
        let line = Line(self.lines.fetch_add(1, Relaxed));
        Arc::new(Port::new(line, Arc::clone(&self.limits), self.now()))
    }

    fn with_switchboard<T>(&self, act: impl FnOnce(&mut Switchboard, Duration) -> T) -> T {
        let mut switchboard = lock(&self.switchboard);
        let before = switchboard.next_wake();
        let result = act(&mut switchboard, self.now());
        let after = switchboard.next_wake();
        drop(switchboard);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            self.alarm.notify_one();
        }
        result
    }
}

/// A connection in its farewell; dropping it forgets it.
pub(super) struct Leaving<'h> {
    hub: &'h Hub,
    line: Line,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        lock(&self.hub.leaving).remove(&self.line);
    }
}

/// A panic while one of the locks is held ends that connection; the others live on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A nonce that nobody has seen (`[packet/nonce-fresh]`).
///
/// # Panics
/// If the system has no random bytes: no frame could be sealed then.
pub(super) fn fresh_nonce() -> FreshNonce {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    FreshNonce::from_random(bytes)
}

/// A connection that has not said hello; dropping it makes room for another.
#[derive(Debug)]
pub struct Guest {
    hub: Arc<Hub>,
    prefix: Option<Prefix>,
    deadline: Duration,
}

impl Guest {
    /// Until when it may say hello, since the relay began.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Waits until its hello may be read (`[relay/rate]`), for ever if that is too late.
    pub(super) async fn turn(&self) {
        let due = lock(&self.hub.door).hello(self.prefix, self.hub.now(), self.deadline);
        match due {
            Some(at) => sleep_until(self.hub.instant(at)).await,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        lock(&self.hub.door).leave(self.prefix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealwire::primitives::Secret;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[tokio::test]
    async fn a_panic_with_the_switchboard_in_hand_harms_nobody_else() {
        let (x25519, ed25519) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let identity = Identity::from_seeds(&x25519, &ed25519).unwrap();
        let hub = Hub::new(identity, Limits::default(), None);
        let port = hub.port();
        let deadline = hub.now() + hub.limits.hello_deadline();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            hub.with_switchboard(|_, _| panic!("one connection fails"));
        }));
        assert!(panicked.is_err());
        hub.handle(port.line(), Input::Opened(Arc::clone(&port), deadline));
        hub.drain();
        assert!(port.closing().is_some(), "it is served as before");
    }
}
