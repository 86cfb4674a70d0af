//! The usual mistakes, recognised by what they give.
//!
//! A wrong output says that something is wrong. Where it is exactly what a well-known mistake
//! gives, the report can name the mistake. What else usually goes wrong tells `explain`, by clause.

use super::input::{Input, Members, Stop, read_bytes};
use crate::model::packet::pair_key;
use crate::model::primitives as p;

/// What was done instead, if the wrong output of `op` shows it.
pub(crate) fn recognised(op: &str, input: &Input, actual: &Members) -> Option<&'static str> {
    match op {
        "frame.mask" | "frame.uplink" | "frame.send" | "frame.forward" | "frame.downlink" => {
            of_mask(&Masked::of(op, input, actual).ok()??)
        }
        "packet.seal" => of_seal(input, &bytes(actual, "packet")?).ok()?,
        "packet.open" => of_open(input, actual).ok()?,
        _ => None,
    }
}

fn bytes(members: &Members, name: &str) -> Option<Vec<u8>> {
    read_bytes(members.get(name)?).ok()
}

/// A mask that was used, and what it should have come from.
struct Masked {
    mask: [u8; 8],
    key: [u8; 32],
    nonce: [u8; 24],
}

impl Masked {
    /// The mask behind an output; `None` if the output has no place for one.
    fn of(op: &str, input: &Input, actual: &Members) -> Result<Option<Self>, Stop> {
        let (key, plain, shown, packet) = match op {
            "frame.mask" => {
                let (key, nonce) = (input.array("key")?, input.bytes("nonce")?);
                (key, vec![0; 8], bytes(actual, "mask"), nonce)
            }
            "frame.send" => {
                let (to, packet) = (input.bytes("to")?, input.bytes("packet")?);
                (input.array("c2s")?, to, bytes(actual, "frame"), packet)
            }
            _ => {
                let (name, member) =
                    if op == "frame.downlink" { ("s2c", "from") } else { ("c2s", "to") };
                let frame = input.bytes("frame")?;
                let packet = frame.get(8..).unwrap_or_default().to_vec();
                (input.array(name)?, frame, bytes(actual, member), packet)
            }
        };
        let first = |bytes: &[u8]| bytes.first_chunk::<8>().copied();
        let Some((shown, plain)) = shown.as_deref().and_then(first).zip(first(&plain)) else {
            return Ok(None);
        };
        let mask = core::array::from_fn(|at| shown[at] ^ plain[at]);
        Ok(packet.first_chunk().map(|nonce| Self { mask, key, nonce: *nonce }))
    }
}

fn of_mask(masked: &Masked) -> Option<&'static str> {
    let Masked { mask, key, nonce } = masked;
    let stream = |from: usize| {
        let nonce = nonce[from..from + 12].try_into().expect("12 of 24 bytes");
        p::keystream(*key, nonce, 72)
    };
    // The right mask is no mistake, though a nonce of equal bytes gives it by wrong ways too.
    if stream(0)[..8] == *mask {
        return None;
    }
    let reversed = mask.iter().rev().copied().collect::<Vec<u8>>();
    let mistakes = [
        (stream(0)[64..] == *mask, "the mask of block counter 1: the counter begins at 0"),
        (stream(0)[8..16] == *mask, "bytes 8..16 of the keystream: the mask is 0..8"),
        (stream(12)[..8] == *mask, "the mask of bytes 12..24 of the nonce: it takes 0..12"),
        (stream(8)[..8] == *mask, "the mask of bytes 8..20 of the nonce: it takes 0..12"),
        (stream(0)[..8] == reversed, "the mask with its bytes in reverse order"),
        (*mask == [0; 8], "no mask at all"),
    ];
    mistakes.into_iter().find(|(made, _)| *made).map(|(_, mistake)| mistake)
}

/// A packet whose signature or inner bytes are those of a mistake.
fn of_seal(input: &Input, packet: &[u8]) -> Result<Option<&'static str>, Stop> {
    let signer = p::ed25519_public(input.array("ed25519_seed")?);
    let key = pair_key(input.array("x25519_seed")?, input.array("peer_x25519")?)?;
    let Some((signed, signature)) = packet.split_last_chunk::<64>() else { return Ok(None) };
    let Some((nonce, sealed)) = signed.split_first_chunk::<24>() else { return Ok(None) };
    let covers = |message: &[u8]| p::verify(signer, message, signature).is_ok();
    let inner = p::aead_open(key, *nonce, sealed).unwrap_or_default();
    let id: u16 = input.number("message_id")?;
    let big_endian = inner.first_chunk() == Some(&id.to_be_bytes()) && id.swap_bytes() != id;
    let ciphertext = sealed.get(..sealed.len().saturating_sub(16)).unwrap_or_default();
    let mistakes = [
        (big_endian, "the message id is big-endian: it is little-endian"),
        (covers(sealed), "the signature covers ciphertext and tag: the nonce belongs to it"),
        (
            covers(ciphertext),
            "the signature covers the ciphertext alone: nonce and tag belong to it",
        ),
        (covers(&inner), "the signature covers what was sealed: it covers what is sent"),
        (covers(&packet[..packet.len() - 80]), "the signature leaves out the tag"),
    ];
    Ok(mistakes.into_iter().find(|(made, _)| *made).map(|(_, mistake)| mistake))
}

