//! The pure core: it decides everything, and knows no socket, clock, file or random byte.
//!
//! | module | what it answers |
//! |---|---|
//! | [`route`] | where does this frame go? (`&self`, on every frame's path) |
//! | [`switchboard`] | who is here, who is told, whose time is out? (`&mut self`, behind one lock) |
//! | [`port`] | what waits for this connection, and in which order does it go out? |
//! | [`queue`] | may this frame go in, must its sender wait, is it refused? |
//! | [`life`] | when was something last heard from it? |
//! | [`door`], [`bucket`] | may this socket come in, and when may it be read? |
//! | [`session`], [`event`] | the words in which they speak |
//! | [`counts`], [`spread`] | what became of frames, commands and connections |
//!
//! `now` is always the time since the relay began. `tests/simulation` runs it for days.

pub mod bucket;
pub mod counts;
pub(crate) mod crowd;
pub mod door;
pub mod event;
pub mod life;
pub mod port;
pub mod queue;
pub mod route;
pub mod session;
pub mod spread;
pub mod switchboard;
#[cfg(test)]
mod testing;
