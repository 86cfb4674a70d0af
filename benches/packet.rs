//! Row 3, packet: seal, open, and what a refusal costs.

mod clock;

use clock::{Contest, ThreadTime};
use criterion::{Criterion, criterion_group, criterion_main};
use sealwire::Clause;
#[cfg(feature = "peers")]
use sealwire_benches::peers::Libsodium;
use sealwire_benches::{Bare, Curves as _, SIZES, compose, parties::Parties};
use std::hint::black_box;

fn seal(c: &mut Criterion<ThreadTime>) {
    let parties = Parties::new();
    let mut contest = Contest::new(c, "packet/seal");
    for size in SIZES {
        let (body, expected) = (vec![0x5a; size], parties.sealed(size));
        let mut seal = |who, seal: &dyn Fn(&mut [u8], &[u8])| {
            let mut out = vec![0; expected.len()];
            seal(&mut out, &body);
            assert_eq!(out, expected, "{who} seals other bytes");
            contest.run(who, size, || seal(black_box(&mut out), black_box(&body)));
        };
        seal("ours", &|out, body| parties.seal(out, body));
        let bare = Bare::between(1, 2);
        seal(Bare::NAME, &|out, body| compose::seal(&bare, out, body));
        #[cfg(feature = "peers")]
        {
            let sodium = Libsodium::between(1, 2);
            seal(Libsodium::NAME, &|out, body| compose::seal(&sodium, out, body));
        }
        seal("naive", &|out, body| parties.seal_naively(out, body));
    }
}

fn open(c: &mut Criterion<ThreadTime>) {
    let parties = Parties::new();
    let mut contest = Contest::new(c, "packet/open");
    for size in SIZES {
        let (packet, body) = (parties.sealed(size), vec![0x5a; size]);
        let mut open = |who: &str, open: &dyn Fn(&mut [u8]) -> bool| {
            let mut opened = packet.clone();
            assert!(open(&mut opened), "{who} refuses what is genuine");
            assert_eq!(opened[27..][..size], body, "{who} opens other bytes");
            contest.run_on_copies(who, size, &packet, open);
        };
        with_kept_keys(&parties, &mut open);
        open("naive", &|packet| parties.open_naively(packet).is_ok());
    }
}

/// Those who open with keys that they keep, by name.
fn with_kept_keys(parties: &Parties, mut open: impl FnMut(&str, &dyn Fn(&mut [u8]) -> bool)) {
    open("ours", &|packet| parties.open(packet).is_ok());
    let bare = Bare::between(2, 1);
    open(Bare::NAME, &|packet| compose::open(&bare, packet));
    #[cfg(feature = "peers")]
    {
        let sodium = Libsodium::between(2, 1);
        open(Libsodium::NAME, &|packet| compose::open(&sodium, packet));
    }
}

/// A packet that `spoil` has spoilt is refused with that clause.
fn refuse(c: &mut Criterion<ThreadTime>, name: &str, clause: Clause, spoil: impl Fn(&mut Vec<u8>)) {
    let parties = Parties::new();
    let mut contest = Contest::new(c, name);
    for size in SIZES {
        let mut packet = parties.sealed(size);
        spoil(&mut packet);
        assert_eq!(parties.open(&mut packet), Err(clause));
        // On copies, because libsodium wipes what it refuses.
        let open = |who: &str, open: &dyn Fn(&mut [u8]) -> bool| {
            assert!(!open(&mut packet.clone()), "{who} opens a forgery");
            contest.run_on_copies(who, size, &packet, open);
        };
        with_kept_keys(&parties, open);
    }
}

fn refuse_signature(c: &mut Criterion<ThreadTime>) {
    refuse(c, "packet/open, bad signature", Clause::PacketSignature, |packet| {
        *packet.first_mut().expect("a packet") ^= 1;
    });
}

/// Genuinely signed by the sender, over a tag that is wrong.
fn refuse_tag(c: &mut Criterion<ThreadTime>) {
    let signer = Bare::between(1, 2);
    refuse(c, "packet/open, bad tag", Clause::PacketAuthentic, |packet| {
        let (signed, signature) = packet.split_last_chunk_mut::<64>().expect("a packet");
        *signed.last_mut().expect("a packet") ^= 1;
        *signature = signer.sign(signed);
    });
}

criterion_group! {
    name = benches;
    config = clock::criterion();
    targets = seal, open, refuse_signature, refuse_tag
}
criterion_main!(benches);
