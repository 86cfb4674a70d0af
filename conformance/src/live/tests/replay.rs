//! The same seed sends the same bytes in the same order.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

use super::stub::{Fault, listen};
use crate::cases;
use crate::live::outcome::Verdict;
use crate::live::runner::judge;
use crate::live::seed::Seed;
use crate::live::trial::Trial;
use crate::live::upgrade::Address;

/// What was sent to a relay, connection by connection, behind the upgrade.
type Sent = Arc<Mutex<Vec<Vec<u8>>>>;

/// A port that hands everything on to `relay` and keeps what was sent.
async fn tapped(relay: Address, sent: Sent) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("has an address").port();
    let path = relay.path.clone();
    tokio::spawn(async move {
        while let Ok((judge, _)) = listener.accept().await {
            let number = {
                let mut sent = sent.lock().expect("unpoisoned");
                sent.push(Vec::new());
                sent.len() - 1
            };
            let relay = relay.dial(Duration::from_secs(8)).await.expect("connects");
            tokio::spawn(carry(judge, relay, number, Arc::clone(&sent)));
        }
    });
    Address { authority: format!("127.0.0.1:{port}"), path }
}

/// Carries both ways until the judge ends the connection.
async fn carry(judge: TcpStream, relay: TcpStream, number: usize, sent: Sent) {
    let (mut from_judge, mut to_judge) = judge.into_split();
    let (mut from_relay, mut to_relay) = relay.into_split();
    tokio::spawn(async move { copy(&mut from_relay, &mut to_judge).await });
    let mut piece = vec![0; 4096];
    while let Ok(n @ 1..) = from_judge.read(&mut piece).await {
        sent.lock().expect("unpoisoned")[number].extend_from_slice(&piece[..n]);
        if to_relay.write_all(&piece[..n]).await.is_err() {
            return;
        }
    }
}

/// What the judge sends in these cases.
async fn run(seed: Seed) -> Vec<Vec<u8>> {
    let sent = Sent::default();
    let relay: Seed = "00000000000000ff".parse().expect("16 digits");
    let mut target = listen(Fault::None, relay.stream("stub")).await;
    target.address = tapped(target.address, Arc::clone(&sent)).await;
    let target = Arc::new(target);
    for id in ["frame/verbatim.text", "handshake/too-short.every-length", "frame/to-self.smallest"]
    {
        let case = cases::relay().find(|case| case.id == id).expect("a case with this id");
        let verdict = judge(case, Trial::of(Arc::clone(&target), seed.stream(id))).await;
        assert_eq!(verdict, Verdict::Pass, "{id}");
    }
    let sent = sent.lock().expect("unpoisoned");
    // The request names the port, which is no one's choice.
    let behind_the_upgrade = |bytes: &Vec<u8>| {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a request");
        bytes[end..].to_vec()
    };
    sent.iter().map(behind_the_upgrade).collect()
}

#[tokio::test]
async fn a_seed_decides_every_byte_of_a_run() {
    let seed = |text: &str| text.parse::<Seed>().expect("16 digits");
    let (first, again) = (run(seed("0000000000000001")).await, run(seed("0000000000000001")).await);
    assert!(first.len() > 10 && first.iter().map(Vec::len).sum::<usize>() > 10_000);
    assert!(first == again, "the same seed sent other bytes");
    assert!(first != run(seed("0000000000000002")).await, "another seed sent the same bytes");
}
