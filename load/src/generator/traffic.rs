//! Pairs of sessions, one of which sends to the other. Both ends are here, so that a frame that
//! arrives is counted where it was sent, and no echo doubles the traffic.

use std::time::{Duration, Instant};

use super::fleet::{Event, Fleet};
use super::pair::{Pair, Tally};
use super::progress::Progress;
use super::schedule::Watch;
use super::session::End;
use super::sheet::Sheet;
use crate::Failure;

/// How often the rate is told.
const TELL: Duration = Duration::from_millis(200);

/// All pairs, in one thread.
pub(crate) struct Traffic {
    pub(crate) fleet: Fleet,
    pub(crate) pairs: Vec<Pair>,
    sheet: Sheet,
    size: usize,
    events: Vec<Event>,
    /// The open loop, if it is one.
    pub(crate) watch: Option<Watch>,
    /// Those who did not read do so again.
    relented: bool,
    /// How sessions ended that are of no pair.
    others: Vec<String>,
    began: Instant,
    /// Frames that arrived in a second, by seconds since the first.
    pub(crate) rates: Vec<(f64, f64)>,
}

impl Traffic {
    /// The first `pairs` pairs of sessions, which are live, will send frames of `size` bytes: the
    /// even to the odd, or backwards.
    pub(crate) fn new(
        mut fleet: Fleet,
        pairs: usize,
        size: usize,
        backwards: bool,
    ) -> Result<Self, Failure> {
        let pairs = (0..pairs).map(|pair| match backwards {
            false => Pair::new(&mut fleet, 2 * pair, 2 * pair + 1, size),
            true => Pair::new(&mut fleet, 2 * pair + 1, 2 * pair, size),
        });
        let pairs = pairs.collect::<Option<_>>();
        let pairs = pairs.ok_or_else(|| Failure::Broken("a session ended at once".to_owned()))?;
        Ok(Self {
            fleet,
            pairs,
            sheet: Sheet::new(size, usize::MAX),
            size,
            events: Vec::new(),
            watch: None,
            relented: false,
            others: Vec::new(),
            began: Instant::now(),
            rates: Vec::new(),
        })
    }

    /// Frames that have arrived.
    pub(crate) fn received(&self) -> u64 {
        self.pairs.iter().map(|pair| pair.tally.received).sum()
    }

    /// Keeps `in_flight` frames of each pair under way until then.
    pub(crate) fn keep_in_flight(
        &mut self,
        in_flight: u64,
        until: Instant,
        progress: &Progress,
    ) -> Result<(), Failure> {
        (0..self.pairs.len()).for_each(|pair| self.fill(pair, in_flight));
        self.go_on(until, progress, |traffic, next| {
            traffic.turn(next, |traffic, pair| traffic.fill(pair, in_flight))
        })
    }

    /// Sends what is due by the open loop's schedule until then.
    pub(crate) fn keep_schedule(
        &mut self,
        until: Instant,
        progress: &Progress,
    ) -> Result<(), Failure> {
        self.go_on(until, progress, |traffic, next| {
            let next = traffic.send_due(next);
            traffic.turn(next, Self::catch_up)
        })?;
        self.send_due(until - Duration::from_nanos(1));
        Ok(())
    }

    /// Takes turns until then, each of which ends at a given time at the latest.
    fn go_on(
        &mut self,
        until: Instant,
        progress: &Progress,
        mut turn: impl FnMut(&mut Self, Instant) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut told = (Instant::now(), self.received());
        while told.0 < until {
            let next = until.min(told.0 + TELL);
            while Instant::now() < next {
                turn(self, next)?;
            }
            let (now, received) = (Instant::now(), self.received());
            let rate = (received - told.1) as f64 / (now - told.0).as_secs_f64();
            self.rates.push(((now - self.began).as_secs_f64(), rate));
            progress.say(|| format!("{rate:.0} frames/s"));
            told = (now, received);
        }
        Ok(())
    }

    /// Sends the frames that are due, and says when the next one is, or `most` if that is earlier.
    fn send_due(&mut self, most: Instant) -> Instant {
        let Some(watch) = &mut self.watch else { return most };
        let schedule = watch.schedule;
        let due = schedule.due(Instant::now().min(most));
        for count in watch.due..due {
            if let Some(watch) = &mut self.watch {
                watch.sent(Instant::now());
            }
            self.catch_up(schedule.pair(count));
        }
        most.min(schedule.at(due))
    }

    /// Sends the frames of a pair that are due: there was no room for them before.
    fn catch_up(&mut self, pair: usize) {
        let Some(watch) = &self.watch else { return };
        let due = watch.schedule.of_pair(watch.due, pair);
        self.send(pair, |tally| due.saturating_sub(tally.sent));
    }

    /// Those who did not read begin to.
    pub(crate) fn relent(&mut self) {
        self.relented = true;
        for pair in 0..self.pairs.len() {
            if self.pairs[pair].stalled {
                self.read(2 * pair + 1);
            }
        }
    }

    /// Which sessions did not last, and why.
    pub(crate) fn over(&self) -> impl Iterator<Item = String> {
        let over = self.pairs.iter().filter_map(|pair| pair.over.as_ref().map(|end| (pair, end)));
        let pairs = over.map(|(pair, end)| format!("client {} or its pair: {end}", pair.sender));
        pairs.chain(self.others.iter().cloned())
    }

