//! Does the time of an operation tell of the secret in it? Asked of a clock, as dudect does
//! (Reparaz, Balasch, Verbauwhede, 2017): two classes of inputs, drawn at random for each
//! measurement, and Welch's t between their times.
//!
//! `cargo bench -p sealwire-benches --bench constant_time` prints a table; `docs/secrets.md` says
//! how to read it. `-- 0.1` takes a tenth of the measurements, `-- 4` four times as many.

use sealwire::{
    identity::Identity,
    packet::{self, Inner, PairKey},
    primitives::{
        Context, FreshNonce, KEY, NONCE, NonceBytes, SIGNATURE, Secret, TAG, aead_open, aead_seal,
        mask, sign, x25519,
    },
};
use std::{env, hint::black_box, process::ExitCode, time::Instant};

/// Above it the classes differ beyond doubt; the control must.
const LEAK: f64 = 10.0;
/// Below it nothing was seen; in between, measure again.
const DOUBT: f64 = 4.5;
/// How many cut-offs are tried: what interrupts a process lands on top of some of the times.
const CROPS: i32 = 100;
/// The share of the times that nothing interrupted, as a rule.
const UNDISTURBED: f64 = 0.9;

/// SplitMix64: inputs and classes need to be mixed, not secret.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self) -> [u8; KEY] {
        let words = [self.next(), self.next(), self.next(), self.next()];
        words.map(u64::to_le_bytes).as_flattened().try_into().expect("four times eight")
    }
}

