//! The lenient twins: relay and client that do everything that version 2 permits and this
//! specification asks a new implementation not to do, all at once.
//!
//! Peers of that kind are why the specification tells its readers what to tolerate. The suite must
//! name each departure by its clause, and nothing else; the references must get their work done
//! with such peers all the same ([`super::company`]).

use super::faults::{client, relay};

/// What the lenient relay does.
pub(super) const RELAY: &[relay::Fault] = {
    use relay::Fault;
    &[
        Fault::BuffersFirst,
        Fault::HelloAsLongAsFrames,
        Fault::DropsFragments,
        Fault::TakesAliases,
        Fault::TakesZeroKey,
        Fault::TakesWeakKeys,
        Fault::ClosesAtControl,
        Fault::NoDeadline,
        Fault::OkBeforeRegistering,
        Fault::TwoWinners,
        Fault::NeverProbes,
        Fault::NoReplayMemory,
        Fault::ClocksNonces,
        Fault::ForgetsTimedOut,
        Fault::LongNickname,
        Fault::LongToken,
        Fault::PingsInTextOnly,
        Fault::WaitsForEver,
        Fault::KeepsDeadReaders,
    ]
};

/// What the lenient client does. It also counts its message ids, agrees on a key anew for every
/// packet and says `ping` in text, which breaks no clause.
pub(super) const CLIENT: &[client::Fault] = {
    use client::Fault;
    &[
        Fault::ShowsRepeats,
        Fault::SendsEarly,
        Fault::RetriesAtOnce,
        Fault::RetriesForEver,
        Fault::NoJitter,
        Fault::IntroUnchecked,
    ]
};
