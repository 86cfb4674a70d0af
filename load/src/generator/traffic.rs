//! Pairs of sessions, one of which sends to the other. Both ends are here, so that a frame that
//! arrives is counted where it was sent, and no echo doubles the traffic.

use std::time::{Duration, Instant};

use sealwire::frame::{HEADER, address_from, address_to};
use sealwire::handshake::ClientLink;
use sealwire::relay::{ErrorCode, FromRelay};

use super::fleet::{Event, Fleet};
use super::session::{EVENT, End};
use super::sheet::{Sheet, TELLING, number};
use crate::Failure;

/// What became of the frames of a pair, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Written whole.
    pub(crate) sent: u64,
    /// Arrived at their recipient.
    pub(crate) received: u64,
    /// Answered with recipient_offline.
    pub(crate) answered: u64,
    /// Arrived twice, late, or from somebody else.
    pub(crate) astray: u64,
}

impl Tally {
    /// Sent, and not heard of since.
    pub(crate) const fn outstanding(&self) -> u64 {
        self.sent.saturating_sub(self.received + self.answered)
    }
}

/// A sender, session `2 n`, and its recipient, session `2 n + 1`.
#[derive(Debug)]
pub(crate) struct Pair {
    /// What the sender writes as header.
    to: [u8; HEADER],
    /// What the recipient reads there.
    from: [u8; HEADER],
    /// The least number that may come next.
    next: u64,
    /// Bytes written of the frame after those that are sent.
    partial: usize,
    pub(crate) tally: Tally,
    /// Either end is gone, and how.
    pub(crate) over: Option<End>,
}

/// All pairs, in one thread.
pub(crate) struct Traffic {
    pub(crate) fleet: Fleet,
    pub(crate) pairs: Vec<Pair>,
    sheet: Sheet,
    size: usize,
    events: Vec<Event>,
}

impl Traffic {
    /// Connects `pairs` pairs, the first sessions of `fleet`, that will send frames of `size` bytes.
    pub(crate) fn new(
        mut fleet: Fleet,
        pairs: usize,
        size: usize,
        tell: impl FnMut(usize),
    ) -> Result<Self, Failure> {
        let appetite = |index| if index % 2 == 0 { EVENT } else { TELLING };
        fleet.connect(0..2 * pairs, appetite, tell)?;
        let pairs = (0..pairs).map(|pair| Pair::new(&mut fleet, pair, size));
        let pairs = pairs.collect::<Option<_>>();
        let pairs = pairs.ok_or_else(|| Failure::Broken("a session ended at once".to_owned()))?;
        Ok(Self { fleet, pairs, sheet: Sheet::new(size, usize::MAX), size, events: Vec::new() })
    }

    /// What became of all frames.
    pub(crate) fn tally(&self) -> Tally {
        self.pairs.iter().fold(Tally::default(), |sum, pair| Tally {
            sent: sum.sent + pair.tally.sent,
            received: sum.received + pair.tally.received,
            answered: sum.answered + pair.tally.answered,
            astray: sum.astray + pair.tally.astray,
        })
    }

    /// Keeps `in_flight` frames of each pair under way until then. `tell` hears of each turn.
    pub(crate) fn keep_in_flight(
        &mut self,
        in_flight: u64,
        until: Instant,
        mut tell: impl FnMut(&Self),
    ) -> Result<(), Failure> {
        (0..self.pairs.len()).for_each(|pair| self.fill(pair, in_flight));
        while Instant::now() < until {
            self.turn(until, |traffic, pair| traffic.fill(pair, in_flight))?;
            tell(self);
        }
        Ok(())
    }