/// Mean and variance of a growing number of times, after Welford.
#[derive(Clone, Copy, Default)]
struct Times {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Times {
    fn push(&mut self, time: f64) {
        self.count += 1.0;
        let distance = time - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (time - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// The difference between the classes of those measurements that took at most `limit`, and its
/// error: Welch's t is their ratio.
fn difference(measurements: &[(bool, f64)], limit: f64) -> (f64, f64) {
    let mut classes = [Times::default(); 2];
    for (class, time) in measurements.iter().filter(|(_, time)| *time <= limit) {
        classes[usize::from(*class)].push(*time);
    }
    let [a, b] = classes;
    ((a.mean - b.mean).abs(), (a.error() + b.error()).sqrt())
}

struct Answer {
    /// The largest t, over everything and over what lies below each cut-off.
    t: f64,
    /// The difference that would have been a leak, in nanoseconds: of what is not cut off as an
    /// interruption.
    visible: f64,
}

fn answer(measurements: &[(bool, f64)]) -> Answer {
    let mut sorted = measurements.iter().map(|(_, time)| *time).collect::<Vec<_>>();
    sorted.sort_by(f64::total_cmp);
    let limit = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let crop = |crop| limit(1.0 - 0.5_f64.powf(f64::from(10 * crop) / f64::from(CROPS)));
    let limits = (1..=CROPS).map(crop).chain([f64::INFINITY]);
    let t = limits.map(|limit| {
        let (difference, error) = difference(measurements, limit);
        difference / error
    });
    // A cut-off below which there is one time only gives no number, and `max` passes it over.
    let t = t.fold(0.0, f64::max);
    Answer { t, visible: LEAK * difference(measurements, limit(UNDISTURBED)).1 }
}

/// What is asked: of inputs of two classes, whether `operation` takes the same time with both.
struct Question<'q, I> {
    name: &'q str,
    classes: &'q str,
    /// How many measurements, and how often the operation runs in each: what takes a few
    /// nanoseconds is invisible to the clock alone.
    measurements: usize,
    repeat: u32,
    input: &'q dyn Fn(bool, &mut Random) -> I,
}

impl<I> Question<'_, I> {
    /// Prints a row; the t of it.
    fn ask<T>(self, share: f64, operation: impl Fn(&mut I) -> T) -> f64 {
        // All inputs first: making one of either class must not warm or cool what is measured.
        let mut random = Random(1);
        let count = (self.measurements as f64 * share) as usize;
        let draw = |_| {
            let class = random.next() & 1 == 1;
            (class, (self.input)(class, &mut random))
        };
        let mut inputs = (0..count).map(draw).collect::<Vec<_>>();
        let time = |(class, input): &mut (bool, I)| {
            let start = Instant::now();
            for _ in 0..self.repeat {
                black_box(operation(black_box(input)));
            }
            (*class, start.elapsed().as_nanos() as f64)
        };
        let measurements = inputs.iter_mut().map(time).collect::<Vec<_>>();
        let Answer { t, visible } = answer(&measurements[count / 10..]);
        let visible = visible / f64::from(self.repeat);
        let verdict = match t {
            t if t > LEAK => "**differs**",
            t if t > DOUBT => "measure again",
            _ => "nothing seen",
        };
        let (name, classes) = (self.name, self.classes);
        println!("| {name} | {classes} | {count} | {visible:.2} ns | {t:.1} | {verdict} |");
        t
    }
}

fn main() -> ExitCode {
    let share = env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1.0);
    println!("| operation | classes | measurements | visible from | largest \\|t\\| | |");
    println!("|---|---|--:|--:|--:|---|");
    let control = comparisons(share);
    tags(share);
    keys(share);
    if control > LEAK {
        return ExitCode::SUCCESS;
    }
    eprintln!("The control does not differ: this clock sees nothing, so the table says nothing.");
    ExitCode::FAILURE
}

/// Key comparison, and what it must not be; the t of the latter.
fn comparisons(share: f64) -> f64 {
    let known = [7; KEY];
    // Different from the known key in the first byte, or in the last.
    let input = |late, _: &mut Random| {
        let mut key = known;
        key[if late { KEY - 1 } else { 0 }] ^= 1;
        Secret::new(key)
    };
    let question = |name, input| Question {
        name,
        classes: "differs in the first, the last byte",
        measurements: 500_000,
        repeat: 16,
        input,
    };
    let leaky = question("control: a loop that ends early", &input);
    let t = leaky.ask(share, |key| key.expose().iter().zip(&known).all(|(a, b)| a == b));
    let known = Secret::new(known);
    question("`Secret` `==`", &input).ask(share, |key| *key == known);
    t
}

/// Refusal of what is sealed under a tag that is wrong in the first byte, or in the last.
fn tags(share: f64) {
    let (seed, body) = (Secret::new([3; KEY]), [7; 256]);
    let own = Identity::from_seeds(&seed, &seed).expect("a fixed seed");
    let pair = PairKey::between(&own, own.public()).expect("a fixed key");
    // Another nonce each time: how long a signature takes to verify depends on its bytes, which
    // everybody sees, and must not be mistaken for the tag.
    let input = |late, random: &mut Random| {
        let mut packet = [0; packet::MIN + 256];
        let [nonce @ .., _, _, _, _, _, _, _, _] = random.bytes();
        let inner = Inner { message_id: 1, command: 0x20, body: &body };
        packet::seal(&mut packet, &pair, &own, FreshNonce::from_random(nonce), &inner)
            .expect("room enough");
        let (signed, signature) = packet.split_last_chunk_mut::<SIGNATURE>().expect("longer");
        let tag = signed.last_chunk_mut::<TAG>().expect("longer");
        tag[if late { TAG - 1 } else { 0 }] ^= 1;
        *signature = sign(&seed, signed).1;
        packet
    };
    let question = |name, measurements| Question {
        name,
        classes: "tag wrong in the first, the last byte",
        measurements,
        repeat: 1,
        input: &input,
    };
    question("`packet::open`, refused", 50_000)
        .ask(share, |packet| packet::open(packet, &pair).is_err());
    let shared = x25519(&seed, own.public().x25519()).expect("a fixed key");
    question("`aead_open`, refused", 100_000).ask(share, |packet| {
        let (nonce, sealed) = packet.split_first_chunk_mut::<NONCE>().expect("longer");
        let sealed = sealed.split_last_chunk_mut::<SIGNATURE>().expect("longer").0;
        aead_open(&shared, &NonceBytes(*nonce), sealed).is_err()
    });
}

/// Operations under a key that is always the same, or another each time.
fn keys(share: f64) {
    let fixed = [5; KEY];
    let input = |fresh, random: &mut Random| {
        let drawn = random.bytes();
        Secret::new(if fresh { drawn } else { fixed })
    };
    let question = |name, measurements| Question {
        name,
        classes: "key fixed, random",
        measurements,
        repeat: 1,
        input: &input,
    };
    let own = Identity::from_seeds(&Secret::new(fixed), &Secret::new(fixed)).expect("fixed seeds");
    let nonce = [9; NONCE];
    question("`x25519`", 50_000).ask(share, |key| x25519(key, own.public().x25519()));
    question("`sign`, 64 bytes", 50_000).ask(share, |key| sign(key, &[1; 64]));
    question("`mask`", 300_000).ask(share, |key| mask(key, &NonceBytes(nonce)));
    question("`derive_key`", 300_000).ask(share, |key| Context::RouteC2s.derive_key(key));
    question("`aead_seal`, 64 bytes", 300_000)
        .ask(share, |key| aead_seal(key, FreshNonce::from_random(nonce), &mut [1; 64]));
}
