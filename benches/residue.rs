//! What operations leave on the stack: each runs on a clean one, and what it wrote below its
//! caller is searched for secrets. Linux only, where a process can read its own memory as a file.
//!
//! `cargo bench -p sealwire-benches --bench residue` prints a table; `docs/secrets.md` explains it.

use chacha20::{R20, hchacha};
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sealwire::{
    frame::{RouteKeys, Uplink},
    handshake::{self, AwaitHello, ClientLink, HELLO, Hello, Reply},
    identity::Identity,
    packet::{self, Inner, PairKey},
    primitives::{Context, FreshNonce, KEY, NONCE, Secret, x25519},
    relay::{FromRelay, ToRelay},
};
use sha2::{Digest, Sha512};
use std::{
    collections::HashMap, fs::File, hint::black_box, os::unix::fs::FileExt, ptr, sync::Mutex,
    thread,
};

/// How much of the stack is cleaned and searched, in bytes.
const DEPTH: usize = 512 * 1_024;
/// Lies between a caller and the operation: what the search itself writes over.
const PAD: usize = 16 * 1_024;
/// So many bytes in a row are a find, enough not to be there by chance.
const FRAGMENT: usize = 8;
/// The nonce of everything sealed here.
const AT: [u8; NONCE] = [9; NONCE];

/// The columns of the table.
const COLUMNS: [&str; 6] =
    ["seeds", "signing scalar", "signing prefix", "shared secret", "packet key", "route keys"];

/// What somebody who reads a stack would look for: a column, and bytes.
struct Known(usize, [u8; KEY]);

/// Everything secret of the person with this seed, talking to `other`.
fn known(own: [u8; KEY], other: &Identity) -> Vec<Known> {
    let expanded: [u8; 64] = Sha512::digest(own).into();
    let (halves, _) = expanded.as_chunks::<KEY>();
    let scalar = clamp_integer(halves[0]);
    let shared = x25519(&Secret::new(own), other.public().x25519()).expect("fixed keys");
    let [start @ .., _, _, _, _, _, _, _, _] = AT;
    vec![
        Known(0, own),
        Known(1, halves[0]),
        Known(1, scalar),
        Known(1, Scalar::from_bytes_mod_order(scalar).to_bytes()),
        Known(2, halves[1]),
        Known(3, *shared.expose()),
        Known(4, hchacha::<R20>(shared.expose().into(), &start.into()).into()),
        Known(5, *Context::RouteC2s.derive_key(&shared).expose()),
        Known(5, *Context::RouteS2c.derive_key(&shared).expose()),
    ]
}

/// Bytes without a pattern, different for each `first`.
fn seed(first: u8) -> [u8; KEY] {
    std::array::from_fn(|i| (i as u8).wrapping_mul(37) ^ first)
}

fn identity(first: u8) -> Identity {
    let seed = Secret::new(seed(first));
    Identity::from_seeds(&seed, &seed).expect("fixed seeds")
}

fn nonce() -> FreshNonce {
    FreshNonce::from_random(AT)
}

/// Writes so many zeros over the stack below its caller.
#[inline(never)]
fn clean<const BYTES: usize>() {
    black_box([0_u8; BYTES]);
}

/// Runs `operation` further down than anything that follows will reach.
#[inline(never)]
fn below(operation: &dyn Fn()) {
    let pad = black_box([0_u8; PAD]);
    operation();
    black_box(&pad);
}

/// The stack that `operation` leaves behind.
fn left_by(operation: &(dyn Fn() + Sync)) -> Vec<u8> {
    let search = || {
        let mut bytes = vec![0; DEPTH];
        let own = File::open("/proc/self/mem").expect("the memory of this process");
        let mark = black_box(0_u8);
        let top = ptr::from_ref(&mark).addr();
        clean::<DEPTH>();
        below(operation);
        own.read_exact_at(&mut bytes, (top - DEPTH) as u64).expect("the stack");
        bytes
    };
    let stack = thread::Builder::new().stack_size(4 * DEPTH);
    thread::scope(|scope| {
        stack.spawn_scoped(scope, search).expect("a thread").join().expect("it ran")
    })
}

/// The longest run of each column's secrets in `bytes`.
fn runs(bytes: &[u8], secrets: &[Known]) -> [usize; COLUMNS.len()] {
    let mut starts = HashMap::<&[u8], Vec<(&Known, usize)>>::new();
    for secret in secrets {
        for (at, fragment) in secret.1.windows(FRAGMENT).enumerate() {
            starts.entry(fragment).or_default().push((secret, at));
        }
    }
    let mut longest = [0; COLUMNS.len()];
    for (position, window) in bytes.windows(FRAGMENT).enumerate() {
        for (secret, at) in starts.get(window).into_iter().flatten() {
            let pairs = bytes[position..].iter().zip(&secret.1[*at..]);
            let run = pairs.take_while(|(here, there)| here == there).count();
            longest[secret.0] = longest[secret.0].max(run);
        }
    }
    longest
}

