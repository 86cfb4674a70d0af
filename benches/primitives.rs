//! Row 1, primitives: one by one, and the checks of keys that are imported.

mod clock;

use clock::{Contest, ThreadTime};
use criterion::{Criterion, criterion_group, criterion_main};
use sealwire::primitives::{
    Ed25519Public, FreshNonce, NonceBytes, Secret, X25519Public, aead_open, aead_seal, sign, x25519,
};
#[cfg(feature = "peers")]
use sealwire_benches::peers::{AwsLc, Libsodium};
use sealwire_benches::{Bare, Curves, NONCE, SIZES, Tools, identity};
use std::hint::black_box;

fn agree(c: &mut Criterion<ThreadTime>) {
    let (secret, other) = (Secret::new([1; 32]), *identity(2).public().x25519());
    let expected = *x25519(&secret, &other).expect("a fixed key").expose();
    let mut contest = Contest::new(c, "primitives/x25519");
    contest.run("ours", 0, || x25519(black_box(&secret), black_box(&other)));
    run::<Bare>(&mut contest, &expected);
    #[cfg(feature = "peers")]
    {
        run::<Libsodium>(&mut contest, &expected);
        run::<AwsLc>(&mut contest, &expected);
    }

    fn run<C: Curves>(contest: &mut Contest<'_>, expected: &[u8; 32]) {
        let curves = C::between(1, 2);
        assert_eq!(&curves.agree(), expected, "{} agrees on another secret", C::NAME);
        contest.run(C::NAME, 0, || black_box(&curves).agree());
    }
}

fn sign_from_seed(c: &mut Criterion<ThreadTime>) {
    let seed = Secret::new([1; 32]);
    let mut contest = Contest::new(c, "primitives/sign from a seed");
    for size in SIZES {
        let message = vec![0x5a; size];
        let (_, expected) = sign(&seed, &message);
        contest.run("ours", size, || sign(black_box(&seed), black_box(&message)));
        run::<Bare>(&mut contest, &message, &expected);
        #[cfg(feature = "peers")]
        {
            run::<Libsodium>(&mut contest, &message, &expected);
            run::<AwsLc>(&mut contest, &message, &expected);
        }
    }

    fn run<C: Curves>(contest: &mut Contest<'_>, message: &[u8], expected: &[u8; 64]) {
        let curves = C::between(1, 2);
        assert_eq!(&curves.sign_from_seed(message), expected, "{} signs otherwise", C::NAME);
        assert_eq!(&curves.sign(message), expected, "{} signs otherwise", C::NAME);
        contest.run(C::NAME, message.len(), || curves.sign_from_seed(black_box(message)));
    }
}

fn verify(c: &mut Criterion<ThreadTime>) {
    let mut contest = Contest::new(c, "primitives/verify");
    for size in SIZES {
        let message = vec![0x5a; size];
        let (public, signature) = sign(&Secret::new([1; 32]), &message);
        let public = Ed25519Public::import(public).expect("a fixed key");
        assert_eq!(public.verify(&message, &signature), Ok(()));
        contest.run("ours", size, || public.verify(black_box(&message), black_box(&signature)));
        run::<Bare>(&mut contest, &message, &signature);
        #[cfg(feature = "peers")]
        {
            run::<Libsodium>(&mut contest, &message, &signature);
            run::<AwsLc>(&mut contest, &message, &signature);
        }
    }

    fn run<C: Curves>(contest: &mut Contest<'_>, message: &[u8], signature: &[u8; 64]) {
        let curves = C::between(2, 1);
        assert!(curves.verify(message, signature), "{} refuses", C::NAME);
        assert!(!curves.verify(&message[1..], signature), "{} accepts", C::NAME);
        contest.run(C::NAME, message.len(), || {
            curves.verify(black_box(message), black_box(signature))
        });
    }
}

fn aead(c: &mut Criterion<ThreadTime>) {
    let key = x25519(&Secret::new([1; 32]), identity(2).public().x25519()).expect("a fixed key");
    let mut contest = Contest::new(c, "primitives/aead seal");
    for size in SIZES {
        let mut text = vec![0x5a; size];
        contest.run("ours", size, || {
            aead_seal(&key, FreshNonce::from_random(NONCE), black_box(&mut text))
        });
        run_seal::<Bare>(&mut contest, size, &key);
        #[cfg(feature = "peers")]
        run_seal::<Libsodium>(&mut contest, size, &key);
    }
    drop(contest);

    let mut contest = Contest::new(c, "primitives/aead open");
    for size in SIZES {
        let sealed = sealed(&key, size);
        contest.run_on_copies("ours", size, &sealed, |sealed| {
            aead_open(&key, &NonceBytes(NONCE), sealed).map(|text| text.len())
        });
        run_open::<Bare>(&mut contest, size, &sealed);
        #[cfg(feature = "peers")]
        run_open::<Libsodium>(&mut contest, size, &sealed);
    }

    fn sealed(key: &Secret<32>, size: usize) -> Vec<u8> {
        let mut text = vec![0x5a; size];
        let tag = aead_seal(key, FreshNonce::from_random(NONCE), &mut text).expect("short");
        text.extend(tag);
        text
    }

    fn run_seal<T: Tools>(contest: &mut Contest<'_>, size: usize, key: &Secret<32>) {
        let tools = T::between(1, 2);
        let mut text = vec![0x5a; size];
        let tag = tools.encrypt(&NONCE, &mut text);
        assert_eq!([&text[..], &tag].concat(), sealed(key, size), "{} seals otherwise", T::NAME);
        contest.run(T::NAME, size, || tools.encrypt(&NONCE, black_box(&mut text)));
    }

    fn run_open<T: Tools>(contest: &mut Contest<'_>, size: usize, sealed: &[u8]) {
        let tools = T::between(2, 1);
        let open = |sealed: &mut [u8]| {
            let (text, tag) = sealed.split_last_chunk_mut().expect("a tag");
            tools.decrypt(&NONCE, text, tag)
        };
        let mut opened = sealed.to_vec();
        assert!(open(&mut opened), "{} refuses", T::NAME);
        assert_eq!(opened[..size], vec![0x5a; size], "{} opens otherwise", T::NAME);
        contest.run_on_copies(T::NAME, size, sealed, open);
    }
}

fn import(c: &mut Criterion<ThreadTime>) {
    let peer = identity(2);
    let (x25519, ed25519) = (*peer.public().x25519(), *peer.public().ed25519());
    let bare = Bare::between(1, 2);

    let mut contest = Contest::new(c, "primitives/import x25519");
    assert!(X25519Public::import(x25519).is_ok() && bare.import_x25519(&x25519));
    contest.run("ours", 0, || X25519Public::import(black_box(x25519)));
    contest.run(Bare::NAME, 0, || bare.import_x25519(black_box(&x25519)));
    drop(contest);

    let mut contest = Contest::new(c, "primitives/import ed25519");
    assert!(Ed25519Public::import(ed25519).is_ok() && bare.import_ed25519(&ed25519));
    contest.run("ours", 0, || Ed25519Public::import(black_box(ed25519)));
    contest.run(Bare::NAME, 0, || bare.import_ed25519(black_box(&ed25519)));
    #[cfg(feature = "peers")]
    {
        let sodium = Libsodium::between(1, 2);
        assert!(sodium.import_ed25519(&ed25519));
        contest.run(Libsodium::NAME, 0, || sodium.import_ed25519(black_box(&ed25519)));
    }
}

criterion_group! {
    name = benches;
    config = clock::criterion();
    targets = agree, sign_from_seed, verify, aead, import
}
criterion_main!(benches);
