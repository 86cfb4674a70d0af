//! Row 5, handshake: hello and reply, on both sides.

mod clock;

use clock::{Contest, ThreadTime};
use criterion::{Criterion, criterion_group, criterion_main};
use sealwire::handshake::{HELLO, Reply};
#[cfg(feature = "peers")]
use sealwire_benches::peers::Libsodium;
use sealwire_benches::{
    Bare, Curves as _, NONCE, Tools, compose, identity,
    parties::{REPLY, admit, reply, say_hello},
};
use std::hint::black_box;

const HEADER: usize = 8;
const KEY: usize = 32;

fn hello_send(c: &mut Criterion<ThreadTime>) {
    let (client, relay) = (identity(1), identity(2));
    let mut expected = [0; HELLO];
    say_hello(&client, &relay, &mut expected);
    let mut contest = Contest::new(c, "handshake/hello, client");
    let mut out = expected;
    contest.run("ours", 0, || say_hello(&client, &relay, black_box(&mut out)));
    run::<Bare>(&mut contest, &expected);
    #[cfg(feature = "peers")]
    run::<Libsodium>(&mut contest, &expected);

    fn run<T: Tools>(contest: &mut Contest<'_>, expected: &[u8; HELLO]) {
        let tools = T::between(1, 2);
        let client = identity(1);
        let mut out = [0; HELLO];
        let mut say = || {
            let keys = compose::route_keys(&tools.agree());
            let (key, packet) = out.split_at_mut(KEY);
            key.copy_from_slice(client.public().x25519());
            let inner = &mut packet[NONCE.len()..][..36];
            inner[..3].copy_from_slice(&[0, 0, 1]);
            inner[3..35].copy_from_slice(client.public().ed25519());
            inner[35] = 2;
            compose::seal_in_place(&tools, packet);
            (keys, out)
        };
        assert_eq!(&say().1, expected, "{} says another hello", T::NAME);
        contest.run(T::NAME, 0, || say().0);
    }
}

/// The limit decrypts once; ours seals again what it opened, so that a refused hello is as it was
/// and the signature, which is over the ciphertext, can be verified after the key inside is known.
fn hello_receive(c: &mut Criterion<ThreadTime>) {
    let (client, relay) = (identity(1), identity(2));
    let mut message = [0; HELLO];
    say_hello(&client, &relay, &mut message);
    let mut contest = Contest::new(c, "handshake/hello, relay");
    contest.run("ours", 0, || admit(&relay, black_box(&mut message)));

    let bare = Bare::between(2, 1);
    let judge = |message: &mut [u8]| {
        let shared = bare.agree();
        let (key, packet) = message.split_first_chunk_mut::<KEY>().expect("a hello");
        let (signed, signature) = packet.split_last_chunk_mut::<64>().expect("a hello");
        let genuine = bare.verify(signed, signature);
        let (nonce, sealed) = signed.split_first_chunk_mut::<24>().expect("a hello");
        let (inner, tag) = sealed.split_last_chunk_mut::<16>().expect("a hello");
        let opened = bare.decrypt(nonce, inner, tag);
        let inside = inner[3..].first_chunk().expect("a hello");
        let proved = bare.import_x25519(key) && bare.import_ed25519(inside);
        (genuine && opened && proved, compose::route_keys(&shared))
    };
    assert!(judge(&mut message.clone()).0, "the limit refuses a hello");
    contest.run_on_copies(Bare::NAME, 0, &message, judge);
}

fn reply_send(c: &mut Criterion<ThreadTime>) {
    let (client, relay) = (identity(1), identity(2));
    let mut message = [0; HELLO];
    say_hello(&client, &relay, &mut message);
    let link = admit(&relay, &mut message);
    let expected = reply(&link, &relay);
    let mut contest = Contest::new(c, "handshake/reply, relay");
    contest.run("ours", 0, || reply(black_box(&link), &relay));
    run::<Bare>(&mut contest, &expected);
    #[cfg(feature = "peers")]
    run::<Libsodium>(&mut contest, &expected);

    fn run<T: Tools>(contest: &mut Contest<'_>, expected: &[u8; REPLY]) {
        let tools = T::between(2, 1);
        let mut frame = [0; REPLY];
        let mut seal = || {
            let (header, packet) = frame.split_at_mut(HEADER);
            packet[NONCE.len()..][..4].copy_from_slice(&[0, 0, 2, 2]);
            compose::seal_in_place(&tools, packet);
            header.copy_from_slice(&tools.mask(&NONCE));
            frame
        };
        // The mask's key is another one here.
        assert_eq!(seal()[HEADER..], expected[HEADER..], "{} replies otherwise", T::NAME);
        contest.run(T::NAME, 0, seal);
    }
}

fn reply_receive(c: &mut Criterion<ThreadTime>) {
    let (client, relay) = (identity(1), identity(2));
    let mut message = [0; HELLO];
    say_hello(&client, &relay, &mut message);
    let frame = reply(&admit(&relay, &mut message), &relay);

    let mut contest = Contest::new(c, "handshake/reply, client");
    contest.run_prepared(
        "ours",
        || (say_hello(&client, &relay, &mut [0; HELLO]), frame),
        |(await_reply, mut frame)| match await_reply.receive(&mut frame) {
            Ok(Reply::Session(link)) => link,
            other => panic!("{other:?}"),
        },
    );
    run::<Bare>(&mut contest, &frame);
    #[cfg(feature = "peers")]
    run::<Libsodium>(&mut contest, &frame);

    fn run<T: Tools>(contest: &mut Contest<'_>, frame: &[u8; REPLY]) {
        let tools = T::between(1, 2);
        let receive = |frame: &mut [u8]| {
            let mask = tools.mask(frame[HEADER..].first_chunk().expect("a frame"));
            (mask, compose::open(&tools, &mut frame[HEADER..]))
        };
        assert!(receive(&mut frame.clone()).1, "{} refuses a reply", T::NAME);
        contest.run_on_copies(T::NAME, 0, frame, receive);
    }
}

criterion_group! {
    name = benches;
    config = clock::criterion();
    targets = hello_send, hello_receive, reply_send, reply_receive
}
criterion_main!(benches);
