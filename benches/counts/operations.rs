//! The operations that are counted, in a fixed order.

use sealwire::{
    frame::{self, Downlink, Uplink, address_from, address_to},
    handshake::HELLO,
    identity::PeerId,
    packet,
    primitives::{Ed25519Public, NonceBytes, Secret, X25519Public, mask},
    relay::ToRelay,
};
use sealwire_benches::{
    NONCE, ROUTE_KEY, SIZES, identity,
    parties::{Parties, admit, reply, routes, say_hello},
};
use std::{hint::black_box, mem::forget};

/// Each is done twice: once so that what is found out on first use is known, then counted.
const TIMES: usize = 2;

struct Operation {
    name: String,
    work: Box<dyn FnMut()>,
}

fn operation(name: impl Into<String>, work: impl FnMut() + 'static) -> Operation {
    Operation { name: name.into(), work: Box::new(work) }
}

/// An operation that spoils its input, and is given another one each time.
fn consuming<I: 'static>(
    name: impl Into<String>,
    input: impl Fn() -> I,
    mut work: impl FnMut(&mut I) + 'static,
) -> Operation {
    let mut inputs: Vec<I> = (0..TIMES).map(|_| input()).collect();
    operation(name, move || {
        let mut input = inputs.pop().expect("one for each time");
        work(&mut input);
        // Giving the memory back is no part of it.
        forget(input);
    })
}

/// The names, in the order in which [`run`] counts.
pub(crate) fn names() -> Vec<String> {
    all().into_iter().map(|operation| operation.name).collect()
}

/// Does everything. Only what happens within [`counted`] is counted.
pub(crate) fn run() {
    for mut operation in all() {
        (1..TIMES).for_each(|_| (operation.work)());
        counted(&mut *operation.work);
    }
}

/// Valgrind knows this function by its name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    black_box(work)();
}

fn all() -> Vec<Operation> {
    let mut all = vec![operation("nothing", || {})];
    all.extend(SIZES.into_iter().flat_map(packets));
    all.extend(frames());
    all.extend([64, 65_536].into_iter().flat_map(parsing));
    all.extend(handshake());
    let peer = identity(2);
    let (x25519, ed25519) = (*peer.public().x25519(), *peer.public().ed25519());
    all.push(operation("primitives/import x25519", move || {
        assert!(black_box(X25519Public::import(black_box(x25519))).is_ok());
    }));
    all.push(operation("primitives/import ed25519", move || {
        assert!(black_box(Ed25519Public::import(black_box(ed25519))).is_ok());
    }));
    all
}

fn packets(size: usize) -> [Operation; 2] {
    let (sealing, opening) = (Parties::new(), Parties::new());
    let body = vec![0x5a; size];
    let mut out = vec![0; packet::MIN + size];
    let packet = opening.sealed(size);
    [
        operation(format!("packet/seal, {size} B"), move || {
            sealing.seal(black_box(&mut out), black_box(&body));
        }),
        consuming(
            format!("packet/open, {size} B"),
            move || packet.clone(),
            move |packet| assert_eq!(opening.open(black_box(packet)), Ok(())),
        ),
    ]
}

fn frames() -> [Operation; 2] {
    let (key, routes) = (Secret::new(ROUTE_KEY), routes());
    let mut frame = vec![0x5a; frame::COMMAND_OVERHEAD + 1_024];
    address_to(&mut frame, &routes, PeerId([2; 8])).expect("a frame");
    [
        operation("frame/mask", move || {
            black_box(mask(black_box(&key), &NonceBytes(black_box(NONCE))));
        }),
        operation("frame/forward", move || {
            let to = Uplink::parse(black_box(&frame)).expect("a frame").to(&routes);
            black_box(to);
            address_from(&mut frame, &routes, PeerId([1; 8])).expect("a frame");
        }),
    ]
}

fn parsing(size: usize) -> [Operation; 3] {
    const SUBSCRIBE: u8 = 0x40;
    let frame = vec![0x5a; frame::COMMAND_OVERHEAD + size];
    let (uplink, downlink, body) = (frame.clone(), frame, vec![0x5a; size]);
    [
        operation(format!("frame/parse, from a client, {size} B"), move || {
            black_box(Uplink::parse(black_box(&uplink)).is_ok());
        }),
        operation(format!("frame/parse, from a relay, {size} B"), move || {
            black_box(Downlink::parse(black_box(&downlink)).is_ok());
        }),
        operation(format!("relay/parse a command, {size} B"), move || {
            black_box(ToRelay::parse(black_box(SUBSCRIBE), black_box(&body)).is_ok());
        }),
    ]
}

fn handshake() -> [Operation; 4] {
    let parties = || (identity(1), identity(2));
    let mut out = [0; HELLO];
    let (client, relay) = parties();
    let say = operation("handshake/hello, client", move || {
        forget(black_box(say_hello(&client, &relay, black_box(&mut out))));
    });

    let (client, relay) = parties();
    let mut message = [0; HELLO];
    say_hello(&client, &relay, &mut message);
    let (mut judged, judge) = (message, identity(2));
    let admit_one = operation("handshake/hello, relay", move || {
        forget(black_box(admit(&judge, black_box(&mut judged))));
    });

    let link = admit(&relay, &mut message);
    let received = reply(&link, &relay);
    let send = operation("handshake/reply, relay", move || {
        black_box(reply(black_box(&link), &relay));
    });
    let receive = consuming(
        "handshake/reply, client",
        || {
            let (client, relay) = parties();
            (Some(say_hello(&client, &relay, &mut [0; HELLO])), received)
        },
        |(await_reply, frame)| {
            let await_reply = await_reply.take().expect("one for each time");
            forget(black_box(await_reply.receive(black_box(frame))));
        },
    );
    [say, admit_one, send, receive]
}