    /// Sends one frame of each of those pairs.
    pub(crate) fn send_one(&mut self, pairs: std::ops::Range<usize>) {
        for pair in pairs {
            let one = self.pairs[pair].tally.sent + 1;
            self.send(pair, |tally| one.saturating_sub(tally.sent));
        }
    }

    /// Sends nothing more but the rest of what has begun and of what is due, until every frame is
    /// accounted for, or nothing has come for so long.
    pub(crate) fn settle(&mut self, patience: Duration) -> Result<(), Failure> {
        let mut last = (self.heard(), Instant::now());
        while last.1.elapsed() < patience {
            (0..self.pairs.len()).for_each(|pair| self.finish(pair));
            if !(0..self.pairs.len()).any(|pair| self.is_open(pair)) {
                break;
            }
            self.turn(Instant::now() + patience / 20, Self::finish)?;
            let heard = self.heard();
            if heard > last.0 {
                last = (heard, Instant::now());
            }
        }
        Ok(())
    }

    /// Reads on for so long: the end of a session may still be on its way.
    pub(crate) fn linger(&mut self, time: Duration) -> Result<(), Failure> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.turn(until, Self::finish)?;
        }
        Ok(())
    }

    /// Grows with everything that happens.
    fn heard(&self) -> u64 {
        let tallies = self.pairs.iter().map(|pair| &pair.tally);
        tallies.map(|tally| tally.sent + tally.received + tally.answered).sum()
    }

    /// How many frames a pair is to have sent at the end: what has begun, and what is due.
    fn goal(&self, pair: usize) -> u64 {
        let begun = self.pairs[pair].tally.sent + u64::from(self.pairs[pair].partial > 0);
        let due = self.watch.as_ref().map(|watch| watch.schedule.of_pair(watch.due, pair));
        due.map_or(begun, |due| due.max(begun))
    }

    fn is_open(&self, pair: usize) -> bool {
        let Pair { tally, over, .. } = &self.pairs[pair];
        over.is_none() && (tally.outstanding() > 0 || tally.sent < self.goal(pair))
    }

    /// Sends the rest.
    fn finish(&mut self, pair: usize) {
        let goal = self.goal(pair);
        self.send(pair, |tally| goal.saturating_sub(tally.sent));
    }

    /// Waits until something happens, reads what has come, and goes on with those pairs.
    fn turn(
        &mut self,
        until: Instant,
        mut go_on: impl FnMut(&mut Self, usize),
    ) -> Result<(), Failure> {
        let most = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(100));
        let mut events = std::mem::take(&mut self.events);
        self.fleet.look(most, &mut events)?;
        for event in events.drain(..) {
            match event {
                Event::Ready(ready) if ready.token < 2 * self.pairs.len() => {
                    let pair = &mut self.pairs[ready.token / 2];
                    if ready.writable && ready.token == pair.sender {
                        pair.full = false;
                    }
                    if ready.readable {
                        self.read(ready.token);
                    }
                    go_on(self, ready.token / 2);
                }
                Event::Ready(ready) => {
                    if let Err(end) = self.fleet.receive(ready.token, &mut |_, _| ()) {
                        self.end(ready.token, end);
                    }
                }
                Event::Ended(index, end) => self.end(index, end),
                Event::Up(_) => {}
            }
        }
        self.events = events;
        Ok(())
    }

    fn end(&mut self, index: usize, end: End) {
        match self.pairs.get_mut(index / 2) {
            Some(pair) => _ = pair.over.get_or_insert(end),
            None => self.others.push(format!("client {index}, which did nothing: {end}")),
        }
    }

    fn read(&mut self, index: usize) {
        let pair = &mut self.pairs[index / 2];
        let received = if index != pair.sender {
            if pair.stalled && !self.relented {
                return;
            }
            let (size, watch) = (self.size, &mut self.watch);
            self.fleet.receive(index, &mut |payload, length| {
                let number = pair.arrived(payload, length, size);
                if let Some((number, watch)) = number.zip(watch.as_mut()) {
                    watch.arrived(index / 2, number, pair.stalled);
                }
            })
        } else {
            let mut said = Vec::new();
            let received = self.fleet.receive(index, &mut |payload, _| said.push(payload.to_vec()));
            if let Some(link) = &self.fleet.session(index).link {
                said.iter_mut().for_each(|frame| pair.heard(link, frame));
            }
            received
        };
        if let Err(end) = received {
            self.end(index, end);
        }
    }

    /// Sends until so many are in flight.
    fn fill(&mut self, pair: usize, in_flight: u64) {
        self.send(pair, |tally| in_flight.saturating_sub(tally.outstanding()));
    }

    /// Sends as many frames as `due` says, as long as there is room.
    fn send(&mut self, index: usize, due: impl Fn(&Tally) -> u64) {
        let pair = &mut self.pairs[index];
        let length = self.sheet.frame();
        while pair.over.is_none() && !pair.full {
            let count = usize::try_from(due(&pair.tally)).unwrap_or(usize::MAX);
            if count == 0 {
                break;
            }
            let frames = self.sheet.frames(pair.to, pair.tally.sent, count);
            let frames = &frames[pair.partial..];
            let session = self.fleet.session(pair.sender);
            let written = match session.write(frames) {
                Ok(written) => written,
                Err(end) => {
                    pair.over = Some(end);
                    break;
                }
            };
            let all = frames.len();
            pair.tally.sent += ((pair.partial + written) / length) as u64;
            pair.partial = (pair.partial + written) % length;
            session.mid_frame = pair.partial > 0;
            pair.full = written < all;
        }
    }
}
