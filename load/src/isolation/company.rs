//! Third parties: pairs that talk at a steady pace and have nothing to do with any fault, and
//! newcomers who look in now and then. They have a thread of their own, so that a fault that keeps
//! this process busy does not look like a slow relay.

use crate::{
    Failure,
    party::{Incoming, Mark, Party, Relay, random},
};
use sealwire::identity::PeerId;
use std::{
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    sync::{oneshot, watch},
    task::JoinSet,
    time::{Instant, interval_at, sleep},
};

/// Pairs; both of each send.
pub(crate) const PAIRS: u64 = 8;
/// From one frame of a party to its next: 320 frames a second in all.
const PACE: Duration = Duration::from_millis(50);
/// Bytes of a frame.
const LENGTH: usize = 256;
/// From one newcomer to the next.
const NEWCOMERS: Duration = Duration::from_millis(250);
/// A sender that is later than this has been kept from sending: its wait counts. What is less is
/// the clock's own coarseness, and no relay's fault.
const COARSE: Duration = Duration::from_millis(2);
/// How long frames may be on their way when nobody sends any more.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long the last newcomer may take, whoever was on the way in before it included.
const WELCOME: Duration = Duration::from_secs(5);

/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// What third parties saw.
#[derive(Debug)]
pub(crate) struct Ledger {
    begin: Instant,
    sent: AtomicU64,
    received: AtomicU64,
    astray: AtomicU64,
    /// When each frame was due, and how long it took.
    frames: Mutex<Vec<(Duration, Duration)>>,
    /// The same for each newcomer, from its connection to its session.
    entries: Mutex<Vec<(Duration, Duration)>>,
    invites: AtomicBool,
    /// Parties that send no more.
    quiet: AtomicU64,
    failures: Mutex<Vec<Failure>>,
}