fn row(name: &str, secrets: &[Known], operation: &(dyn Fn() + Sync)) {
    let found = runs(&left_by(operation), secrets);
    let cells = found.map(|run| if run == 0 { "–".to_owned() } else { run.to_string() });
    println!("| {name} | {} |", cells.join(" | "));
}

fn main() {
    let (own, other) = (identity(1), identity(3));
    let secrets = known(seed(1), &other);
    println!("| left by | {} |\n|---{}|", COLUMNS.join(" | "), "|--:".repeat(COLUMNS.len()));

    row("nothing", &secrets, &|| ());
    // Finds what is there: without this row the dashes would say nothing.
    row("a copy, as a control", &secrets, &|| {
        black_box(secrets[0].1);
    });
    keys(&own, &other, &secrets);
    packets(&own, &other, &secrets);
    let hello = hellos(&own, &other, &secrets);
    links(&own, &other, hello, &secrets);
}

fn keys(own: &Identity, other: &Identity, secrets: &[Known]) {
    let stored = Box::new(Secret::new(seed(1)));
    row("`Identity::from_seeds`", secrets, &|| {
        black_box(Identity::from_seeds(&stored, &stored)).expect("fixed seeds");
    });
    row("`PairKey::between`", secrets, &|| {
        black_box(PairKey::between(own, other.public())).expect("fixed keys");
    });
    let shared = x25519(&stored, other.public().x25519()).expect("fixed keys");
    row("`RouteKeys::derive`", secrets, &|| {
        black_box(RouteKeys::derive(&shared));
    });
}

fn packets(own: &Identity, other: &Identity, secrets: &[Known]) {
    let pair = PairKey::between(own, other.public()).expect("fixed keys");
    let back = PairKey::between(other, own.public()).expect("fixed keys");
    let inner = Inner { message_id: 1, command: 0x20, body: &[7; 256] };
    let sealed = Mutex::new([0; packet::MIN + 256]);
    row("`packet::seal`", secrets, &|| {
        let mut out = sealed.lock().expect("unpoisoned");
        packet::seal(&mut *out, &pair, own, nonce(), &inner).expect("room enough");
    });
    row("`packet::open`", secrets, &|| {
        let mut sealed = sealed.lock().expect("unpoisoned");
        packet::open(&mut *sealed, &back).expect("sealed above");
    });
}

/// A frame of its own: what stands in that of its caller nothing below writes over.
#[inline(never)]
fn greet(message: &mut [u8; HELLO], own: &Identity, other: &Identity) {
    black_box(handshake::hello(message, own, other.public(), nonce())).expect("fixed keys");
}

/// The hello, for what follows.
fn hellos(own: &Identity, other: &Identity, secrets: &[Known]) -> [u8; HELLO] {
    let message = Mutex::new([0; HELLO]);
    row("`hello`", secrets, &|| {
        greet(&mut message.lock().expect("unpoisoned"), own, other);
    });
    row("`hello`, and zeros over it", secrets, &|| {
        let mut message = message.lock().expect("unpoisoned");
        greet(&mut message, own, other);
        clean::<65_536>();
    });
    row("`AwaitHello::receive`", secrets, &|| {
        let mut message = message.lock().expect("unpoisoned");
        let hello = black_box(AwaitHello::new(other).receive(&mut *message));
        assert!(hello.is_ok());
    });
    message.into_inner().expect("unpoisoned")
}

fn links(own: &Identity, other: &Identity, mut hello: [u8; HELLO], secrets: &[Known]) {
    let Ok(Hello::Admitted(admitted)) = AwaitHello::new(other).receive(&mut hello) else {
        panic!("a good hello was refused");
    };
    let link = admitted.into_link();
    let mut frame = [0; 256];
    let ok = FromRelay::HandshakeOk;
    let length = link.seal_event(&mut frame, other, nonce(), &ok).expect("room enough");
    let frame = Mutex::new(frame);
    let machine = handshake::hello(&mut hello, own, other.public(), nonce());
    let machine = Mutex::new(Some(machine.expect("fixed keys")));
    let session = Mutex::<Option<ClientLink>>::new(None);
    row("`AwaitReply::receive`", secrets, &|| {
        let machine = machine.lock().expect("unpoisoned").take().expect("the first run");
        let mut frame = frame.lock().expect("unpoisoned");
        if let Ok(Reply::Session(link)) = machine.receive(&mut frame[..length]) {
            *session.lock().expect("unpoisoned") = Some(link);
        }
    });

    let session = session.into_inner().expect("unpoisoned").expect("accepted above");
    let command = ToRelay::Wake { target: own.id(), kind: None };
    row("`seal_command`", secrets, &|| {
        let mut frame = frame.lock().expect("unpoisoned");
        session.seal_command(&mut *frame, own, nonce(), &command).expect("room enough");
    });
    row("`Uplink::to`", secrets, &|| {
        let frame = frame.lock().expect("unpoisoned");
        black_box(Uplink::parse(&*frame).map(|frame| frame.to(link.routes()))).expect("a frame");
    });
}