/// What was read from the right bytes in the wrong way.
fn of_open(input: &Input, actual: &Members) -> Result<Option<&'static str>, Stop> {
    let key = pair_key(input.array("x25519_seed")?, input.array("peer_x25519")?)?;
    let packet = input.bytes("packet")?;
    let signed = packet.get(..packet.len().saturating_sub(64)).unwrap_or_default();
    let Some((nonce, sealed)) = signed.split_first_chunk() else { return Ok(None) };
    let inner = p::aead_open(key, *nonce, sealed)?;
    let read = actual.get("message_id").and_then(serde_json::Value::as_u64);
    let id = inner.first_chunk().map(|id| u16::from_le_bytes(*id));
    let big_endian =
        id.filter(|id| Some(u64::from(id.swap_bytes())) == read && id.swap_bytes() != *id);
    Ok(big_endian.map(|_| "the message id is read as big-endian: it is little-endian"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::packet::seal_inner;
    use crate::vectors::{Expect, cases};

    /// What is recognised in the changed output of a case that is to be accepted.
    fn of(id: &str, change: impl FnOnce(&Input, &mut Members)) -> Option<&'static str> {
        let case = cases().unwrap().into_iter().find(|case| case.id == id).unwrap();
        let Expect::Ok(mut output) = case.expect.clone() else { panic!("{id}") };
        let input = &Input::each(&case.input).unwrap()[0];
        change(input, &mut output);
        recognised(&case.op, input, &output)
    }

    fn set(output: &mut Members, name: &str, bytes: &[u8]) {
        output.insert(name.to_owned(), hex::encode(bytes).into());
    }

    #[test]
    fn what_is_right_is_no_mistake() {
        for case in cases().unwrap() {
            let Expect::Ok(output) = &case.expect else { continue };
            let input = &Input::each(&case.input).unwrap()[0];
            assert_eq!(recognised(&case.op, input, output), None, "{}", case.id);
        }
    }

    #[test]
    fn a_mask_of_the_second_block_is_recognised_wherever_it_shows() {
        let wrong = |input: &Input, key: &str, nonce: &[u8]| {
            let nonce = nonce[..12].try_into().unwrap();
            p::keystream(input.array(key).unwrap(), nonce, 72)[64..].to_vec()
        };
        let xor = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a ^ b).collect::<Vec<u8>>();
        let mask = of("frame/mask-0001", |input, output| {
            set(output, "mask", &wrong(input, "key", &input.bytes("nonce").unwrap()));
        });
        assert!(mask.unwrap().contains("block counter 1"));
        let uplink = of("frame/header-to-0001", |input, output| {
            let frame = input.bytes("frame").unwrap();
            set(output, "to", &xor(&wrong(input, "c2s", &frame[8..]), &frame));
        });
        let downlink = of("frame/header-from-0003", |input, output| {
            let frame = input.bytes("frame").unwrap();
            set(output, "from", &xor(&wrong(input, "s2c", &frame[8..]), &frame));
        });
        assert_eq!((uplink, downlink), (mask, mask));
    }

    #[test]
    fn no_mask_and_the_tail_of_the_nonce_are_recognised() {
        let none = of("frame/mask-0001", |_, output| set(output, "mask", &[0; 8]));
        assert_eq!(none, Some("no mask at all"));
        let tail = of("frame/mask-0001", |input, output| {
            let nonce = input.bytes("nonce").unwrap()[12..].try_into().unwrap();
            set(output, "mask", &p::keystream(input.array("key").unwrap(), nonce, 8));
        });
        assert!(tail.unwrap().contains("bytes 12..24"));
    }

    #[test]
    fn a_signature_of_too_little_and_a_big_endian_id_are_recognised() {
        let signature = of("packet/layout-0002", |input, output| {
            let mut packet = bytes(output, "packet").unwrap();
            let end = packet.len() - 64;
            let signature = p::sign(input.array("ed25519_seed").unwrap(), &packet[24..end]);
            packet.splice(end.., signature);
            set(output, "packet", &packet);
        });
        assert!(signature.unwrap().contains("the nonce belongs to it"), "{signature:?}");
        let built = of("packet/layout-0001", |input, output| {
            let seed = |name| input.array(name).unwrap();
            let key = pair_key(seed("x25519_seed"), seed("peer_x25519")).unwrap();
            let inner = [&[0, 7, 0x20][..], b"hello"].concat();
            let packet =
                seal_inner(key, seed("ed25519_seed"), input.array("nonce").unwrap(), &inner);
            set(output, "packet", &packet);
        });
        assert!(built.unwrap().starts_with("the message id is big-endian"));
        let read = of("packet/layout-0004", |_, output| {
            output.insert("message_id".to_owned(), Value::from(7_u16.swap_bytes()));
        });
        assert!(read.unwrap().starts_with("the message id is read as big-endian"));
    }
}
