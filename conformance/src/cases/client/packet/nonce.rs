//! The nonces of a client: drawn, not counted.

use crate::live::case::cases;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, fail};
use crate::model::message::DELIVERY_ACK;
use crate::model::packet::nonce_of;

cases! { Meeting in "nonce.rs";
    "packet/nonce-fresh.hellos" hellos;
    "packet/nonce-fresh.acknowledgements" acknowledgements;
}

/// Hellos of one identity, each of a process of its own: what a counter in memory would repeat.
const HELLOS: usize = 8;
/// Packets of one session.
const PACKETS: usize = 64;
/// Two values of 64 bits that are nearer than this belong to a counter or a clock; two random ones
/// are so near once in 2³¹ times.
const NEAR: u64 = 1 << 32;

/// The nonces of many first connections.
async fn hellos(meeting: &mut Meeting) -> Outcome {
    // Held until their processes are gone: who is hung up on comes back.
    let mut visits = Vec::new();
    for _ in 0..HELLOS {
        meeting.start()?;
        visits.push(meeting.visit().await?);
    }
    let nonces: Vec<_> = visits.iter().map(|visit| nonce_of(&visit.hello[32..])).collect();
    drawn(&nonces)?;
    meeting.open().await
}

/// The nonces of many packets in one session.
async fn acknowledgements(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let bob = meeting.bob;
    let mut nonces = Vec::new();
    for _ in 0..PACKETS {
        let letter = meeting.letter(&bob)?;
        let link = meeting.link()?;
        link.deliver(bob.id(), &letter.packet).await?;
        let (packet, inner) = link.said_to(&bob, "an acknowledgement").await?;
        if inner.command != DELIVERY_ACK {
            return Err(fail("an acknowledgement", format!("command {:02x}", inner.command)));
        }
        nonces.push(nonce_of(&packet));
    }
    drawn(&nonces)
}

/// Fails if the nonces have a structure.
fn drawn(nonces: &[[u8; 24]]) -> Outcome {
    match structure(nonces) {
        None => Ok(()),
        Some(found) => Err(fail("nonces without clock, counter or repeated part", found)),
    }
}

/// What eight neighbouring bytes of two nonces in a row have in common: equal, or near each other,
/// read from either end.
fn structure(nonces: &[[u8; 24]]) -> Option<String> {
    nonces.windows(2).enumerate().find_map(|(number, pair)| {
        (0..=16).find_map(|at| {
            let [a, b] = [pair[0], pair[1]].map(|nonce| {
                let part: [u8; 8] = core::array::from_fn(|i| nonce[at + i]);
                [u64::from_le_bytes(part), u64::from_be_bytes(part)]
            });
            let near = (0..2)
                .any(|end| a[end].wrapping_sub(b[end]).min(b[end].wrapping_sub(a[end])) < NEAR);
            near.then(|| {
                let bytes = |nonce: [u8; 24]| hex::encode(&nonce[at..at + 8]);
                let (a, b) = (bytes(pair[0]), bytes(pair[1]));
                format!("bytes {at}..{} of nonces {number} and its next: {a} and {b}", at + 8)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::seed::Seed;

    fn random(count: usize) -> Vec<[u8; 24]> {
        let seed: Seed = "0000000000000001".parse().expect("16 digits");
        let mut stream = seed.stream("nonces");
        (0..count).map(|_| stream.bytes()).collect()
    }

    #[test]
    fn random_nonces_have_no_structure() {
        assert_eq!(structure(&random(64)), None);
    }

    #[test]
    fn clocks_counters_and_repeats_are_seen_wherever_they_stand() {
        let part = |write: fn(u64) -> [u8; 8], at: usize| {
            let mut nonces = random(8);
            for (n, nonce) in (1_795_000_000u64..).zip(&mut nonces) {
                nonce[at..at + 8].copy_from_slice(&write(n));
            }
            structure(&nonces)
        };
        for at in 0..=16 {
            assert!(part(u64::to_le_bytes, at).is_some());
            assert!(part(u64::to_be_bytes, at).is_some());
            assert!(part(|_| [7; 8], at).is_some());
        }
    }
}
