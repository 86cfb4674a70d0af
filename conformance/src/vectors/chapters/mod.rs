//! What the vector files say, one module a chapter of the specification. Numbers in ids are
//! written out: a case that moves keeps its id, a case that goes takes it along.

mod frame;
mod handshake;
mod identity;
mod packet;
mod primitives;
mod relay;

use super::case::Case;

/// One vector file.
pub(crate) struct Chapter {
    /// Its number in the specification.
    pub(crate) number: u8,
    /// Its name in the specification.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) cases: Vec<Case>,
}

impl Chapter {
    /// The cases that the model contradicts, each with what it says.
    pub(crate) fn disagreements(&self) -> impl Iterator<Item = String> {
        let said = |case: &Case| Some(format!("{}: {}", case.id, case.disagreement.as_ref()?));
        self.cases.iter().filter_map(said)
    }
}

/// Number, name, and who writes the cases.
type Row = (u8, &'static str, fn() -> Vec<Case>);

/// Every chapter that has a vector file.
const ALL: [Row; 6] = [
    (1, "primitives", primitives::cases),
    (2, "identity", identity::cases),
    (3, "packet", packet::cases),
    (4, "frame", frame::cases),
    (5, "handshake", handshake::cases),
    (6, "relay", relay::cases),
];

/// Every chapter, written anew by the model, each on a thread of its own.
pub(crate) fn written() -> Vec<Chapter> {
    let write = |(number, name, cases): Row| {
        std::thread::spawn(move || Chapter { number, name, cases: cases() })
    };
    let threads = ALL.map(write);
    threads.map(|thread| thread.join().expect("a chapter can be written")).into()
}

/// 32 bytes of hex in a published document.
fn key(hex: &str) -> [u8; 32] {
    bytes(hex).try_into().expect("64 digits")
}

/// Hex in a published document.
fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).expect("hex")
}

/// `id` with its number: for cases that differ in one value only.
fn numbered(clause: &str, number: usize) -> String {
    format!("{clause}-{number:04}")
}
