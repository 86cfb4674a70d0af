//! Chance that the input decides, under the names that the simulation calls it by.

use std::collections::VecDeque;

/// One or two bytes of the input a throw; once it is spent, SplitMix64 goes on.
pub(crate) struct Dice {
    input: VecDeque<u8>,
    state: u64,
}

impl Dice {
    pub(crate) fn new(input: &[u8]) -> Self {
        Self { input: input.iter().copied().collect(), state: 0 }
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.input.is_empty()
    }

    /// 64 bits that must not repeat, so that no input makes two hellos one.
    pub(crate) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..sides`. Of many sides a byte or two chooses by share, so that a change of it is a
    /// change by little.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        let sides = sides.max(1);
        match (self.input.pop_front(), sides) {
            (None, _) => (self.roll() % sides as u64) as usize,
            (Some(byte), 0..=256) => usize::from(byte) % sides,
            (Some(high), _) => {
                let low = self.input.pop_front().unwrap_or(0);
                (usize::from(u16::from_be_bytes([high, low])) * sides) >> 16
            }
        }
    }

    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}
