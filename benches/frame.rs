//! Row 4, frame: the header mask, forwarding in place, parsing; and the parsing of row 6.

mod clock;

use clock::{Contest, ThreadTime};
use criterion::{Criterion, criterion_group, criterion_main};
use sealwire::{
    frame::{self, Downlink, Uplink, address_from, address_to},
    identity::PeerId,
    primitives::{NonceBytes, Secret, mask},
    relay::ToRelay,
};
#[cfg(feature = "peers")]
use sealwire_benches::peers::Libsodium;
use sealwire_benches::{
    Bare, Curves as _, NONCE, ROUTE_KEY, SIZES, Tools, compose, parties::routes,
};
use std::hint::black_box;

const ALICE: PeerId = PeerId([1; 8]);
const BOB: PeerId = PeerId([2; 8]);
/// The ends of the range: size is to make no difference here.
const ENDS: [usize; 2] = [SIZES[0], SIZES[3]];

/// A frame to Bob with a body of that size; what is in it does not matter to a relay.
fn frame(size: usize) -> Vec<u8> {
    let mut frame = vec![0x5a; frame::COMMAND_OVERHEAD + size];
    address_to(&mut frame, &routes(), BOB).expect("a frame");
    frame
}

fn header_mask(c: &mut Criterion<ThreadTime>) {
    let (key, nonce) = (Secret::new(ROUTE_KEY), NonceBytes(NONCE));
    let expected = mask(&key, &nonce);
    let mut contest = Contest::new(c, "frame/mask");
    let mut run = |who, mask: &dyn Fn(&[u8; 24]) -> [u8; 8]| {
        assert_eq!(mask(&NONCE), expected, "{who} makes another mask");
        contest.run(who, 0, || mask(black_box(&NONCE)));
    };
    run("ours", &|nonce| mask(&key, &NonceBytes(*nonce)));
    let bare = Bare::between(1, 2);
    run(Bare::NAME, &|nonce| bare.mask(nonce));
    #[cfg(feature = "peers")]
    {
        let sodium = Libsodium::between(1, 2);
        run(Libsodium::NAME, &|nonce| sodium.mask(nonce));
    }
}

/// What a relay does to a frame that it forwards: whom is it for, and from whom, in its place.
fn forward(c: &mut Criterion<ThreadTime>) {
    let routes = routes();
    let ours = |frame: &mut [u8]| {
        let to = Uplink::parse(frame).expect("a frame").to(&routes);
        // The header of a frame that was forwarded before names its sender, who is found as well.
        let from = if to == BOB { ALICE } else { BOB };
        address_from(frame, &routes, from).expect("a frame");
    };
    let mut contest = Contest::new(c, "frame/forward");
    for size in ENDS {
        let mut sent = frame(size);
        ours(&mut sent);
        assert_eq!(Downlink::parse(&sent).expect("a frame").from(&routes), ALICE);
        contest.run("ours", size, || ours(black_box(&mut sent)));

        let mut run = |who, forward: &dyn Fn(&mut [u8])| {
            let mut sent = frame(size);
            forward(&mut sent);
            assert_eq!(sent, frame(size), "{who}: the same mask off and on");
            contest.run(who, size, || forward(black_box(&mut sent)));
        };
        let bare = Bare::between(1, 2);
        run(Bare::NAME, &|frame| compose::forward(&bare, frame));
        #[cfg(feature = "peers")]
        {
            let sodium = Libsodium::between(1, 2);
            run(Libsodium::NAME, &|frame| compose::forward(&sodium, frame));
        }
    }
}

fn parse(c: &mut Criterion<ThreadTime>) {
    let mut uplink = Contest::new(c, "frame/parse, from a client");
    for size in ENDS {
        let frame = frame(size);
        assert_eq!(Uplink::parse(&frame).expect("a frame").packet().len(), size + 107);
        uplink.run("ours", size, || {
            Uplink::parse(black_box(&frame)).map(|frame| frame.packet().len())
        });
    }
    drop(uplink);
    let mut downlink = Contest::new(c, "frame/parse, from a relay");
    for size in ENDS {
        let frame = frame(size);
        assert_eq!(Downlink::parse(&frame).expect("a frame").packet().len(), size + 107);
        downlink.run("ours", size, || {
            Downlink::parse(black_box(&frame)).map(|frame| frame.packet().len())
        });
    }
}

/// The inners of commands: lists of keys, which are as long as a body gets.
fn parse_command(c: &mut Criterion<ThreadTime>) {
    const SUBSCRIBE: u8 = 0x40;
    let mut contest = Contest::new(c, "relay/parse a command");
    for size in ENDS {
        let body = vec![0x5a; size];
        assert!(matches!(ToRelay::parse(SUBSCRIBE, &body), Ok(ToRelay::Subscribe(_))));
        contest.run("ours", size, || ToRelay::parse(black_box(SUBSCRIBE), black_box(&body)));
    }
}

criterion_group! {
    name = benches;
    config = clock::criterion();
    targets = header_mask, forward, parse, parse_command
}
criterion_main!(benches);
