//! [relay/slow-wait], [relay/slow-refused], [relay/slow-closed]

use super::{SECOND, limits, passes};
use proptest::{collection::vec, prelude::*};
use sealwire_relay::{
    exchange::queue::{Health, Queue, Room},
    limits::Limits,
};
use std::{collections::VecDeque, time::Duration};

pub(crate) const SETTINGS: &[&str] = &[
    "queue.soft-bytes=1000",
    "queue.soft-frames=6",
    "queue.hard-bytes=5000",
    "queue.hard-frames=15",
    "slow.progress=300",
];

/// What is in the queue, and what was taken from it since it was choked.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) held: VecDeque<usize>,
    choked: Option<Duration>,
    taken: Vec<(Duration, u64)>,
    /// How many of them stand in windows that were judged, and when the last of these ended.
    judged: (usize, Option<Duration>),
    refusing: bool,
}

impl Model {
    pub(crate) fn room(&self) -> Room {
        match self.choked {
            None => Room::Free,
            Some(_) if self.refusing => Room::Refused,
            Some(_) => Room::Wait,
        }
    }

    fn bytes(&self) -> usize {
        self.held.iter().sum()
    }

    pub(crate) fn push(&mut self, size: usize, now: Duration) -> Health {
        self.held.push_back(size);
        if self.choked.is_none() && (self.bytes() > 1_000 || self.held.len() > 6) {
            *self =
                Self { held: std::mem::take(&mut self.held), choked: Some(now), ..Self::default() };
        }
        if self.bytes() >= 5_000 || self.held.len() >= 15 { Health::Dead } else { Health::Fine }
    }

    pub(crate) fn took(&mut self, bytes: u64, now: Duration) {
        if bytes > 0 {
            self.taken.push((now, bytes));
        }
    }

    /// True if those who waited go on.
    pub(crate) fn pop(&mut self) -> bool {
        self.held.pop_front();
        let free = self.choked.is_some() && self.bytes() < 500 && self.held.len() < 3;
        if free {
            (self.choked, self.refusing) = (None, false);
        }
        free
    }

    pub(crate) fn refuse(&mut self) {
        self.refusing = self.choked.is_some();
    }

    fn window(&self, choked: Duration) -> Duration {
        self.judged.1.unwrap_or(choked) + 5 * SECOND
    }

    fn moved(&self, choked: Duration) -> Duration {
        self.taken.last().map_or(choked, |(when, _)| *when)
    }

    pub(crate) fn check(&mut self, now: Duration) -> Health {
        let Some(choked) = self.choked else { return Health::Fine };
        if now >= self.window(choked) {
            let taken: u64 = self.taken[self.judged.0..].iter().map(|(_, bytes)| bytes).sum();
            self.refusing |= taken < 300;
            self.judged = (self.taken.len(), Some(now));
        }
        if now >= self.moved(choked) + 30 * SECOND { Health::Dead } else { Health::Fine }
    }

    pub(crate) fn next_check(&self) -> Option<Duration> {
        let choked = self.choked?;
        let dead = self.moved(choked) + 30 * SECOND;
        Some(if self.refusing { dead } else { dead.min(self.window(choked)) })
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Push(usize),
    Pop,
    Took(u64),
    Refuse,
    Check,
}

fn step() -> impl Strategy<Value = Step> {
    // Of such the marks are made, and what is beside them.
    const SIZES: [usize; 9] = [1, 50, 100, 249, 250, 499, 500, 501, 1_000];
    prop_oneof![
        8 => prop::sample::select(&SIZES[..]).prop_map(Step::Push),
        6 => Just(Step::Pop),
        5 => prop_oneof![0..400_u64, 299..302_u64, Just(0)].prop_map(Step::Took),
        1 => Just(Step::Refuse),
        2 => Just(Step::Check),
    ]
}

proptest! {
    /// [relay/slow-wait], [relay/slow-refused], [relay/slow-closed]: choked above the soft mark until
    /// below the low one; refusing after a window of too little; dead at the hard mark, or when
    /// nothing moved. Judged at the times that the queue itself asks for, and at others.
    #[test]
    fn a_queue_is_the_list_of_what_is_in_it(
        steps in vec((prop_oneof![4 => passes(900), 1 => passes(12_000)], step()), 0..80),
    ) {
        let limits: &Limits = &limits(SETTINGS);
        let (mut queue, mut model) = (Queue::default(), Model::default());
        let mut now = SECOND;
        for (passed, step) in steps {
            let then = now + passed;
            while let Some(due) = model.next_check().filter(|due| *due <= then) {
                now = now.max(due);
                let expected = model.check(now);
                prop_assert_eq!(queue.check(now, limits), expected);
                prop_assert_eq!(queue.next_check(limits), model.next_check());
                if expected == Health::Dead {
                    return Ok(());
                }
            }
            now = then;
            match step {
                Step::Push(size) => {
                    let expected = model.push(size, now);
                    prop_assert_eq!(queue.push(size, now, limits), expected);
                    if expected == Health::Dead {
                        return Ok(());
                    }
                }
                Step::Pop => {
                    if let Some(size) = model.held.front().copied() {
                        prop_assert_eq!(queue.pop(size, limits), model.pop());
                    }
                }
                Step::Took(bytes) => {
                    queue.took(bytes, now);
                    model.took(bytes, now);
                }
                Step::Refuse => {
                    queue.refuse();
                    model.refuse();
                }
                Step::Check => prop_assert_eq!(queue.check(now, limits), model.check(now)),
            }
            prop_assert_eq!(queue.room(), model.room());
            prop_assert_eq!(queue.held(), (model.held.iter().sum(), model.held.len()));
            prop_assert_eq!(queue.next_check(limits), model.next_check());
        }
    }
}
