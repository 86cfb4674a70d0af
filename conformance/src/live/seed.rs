//! Randomness as an input: whatever a live run draws derives from one printed seed.
//!
//! ```text
//! stream(label) = BLAKE3 derive_key("sealwire conformance live run", seed 8 ‖ label), extended
//! ```

use std::fmt;
use std::str::FromStr;

/// The seed of a run: 16 hex digits on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed([u8; 8]);

impl Seed {
    /// A seed from the operating system.
    pub(crate) fn fresh() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The seed of a repeated run: of the first the seed itself.
    pub(crate) fn of_round(self, round: u32) -> Self {
        if round == 0 { self } else { Self(self.stream(&format!("round {round}")).bytes()) }
    }

    /// The stream of `label`: the same for the same seed, independent of every other label.
    pub(crate) fn stream(self, label: &str) -> Random {
        let mut hasher = blake3::Hasher::new_derive_key("sealwire conformance live run");
        hasher.update(&self.0).update(label.as_bytes());
        Random { reader: hasher.finalize_xof(), attempt: 0 }
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut bytes = [0; 8];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| "a seed is 16 hex digits, as a run prints it".to_owned())?;
        Ok(Self(bytes))
    }
}

/// One stream of random bytes.
pub(crate) struct Random {
    reader: blake3::OutputReader,
    attempt: u8,
}

impl Random {
    /// The same stream for another attempt at the same relay: only the nonces of hellos differ.
    pub(crate) fn at_attempt(self, attempt: u8) -> Self {
        Self { attempt, ..self }
    }

    /// The nonce of a hello, which a relay may meet once ([handshake/replay]).
    pub(crate) fn hello_nonce(&mut self) -> [u8; 24] {
        let mut nonce: [u8; 24] = self.bytes();
        nonce[23] ^= self.attempt;
        nonce
    }

    /// The next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.reader.fill(&mut out);
        out
    }

    /// The next `length` bytes.
    pub(crate) fn vec(&mut self, length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        self.reader.fill(&mut out);
        out
    }

    /// A stream of its own, for something that runs at the same time.
    pub(crate) fn fork(&mut self) -> Self {
        let reader = blake3::Hasher::new_keyed(&self.bytes()).finalize_xof();
        Self { reader, attempt: self.attempt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays_and_labels_differ() {
        let seed: Seed = "7f3a000000000001".parse().expect("16 digits");
        let draw = |label| seed.stream(label).bytes::<16>();
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
        assert_eq!(seed.to_string(), "7f3a000000000001");
    }

    #[test]
    fn another_attempt_has_other_nonces_of_hellos_and_nothing_else() {
        let seed: Seed = "7f3a000000000001".parse().expect("16 digits");
        let draw = |attempt| {
            let mut random = seed.stream("a").at_attempt(attempt);
            (random.bytes::<8>(), random.hello_nonce(), random.fork().hello_nonce(), random.vec(8))
        };
        let ((a, b, c, d), (e, f, g, h)) = (draw(0), draw(7));
        assert_eq!((a, d), (e, h));
        assert!(b != f && c != g);
    }

    #[test]
    fn each_round_has_a_seed_of_its_own() {
        let seed: Seed = "7f3a000000000001".parse().expect("16 digits");
        let [first, second, third] = [0, 1, 2].map(|round| seed.of_round(round));
        assert_eq!(first, seed);
        assert!(second != seed && third != seed && second != third);
    }

    #[test]
    fn a_seed_of_another_length_is_refused() {
        assert!("7f3a".parse::<Seed>().is_err());
        assert!("7f3a00000000000g".parse::<Seed>().is_err());
    }
}