impl Ledger {
    fn new() -> Self {
        Self {
            begin: Instant::now(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            astray: AtomicU64::new(0),
            frames: Mutex::default(),
            entries: Mutex::default(),
            invites: AtomicBool::new(true),
            quiet: AtomicU64::new(0),
            failures: Mutex::default(),
        }
    }

    fn arrived(&self, mark: Mark, in_order: bool) {
        let at = Duration::from_micros(mark.at);
        lock(&self.frames).push((at, self.now().saturating_sub(at)));
        self.received.fetch_add(1, Relaxed);
        self.astray.fetch_add(u64::from(!in_order), Relaxed);
    }

    fn astray(&self) {
        self.astray.fetch_add(1, Relaxed);
    }

    /// Since the company began.
    pub(crate) fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// How long the frames took that were due in this time, in ascending order.
    pub(crate) fn frames(&self, window: &Range<Duration>) -> Vec<Duration> {
        due(&lock(&self.frames), window)
    }

    /// The same of newcomers.
    pub(crate) fn entries(&self, window: &Range<Duration>) -> Vec<Duration> {
        due(&lock(&self.entries), window)
    }

    /// Whoever comes now is let in: a newcomer who waits for ever is in no window.
    async fn welcome(&self) -> Result<(), Failure> {
        let from = self.now();
        while self.entries(&(from..Duration::MAX)).is_empty() {
            if let Some(failure) = self.failure() {
                return Err(failure);
            }
            if self.now() > from + WELCOME {
                return Err(Failure::Fails(format!("nobody is let in any more for {WELCOME:?}")));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Whether newcomers come.
    pub(crate) fn invite(&self, invites: bool) {
        self.invites.store(invites, Relaxed);
    }

    /// Frames that were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Sent and not received; received out of order, twice, changed or by the wrong one.
    pub(crate) fn lost_and_astray(&self) -> (u64, u64) {
        (
            self.sent.load(Relaxed).saturating_sub(self.received.load(Relaxed)),
            self.astray.load(Relaxed),
        )
    }

    /// The first thing that broke.
    pub(crate) fn failure(&self) -> Option<Failure> {
        lock(&self.failures).first().cloned()
    }
}

fn due(records: &[(Duration, Duration)], window: &Range<Duration>) -> Vec<Duration> {
    let within = records.iter().filter(|(at, _)| window.contains(at));
    let mut took: Vec<_> = within.map(|(_, took)| *took).collect();
    took.sort_unstable();
    took
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the company does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Talking,
    Listening,
    Leaving,
}

/// The third parties of one relay.
pub(crate) struct Company {
    pub(crate) ledger: Arc<Ledger>,
    mood: watch::Sender<Mood>,
    thread: Option<JoinHandle<()>>,
}

impl Company {
    /// All are in, and talk.
    pub(crate) async fn gather(relay: &Relay) -> Result<Self, Failure> {
        let broken = |error: std::io::Error| Failure::Broken(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(broken)?;
        let (mood, moods) = watch::channel(Mood::Talking);
        let (ready, all_in) = oneshot::channel();
        let ledger = Arc::new(Ledger::new());
        let (relay, kept) = (relay.clone(), Arc::clone(&ledger));
        let thread = std::thread::Builder::new().name("company".to_owned());
        let live = move || runtime.block_on(live(relay, kept, moods, ready));
        let thread = Some(thread.spawn(live).map_err(broken)?);
        let company = Self { ledger, mood, thread };
        all_in.await.map_err(|_| Failure::Broken("the company has not met".to_owned()))??;
        Ok(company)
    }

    /// One more comes in; then nobody sends any more, what is on its way arrives, and all leave.
    pub(crate) async fn part(mut self) -> Result<(), Failure> {
        let welcome = self.ledger.welcome().await;
        self.mood.send_replace(Mood::Listening);
        let until = Instant::now() + ARRIVAL;
        // Until each of them has heard of it, one more frame may set out.
        let talking = || self.ledger.quiet.load(Relaxed) < 2 * PAIRS;
        while (talking() || self.ledger.lost_and_astray().0 > 0) && Instant::now() < until {
            sleep(LOOK).await;
        }
        self.mood.send_replace(Mood::Leaving);
        let thread = self.thread.take();
        let ended = tokio::task::spawn_blocking(|| thread.map(JoinHandle::join)).await;
        match ended {
            Ok(Some(Ok(()))) => self.ledger.failure().map_or(welcome, Err),
            _ => Err(Failure::Broken("the company ended in a panic".to_owned())),
        }
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.mood.send_replace(Mood::Leaving);
    }
}

async fn live(
    relay: Relay,
    ledger: Arc<Ledger>,
    moods: watch::Receiver<Mood>,
    ready: oneshot::Sender<Result<(), Failure>>,
) {
    let mut talkers = JoinSet::new();
    for _ in 0..PAIRS {
        let pair = async { Ok((Party::enter(&relay).await?, Party::enter(&relay).await?)) };
        let (one, other) = match pair.await {
            Ok(pair) => pair,
            Err(failure) => return drop(ready.send(Err(failure))),
        };
        let ids = [other.id(), one.id()];
        for (party, peer) in [one, other].into_iter().zip(ids) {
            talkers.spawn(talk(party, peer, Arc::clone(&ledger), moods.clone()));
        }
    }
    let _ = ready.send(Ok(()));
    let newcomers = tokio::spawn(look_in(relay, Arc::clone(&ledger)));
    while let Some(ended) = talkers.join_next().await {
        if let Ok(Err(failure)) = ended {
            lock(&ledger.failures).push(failure);
        }
    }
    newcomers.abort();
}

/// Sends at its pace, and judges what its peer sends, until the company parts.
async fn talk(
    mut party: Party,
    peer: PeerId,
    ledger: Arc<Ledger>,
    mut moods: watch::Receiver<Mood>,
) -> Result<(), Failure> {
    // Each at another moment.
    let first = Instant::now() + PACE.mul_f64(f64::from(random::<1>()?[0]) / 256.0);
    let mut pace = interval_at(first, PACE);
    let (mut sent, mut received) = (0, 0);
    let mut mood = Mood::Talking;
    loop {
        let before = mood;
        mood = *moods.borrow_and_update();
        if mood == Mood::Leaving {
            return Ok(());
        }
        ledger.quiet.fetch_add(u64::from(mood != before), Relaxed);
        tokio::select! {
            _ = moods.changed() => {}
            due = pace.tick(), if mood == Mood::Talking => {
                let now = Instant::now();
                let due = if now > due + COARSE { due } else { now };
                let at = due.saturating_duration_since(ledger.begin).as_micros() as u64;
                let frame = party.session.frame(peer, Mark { number: sent, at }, LENGTH);
                sent += 1;
                ledger.sent.fetch_add(1, Relaxed);
                party.send(frame).await?;
            }
            incoming = party.next() => match incoming? {
                Incoming::Frame { from, mark, length, intact } => {
                    ledger.arrived(mark, from == peer && length == LENGTH && intact && mark.number == received);
                    received = mark.number + 1;
                }
                // Its peer is there all the time: nothing is to be told.
                Incoming::Event => ledger.astray(),
                Incoming::Other => {}
            },
        }
    }
}

/// Comes in, and leaves again.
async fn look_in(relay: Relay, ledger: Arc<Ledger>) {
    loop {
        sleep(NEWCOMERS).await;
        if !ledger.invites.load(Relaxed) {
            continue;
        }
        let at = ledger.now();
        match Party::enter(&relay).await {
            Ok(_) => lock(&ledger.entries).push((at, ledger.now() - at)),
            // Nobody may have been invited any more when it came.
            Err(failure) if ledger.invites.load(Relaxed) => lock(&ledger.failures).push(failure),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_relay_that_lets_nobody_in_any_more_is_told() {
        let ledger = Ledger::new();
        let one = |ledger: &Ledger| lock(&ledger.entries).push((ledger.now(), Duration::ZERO));
        one(&ledger);
        sleep(LOOK).await;
        assert!(matches!(ledger.welcome().await, Err(Failure::Fails(_))));
        let (welcome, later) = tokio::join!(ledger.welcome(), async {
            sleep(WELCOME).await;
            one(&ledger);
        });
        assert_eq!((welcome, later), (Ok(()), ()));
        lock(&ledger.failures).push(Failure::Broken("refused".to_owned()));
        sleep(LOOK).await;
        assert_eq!(ledger.welcome().await, Err(Failure::Broken("refused".to_owned())));
    }
}
