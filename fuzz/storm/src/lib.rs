//! What must hold for every input: one function a fuzz target, which panics where a law is broken.
//!
//! | module | storms | what must hold |
//! |---|---|---|
//! | [`primitives`] | row 1 | agreement is symmetric; every signature and key has one form; forged seals are refused and kept |
//! | [`identity`] | row 2 | an imported key is its own only form; seeds make what imports; safety numbers ignore order |
//! | [`invite`] | row 2 | what reads writes the same text again; every dress means the same |
//! | [`packet`] | row 3 | strangers' bytes are refused and kept; what is sealed opens; one changed byte is refused |
//! | [`frame`] | row 4 | a header comes back; the packet stays; lengths are judged at their edges |
//! | [`handshake`] | row 5 | a hello's verdict is that of its parts, whatever its key; only a genuine reply makes a session |
//! | [`relay`] | row 6 | commands and events write what they were read from; nothing passes the wrong way |
//! | [`switchboard`] | the relay's core | no frame is lost; one session an id; presence is true; memory is bounded |
//! | [`session`] | clients and relay together | no text is shown twice, to others, or that nobody wrote; what is refused changes nothing |
//! | [`differential`] | rows 1 to 6 | the crate and the suite's model agree in verdict and bytes |
//! | [`json`] | adapter lines | a line is refused, or read and written the same; each is answered |
//! | [`vectors`] | vector files | what the schema accepts is read |
//!
//! Cryptography is never switched off: a check seals its input with keys that it knows, and so
//! reaches the parsers behind the seals. Nothing here needs a fuzzer: `cargo test` replays the
//! regressions, and some chance, with stable Rust alone.

// A refused handshake hands its machine back, whole: that is its purpose.
#![allow(clippy::result_large_err)]

mod support;

macro_rules! targets {
    ($($name:ident,)*) => {
        $(pub mod $name;)*

        /// Every check by the name of its target.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::check),)*];
    };
}

targets! {
    primitives,
    identity,
    invite,
    packet,
    frame,
    handshake,
    relay,
    switchboard,
    session,
    differential,
    json,
    vectors,
}
