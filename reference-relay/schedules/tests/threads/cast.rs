//! A relay of few clients, and the tasks of their connections as the pump has them.

use sealwire::{
    frame::address_to,
    handshake::{Admitted, AwaitHello, HELLO, Hello, hello},
    identity::{Identity, PeerId},
    primitives::{FreshNonce, Secret},
};
use sealwire_relay_schedules::{
    exchange::{
        port::Port,
        route::{Held, Route, Verdict},
        session::{Line, Out, Reply, Session},
        switchboard::{Input, Switchboard},
    },
    limits::Limits,
};
use shuttle::{
    Config, Runner,
    future::block_on,
    scheduler::{PctScheduler, RandomScheduler},
    sync::Mutex,
};
use std::{
    future::poll_fn,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Duration,
};

pub(crate) const NOW: Duration = Duration::from_secs(100);

/// Number 0 is the relay.
static PEOPLE: LazyLock<[Identity; 4]> = LazyLock::new(|| [0, 1, 2, 3].map(identity));

fn identity(number: u8) -> Identity {
    Identity::from_seeds(&Secret::new([number; 32]), &Secret::new([!number; 32])).unwrap()
}

pub(crate) fn id(number: usize) -> PeerId {
    PEOPLE[number].id()
}

fn admitted(number: usize, nonce: u64) -> Admitted {
    let (mut bytes, mut random) = ([0; HELLO], [0; 24]);
    random[..8].copy_from_slice(&nonce.to_le_bytes());
    let nonce = FreshNonce::from_random(random);
    hello(&mut bytes, &PEOPLE[number], PEOPLE[0].public(), nonce).unwrap();
    match AwaitHello::new(&PEOPLE[0]).receive(&mut bytes) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    }
}

/// Runs a model in as many orders of its threads as `SEALWIRE_SCHEDULES` says: half of them drawn
/// at each step, half with few changes of thread at places drawn before. The seeds are fixed, so a
/// failure comes again.
pub(crate) fn in_many_orders(model: impl Fn() + Send + Sync + Clone + 'static) {
    LazyLock::force(&PEOPLE);
    let orders = std::env::var("SEALWIRE_SCHEDULES").ok().and_then(|orders| orders.parse().ok());
    let half = orders.unwrap_or(1_000_usize) / 2;
    let mut config = Config::new();
    // It warns of relaxed atomics, which it takes in their order.
    config.silence_warnings = true;
    let drawn = RandomScheduler::new_from_seed(6, half);
    Runner::new(drawn, config.clone()).run(model.clone());
    let few = PctScheduler::new_from_seed(6, 3, half);
    Runner::new(few, config).run(model);
}

/// The switchboard behind its lock, and the route.
pub(crate) struct Relay {
    pub(crate) limits: Arc<Limits>,
    pub(crate) route: Arc<Route>,
    switchboard: Mutex<Switchboard>,
}

impl Relay {
    pub(crate) fn new(settings: &[&str]) -> Arc<Self> {
        let mut limits = Limits::default();
        settings.iter().for_each(|setting| limits.set(setting).unwrap());
        let limits = Arc::new(limits);
        let route = Arc::new(Route::new(Arc::clone(&limits)));
        let switchboard = Switchboard::new(Arc::clone(&limits), Arc::clone(&route), None);
        Arc::new(Self { limits, route, switchboard: Mutex::new(switchboard) })
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Switchboard) -> T) -> T {
        act(&mut self.switchboard.lock().unwrap())
    }

    /// A hello of this client on this line. The port in which its reply will be.
    pub(crate) fn greet(&self, number: usize, line: u64) -> Arc<Port> {
        let port = Arc::new(Port::new(Line(line), Arc::clone(&self.limits), NOW));
        let admitted = Box::new(admitted(number, line));
        self.with(|switchboard| {
            let deadline = NOW + self.limits.hello_deadline();
            let opened = Input::Opened(Arc::clone(&port), deadline);
            switchboard.handle(NOW, Line(line), opened);
            switchboard.handle(NOW, Line(line), Input::Hello(admitted));
        });
        port
    }

    /// A client on the line of its number.
    pub(crate) fn seat(self: &Arc<Self>, number: usize) -> Task {
        let port = self.greet(number, number as u64);
        let Some(Reply::Welcome(session)) = port.take_reply() else { panic!("not welcome") };
        Task::new(self, session)
    }
}

