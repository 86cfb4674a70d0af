//! An implementation in any language, judged over a pipe. `spec/testing.md` is the contract.
//!
//! ```text
//! protocol   the lines, as types         session   the process, its time-outs and restarts
//! schema     the lines, as law           canaries  is this an adapter at all?
//! judging    one case                    evidence  does it tell right from wrong?
//! ```

mod canaries;
mod evidence;
mod judging;
mod protocol;
mod schema;
mod session;

pub(crate) use canaries::canaries;
pub(crate) use evidence::weigh;
pub(crate) use judging::{Judged, judge};
pub(crate) use protocol::{Answer, PROTOCOL, Request};
pub(crate) use schema::Schema;
pub(crate) use session::{Session, Trouble};
