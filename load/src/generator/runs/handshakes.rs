//! Handshakes: connect, upgrade, hello, reply, end, and the next.

use std::time::{Duration, Instant};

use sealwire::frame::COMMAND_OVERHEAD;
use sealwire::handshake::{AwaitHello, HELLO, Hello, hello};
use sealwire::primitives::FreshNonce;
use sealwire::relay::FromRelay;

use super::super::fleet::{Event, Fleet};
use super::super::identities::identity;
use super::super::measure::Mark;
use super::super::relay::Relay;
use super::super::report::{Found, Handshakes, Refusals, Report};
use super::super::session::{End, Role};
use super::Setting;
use crate::Failure;
use crate::machine::own_cpu;

/// Clients that take turns: when one is back, the relay has forgotten its last session.
const CLIENTS: usize = 4_096;
/// Hellos that are judged to learn what their crypto takes.
const HELLOS: u32 = 1_000;

pub(super) fn run(setting: &Setting<'_>, relay: Relay) -> Result<Report, Failure> {
    let asked = setting.asked;
    let under_way = asked.in_flight().min(CLIENTS);
    let crypto_per_cpu_second = crypto(setting.seed)?;
    let fleet = Fleet::new(relay, setting.seed, CLIENTS)?;
    let mut turns =
        Turns { fleet, next: 0, completed: 0, refusals: Refusals::default(), last: None };
    (0..under_way).try_for_each(|_| turns.begin())?;
    setting.progress.say(|| format!("handshakes, {under_way} at a time"));
    turns.go_on(Instant::now() + asked.warm_up())?;
    let (before, refused) = (Mark::new(asked.pid, turns.completed)?, turns.refusals);
    turns.go_on(before.at + asked.duration())?;
    let span = before.until(Mark::new(asked.pid, turns.completed)?);
    if span.done == 0 {
        let last = turns.last.map_or(String::new(), |end| format!(": {end}"));
        return Err(Failure::Broken(format!("no handshake was completed{last}")));
    }
    let refusals = Refusals {
        refused: turns.refusals.refused - refused.refused,
        id_in_use: turns.refusals.id_in_use - refused.id_in_use,
    };
    let found = Handshakes {
        under_way,
        completed: span.done,
        per_second: span.per_second(),
        refusals,
        crypto_per_cpu_second,
        of_crypto: span
            .relay
            .and_then(|relay| relay.per_cpu_second)
            .map(|each| each / crypto_per_cpu_second),
    };
    let mut report = span.report(setting.seed, Found::Handshakes(found));
    let busy = || "the generator was the bottleneck: handshakes a second are void".to_owned();
    report.notes.extend(span.generator.is_busy().then(busy));
    Ok(report)
}

/// Clients that come and go.
struct Turns {
    fleet: Fleet,
    next: usize,
    completed: u64,
    refusals: Refusals,
    /// How the last attempt ended that came to nothing.
    last: Option<End>,
}

impl Turns {
    fn begin(&mut self) -> Result<(), Failure> {
        // Whoever is still on the way in is not torn out of it.
        let mut round = (0..CLIENTS).map(|step| (self.next + step) % CLIENTS);
        let index = round.find(|index| !self.fleet.session(*index).is_here());
        let Some(index) = index else { return Ok(()) };
        self.next = (index + 1) % CLIENTS;
        self.fleet.dial(index, Role::Idle).map_err(|end| Failure::Broken(end.to_string()))
    }

    fn go_on(&mut self, until: Instant) -> Result<(), Failure> {
        let mut events = Vec::new();
        while Instant::now() < until {
            self.fleet.look(Duration::from_millis(100), &mut events)?;
            for event in events.drain(..) {
                match event {
                    Event::Up(index) => {
                        self.completed += 1;
                        self.fleet.leave(index);
                    }
                    Event::Ended(_, End::IdInUse) => self.refusals.id_in_use += 1,
                    Event::Ended(_, End::Foreign(why)) => return Err(Failure::Broken(why)),
                    Event::Ended(_, end) => {
                        self.refusals.refused += 1;
                        self.last = Some(end);
                    }
                    Event::Ready(_) => continue,
                }
                self.begin()?;
            }
        }
        Ok(())
    }
}

/// Hellos that one core can judge and answer in a second, as a relay must.
fn crypto(seed: u64) -> Result<f64, Failure> {
    let failed = |why: String| Failure::Broken(format!("the crypto of a hello: {why}"));
    let (relay, client) = (identity(seed, CLIENTS)?, identity(seed, 0)?);
    let mut message = [0; HELLO];
    let nonce = || FreshNonce::from_random([7; 24]);
    hello(&mut message, &client, relay.public(), nonce())
        .map_err(|clause| failed(clause.to_string()))?;
    let before = own_cpu();
    for _ in 0..HELLOS {
        let judged = AwaitHello::new(&relay).receive(&mut message);
        let Ok(Hello::Admitted(admitted)) = judged else {
            return Err(failed("it is refused".to_owned()));
        };
        let mut ok = [0; COMMAND_OVERHEAD + 1];
        let link = admitted.into_link();
        link.seal_event(&mut ok, &relay, nonce(), &FromRelay::HandshakeOk)
            .map_err(|error| failed(error.to_string()))?;
    }
    Ok(f64::from(HELLOS) / (own_cpu() - before).as_secs_f64())
}