/// Until the reply to a hello is there.
pub(crate) fn reply(port: &Port) -> Reply {
    block_on(poll_fn(|cx| {
        port.waker().register(cx.waker());
        port.take_reply().map_or(Poll::Pending, Poll::Ready)
    }))
}

/// What the pump does for one connection, its socket taking all that is written.
pub(crate) struct Task {
    pub(crate) relay: Arc<Relay>,
    pub(crate) session: Arc<Session>,
    pub(crate) held: Option<Held>,
    /// How many frames its client has still to send, and to whom.
    pub(crate) sends: (usize, PeerId),
    /// What came, numbers of frames apart.
    pub(crate) came: Vec<Out>,
    pub(crate) frames: Vec<u8>,
}

impl Task {
    fn new(relay: &Arc<Relay>, session: Arc<Session>) -> Self {
        let relay = Arc::clone(relay);
        let (sends, came, frames) = ((0, PeerId([0; 8])), Vec::new(), Vec::new());
        Self { relay, session, held: None, sends, came, frames }
    }

    pub(crate) fn welcome(relay: &Arc<Relay>, reply: Reply) -> Self {
        let Reply::Welcome(session) = reply else { panic!("not welcome") };
        Self::new(relay, session)
    }

    /// Until it is closed, or until this.
    pub(crate) fn run(&mut self, until: impl Fn(&Self) -> bool) {
        block_on(poll_fn(|cx| self.poll(cx, &until)));
    }

    /// In the order of the pump's carrier: register, see the end, write, read.
    fn poll(&mut self, cx: &Context<'_>, until: &impl Fn(&Self) -> bool) -> Poll<()> {
        self.session.port.waker().register(cx.waker());
        if self.session.port.closing().is_some() {
            return Poll::Ready(());
        }
        while self.write() {}
        if let Some(held) = self.held.take() {
            self.held = self.relay.route.retry(&self.session, held, NOW);
        }
        while self.held.is_none() && self.sends.0 > 0 {
            self.send();
        }
        if until(self) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// One batch. False if there was none.
    pub(crate) fn write(&mut self) -> bool {
        let batch = self.session.port.batch(1);
        self.session.port.wrote(1, &batch, NOW);
        let wrote = !batch.is_empty();
        for out in batch {
            match &out {
                Out::Frame(parcel) => {
                    self.relay.route.counts.delivered(1);
                    self.frames.push(parcel.nonce.0[0]);
                }
                Out::Ping => self.hear(),
                _ => {}
            }
            self.came.push(out);
        }
        wrote
    }

    fn send(&mut self) {
        let (left, to) = self.sends;
        self.sends.0 -= 1;
        let mut frame = vec![0; 112];
        // Numbers that grow: the order in which they must come.
        frame[8] = 100 - left as u8;
        address_to(&mut frame, self.session.link.routes(), to).unwrap();
        if let Verdict::Hold(held) = self.relay.route.frame(&self.session, frame, NOW) {
            self.held = Some(held);
        }
    }

    /// Its client answered a ping.
    fn hear(&self) {
        if self.session.port.life.hear(NOW) {
            let line = self.session.port.line();
            self.relay.with(|switchboard| switchboard.handle(NOW, line, Input::Alive));
        }
    }

    /// The end, as the pump does it: first the switchboard, then what is in hand.
    pub(crate) fn end(mut self) {
        let line = self.session.port.line();
        self.relay.with(|switchboard| switchboard.handle(NOW, line, Input::Ended));
        self.relay.route.abandoned(self.held.take());
    }
}