    /// Sends nothing more but the rest of what has begun, until every frame is accounted for, or
    /// nothing has come for so long.
    pub(crate) fn settle(&mut self, patience: Duration) -> Result<(), Failure> {
        let mut last = (self.tally(), Instant::now());
        while last.1.elapsed() < patience {
            (0..self.pairs.len()).for_each(|pair| self.finish(pair));
            let open = |pair: &Pair| pair.over.is_none() && pair.is_open();
            if !self.pairs.iter().any(open) {
                break;
            }
            self.turn(Instant::now() + patience / 20, |traffic, pair| traffic.finish(pair))?;
            let tally = self.tally();
            if tally.outstanding() != last.0.outstanding() {
                last = (tally, Instant::now());
            }
        }
        Ok(())
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
                    if ready.readable {
                        self.read(ready.token);
                    }
                    go_on(self, ready.token / 2);
                }
                Event::Ready(ready) => {
                    self.fleet.receive(ready.token, &mut |_, _| ()).unwrap_or(())
                }
                Event::Ended(index, end) => self.over(index, end),
                Event::Up(_) => {}
            }
        }
        self.events = events;
        Ok(())
    }

    fn over(&mut self, index: usize, end: End) {
        if let Some(pair) = self.pairs.get_mut(index / 2) {
            pair.over.get_or_insert(end);
        }
    }

    fn read(&mut self, index: usize) {
        let pair = &mut self.pairs[index / 2];
        let received = if index % 2 == 1 {
            let size = self.size;
            self.fleet.receive(index, &mut |payload, length| pair.arrived(payload, length, size))
        } else {
            let mut said = Vec::new();
            let received = self.fleet.receive(index, &mut |payload, _| said.push(payload.to_vec()));
            if let Some(link) = &self.fleet.session(index).link {
                said.iter_mut().for_each(|frame| pair.heard(link, frame));
            }
            received
        };
        if let Err(end) = received {
            self.over(index, end);
        }
    }

    /// Sends until so many are in flight.
    fn fill(&mut self, pair: usize, in_flight: u64) {
        self.send(pair, |tally| in_flight.saturating_sub(tally.outstanding()));
    }

    /// Sends the rest of a frame.
    fn finish(&mut self, pair: usize) {
        if self.pairs[pair].partial > 0 {
            let whole = self.pairs[pair].tally.sent + 1;
            self.send(pair, |tally| whole.saturating_sub(tally.sent));
        }
    }

    /// Sends as many frames as `due` says, as long as there is room.
    fn send(&mut self, index: usize, due: impl Fn(&Tally) -> u64) {
        let pair = &mut self.pairs[index];
        let length = self.sheet.frame();
        while pair.over.is_none() {
            let count = usize::try_from(due(&pair.tally)).unwrap_or(usize::MAX);
            if count == 0 {
                break;
            }
            let frames = self.sheet.frames(pair.to, pair.tally.sent, count);
            let frames = &frames[pair.partial..];
            let session = self.fleet.session(2 * index);
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
            if written < all {
                break;
            }
        }
    }
}

impl Pair {
    fn new(fleet: &mut Fleet, pair: usize, size: usize) -> Option<Self> {
        let (sender, recipient) = (2 * pair, 2 * pair + 1);
        let (own, other) = (fleet.identity(sender).id(), fleet.identity(recipient).id());
        let mut frame = Sheet::blank(size);
        address_to(&mut frame, fleet.session(sender).link.as_ref()?.routes(), other).ok()?;
        let to = *frame.first_chunk()?;
        address_from(&mut frame, fleet.session(recipient).link.as_ref()?.routes(), own).ok()?;
        let from = *frame.first_chunk()?;
        Some(Self { to, from, next: 0, partial: 0, tally: Tally::default(), over: None })
    }

    const fn is_open(&self) -> bool {
        self.tally.outstanding() > 0 || self.partial > 0
    }

    /// A frame at the recipient: in order, whole, and from the right sender.
    fn arrived(&mut self, payload: &[u8], length: usize, size: usize) {
        let number = number(payload).filter(|_| length == size && payload.starts_with(&self.from));
        match number {
            Some(number) if number >= self.next => {
                self.next = number + 1;
                self.tally.received += 1;
            }
            // Not a frame of a peer: a relay may say this and that.
            None if length != size => {}
            _ => self.tally.astray += 1,
        }
    }

    /// A frame at the sender, which gets none but the relay's own.
    fn heard(&mut self, link: &ClientLink, frame: &mut [u8]) {
        let event =
            link.open_event(frame).and_then(|inner| FromRelay::parse(inner.command, inner.body));
        if let Ok(FromRelay::Error(ErrorCode::RecipientOffline { .. })) = event {
            self.tally.answered += 1;
        }
    }
}
