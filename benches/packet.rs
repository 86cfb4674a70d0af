//! Row 3, packet: seal and open with a kept pair key, beside the X25519 that keeping it saves.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sealwire::{
    packet::{self, Inner, PairKey},
    primitives::FreshNonce,
};
use sealwire_benches::{SIZES, identity};
use std::hint::black_box;

fn packets(c: &mut Criterion) {
    let (alice, bob) = (identity(1), identity(2));
    let key = PairKey::between(&alice, bob.public()).expect("fixed keys");
    let back = PairKey::between(&bob, alice.public()).expect("fixed keys");
    let seal = |out: &mut [u8], body: &[u8]| {
        let inner = Inner { message_id: 0, command: 0x20, body };
        packet::seal(out, &key, &alice, FreshNonce::from_random([9; 24]), &inner)
    };

    let mut group = c.benchmark_group("packet");
    for size in SIZES {
        let body = vec![0x5a; size];
        let mut out = vec![0; packet::MIN + size];
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("seal", size), |b| {
            b.iter(|| seal(black_box(&mut out), black_box(&body)));
        });
        group.bench_function(BenchmarkId::new("open", size), |b| {
            b.iter_batched_ref(
                || out.clone(),
                |packet| packet::open(black_box(packet), &back).map(|inner| inner.command),
                BatchSize::SmallInput,
            );
        });
    }
    group.bench_function("pair-key", |b| {
        b.iter(|| PairKey::between(black_box(&alice), black_box(bob.public())));
    });
    group.finish();
}

criterion_group!(benches, packets);
criterion_main!(benches);
