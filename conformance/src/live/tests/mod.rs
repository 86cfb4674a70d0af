//! The judge judged: its codec against a library, its verdicts against relays that are wrong.

mod clients;
mod codec;
mod judging;
mod replay;
mod stub;
