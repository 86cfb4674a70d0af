//! The leak oracle: what must not be written is planted as canaries, and everything that a target
//! wrote is searched for them.
//!
//! A canary of bytes is recognised raw, in hexadecimal of either case, as a list of decimal numbers
//! (the way a debugger shows bytes), and in base64 of either alphabet wherever it begins in the
//! encoded string.

use crate::model::identity::base64url;

use super::target::Person;

/// Canaries, each with what it is.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    canaries: Vec<(String, Vec<u8>)>,
}

impl Oracle {
    /// Plants bytes.
    pub(crate) fn plant(&mut self, what: &str, bytes: &[u8]) {
        self.canaries.push((what.to_owned(), bytes.to_vec()));
    }

    /// Plants the seeds, the keys and the id of somebody.
    pub(crate) fn plant_person(&mut self, whose: &str, person: &Person) {
        self.plant(&format!("the X25519 seed of {whose}"), &person.keys.x_seed);
        self.plant(&format!("the Ed25519 seed of {whose}"), &person.keys.ed_seed);
        self.plant(&format!("the Ed25519 key of {whose}"), &person.public.ed);
        // The key begins with it: who writes the key writes the id.
        self.plant(&format!("the id of {whose}"), &person.id());
    }

    /// Which canary stands in `written`, and in which form.
    pub(crate) fn search(&self, written: &[u8]) -> Option<String> {
        let lower = written.to_ascii_lowercase();
        let one_alphabet: Vec<u8> = written
            .iter()
            .map(|byte| match byte {
                b'+' => b'-',
                b'/' => b'_',
                other => *other,
            })
            .collect();
        self.canaries.iter().find_map(|(what, bytes)| {
            let form = if holds(written, bytes) {
                "raw"
            } else if holds(&lower, hex::encode(bytes).as_bytes()) {
                "hexadecimal"
            } else if holds(written, decimal(bytes).as_bytes()) {
                "decimal"
            } else if (0..3).any(|at| holds(&one_alphabet, within_base64(bytes, at).as_bytes())) {
                "base64"
            } else {
                return None;
            };
            Some(format!("{what}, {form}"))
        })
    }
}

/// Whether `part` stands in `whole`.
fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

/// `1, 2, 3`.
fn decimal(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// The characters of a base64 string that `bytes` alone decide if they begin `at` bytes behind a
/// multiple of three.
fn within_base64(bytes: &[u8], at: usize) -> String {
    let text = base64url(&[&vec![0; at][..], bytes].concat());
    let (start, end) = ((at * 8).div_ceil(6), (at + bytes.len()) * 8 / 6);
    text[start..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 12] = [0xfb, 0xef, 0xbe, 1, 2, 3, 0xff, 0x3f, 9, 8, 7, 6];

    fn found(written: &[u8]) -> Option<String> {
        let mut oracle = Oracle::default();
        oracle.plant("another", b"not there at all");
        oracle.plant("the key", &KEY);
        oracle.search(written)
    }

    #[test]
    fn a_canary_is_found_in_every_form() {
        assert_eq!(found(&[b"..", &KEY[..], b".."].concat()), Some("the key, raw".into()));
        for text in [hex::encode(KEY), hex::encode_upper(KEY)] {
            let line = format!("peer={text} left");
            assert_eq!(found(line.as_bytes()), Some("the key, hexadecimal".into()));
        }
        assert_eq!(found(format!("{KEY:?}").as_bytes()), Some("the key, decimal".into()));
        for before in 0..4 {
            let url = base64url(&[&vec![0xa5; before][..], &KEY, &[0x5a; 2]].concat());
            let standard = url.replace('-', "+").replace('_', "/");
            assert_ne!(url, standard);
            for text in [url, standard] {
                assert_eq!(found(text.as_bytes()), Some("the key, base64".into()), "{before}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert_eq!(found(b""), None);
        assert_eq!(found(format!("{:?} {}", &KEY[1..], hex::encode(&KEY[..11])).as_bytes()), None);
    }
}
