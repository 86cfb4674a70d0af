//! Each fault as the other side of a loopback connection sees it.

use super::{Course, Fault, Plan, Proxy, Which};
use std::{io::ErrorKind, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};

/// Longer than anything here takes; only a fault reaches it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for bytes on loopback; shorter than everything that is said to stay away.
const MOMENT: Duration = Duration::from_millis(200);

const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A proxy with these faults, and a connection through it: the client's end and the service's.
async fn through(up: &[&str], down: &[&str]) -> (Proxy, TcpStream, TcpStream) {
    let service = TcpListener::bind(LOOPBACK).await.unwrap();
    let plan = Plan { up: course(up), down: course(down), which: Which::All };
    let proxy = Proxy::start(LOOPBACK, service.local_addr().unwrap(), plan).unwrap();
    let (client, served) = connect(&proxy, &service).await;
    (proxy, client, served)
}

async fn connect(proxy: &Proxy, service: &TcpListener) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(proxy.address()).await.unwrap();
    (client, timeout(PATIENCE, service.accept()).await.unwrap().unwrap().0)
}

fn course(faults: &[&str]) -> Course {
    Course::new(faults.iter().map(|fault| fault.parse::<Fault>().unwrap())).unwrap()
}

/// The next bytes, at most so many.
async fn read(from: &mut TcpStream, most: usize) -> Result<Vec<u8>, ErrorKind> {
    let mut bytes = vec![0; most];
    let count = timeout(PATIENCE, from.read(&mut bytes)).await.expect("something comes");
    bytes.truncate(count.map_err(|error| error.kind())?);
    Ok(bytes)
}

/// All bytes to the end.
async fn whole(from: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    timeout(PATIENCE, from.read_to_end(&mut bytes)).await.expect("an end").unwrap();
    bytes
}

async fn silent(from: &mut TcpStream) -> bool {
    timeout(MOMENT, from.read_u8()).await.is_err()
}

#[tokio::test]
async fn without_a_fault_bytes_and_ends_pass_both_ways() {
    let (_proxy, mut client, mut served) = through(&[], &[]).await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
    let sent = bytes.clone();
    tokio::spawn(async move {
        client.write_all(&sent).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(whole(&mut client).await, b"and back");
    });
    assert_eq!(whole(&mut served).await, bytes);
    served.write_all(b"and back").await.unwrap();
}

#[tokio::test]
async fn a_stall_stops_the_writer_and_not_the_other_direction() {
    let (_proxy, mut client, mut served) = through(&[], &["stall=10"]).await;
    let writer = tokio::spawn(async move { served.write_all(&vec![7; 64 << 20]).await });
    assert_eq!(read(&mut client, 100).await.unwrap(), [7; 10]);
    assert!(silent(&mut client).await);
    assert!(!writer.is_finished(), "the service feels that nobody reads");
    client.write_all(b"still here").await.unwrap();
    writer.abort();
}

#[tokio::test]
async fn time_stalls_too() {
    let (_proxy, mut client, mut served) = through(&["stall=300ms"], &[]).await;
    client.write_all(b"before").await.unwrap();
    assert_eq!(read(&mut served, 100).await.unwrap(), b"before");
    tokio::time::sleep(2 * MOMENT).await;
    client.write_all(b"behind").await.unwrap();
    assert!(silent(&mut served).await);
}

#[tokio::test]
async fn a_vanished_side_takes_everything_and_its_end_is_not_told() {
    let (_proxy, mut client, mut served) = through(&["half-open=4"], &[]).await;
    timeout(PATIENCE, client.write_all(&vec![7; 16 << 20])).await.expect("all is taken").unwrap();
    assert_eq!(read(&mut served, 100).await.unwrap(), [7; 4]);
    client.shutdown().await.unwrap();
    assert!(silent(&mut served).await, "neither bytes nor an end");
}

#[tokio::test]
async fn a_reset_comes_behind_exactly_so_many_bytes() {
    let (_proxy, mut client, mut served) = through(&["reset=1000"], &[]).await;
    client.write_all(&[7; 5_000]).await.unwrap();
    let mut passed = Vec::new();
    let broken = loop {
        match read(&mut served, 10_000).await {
            Ok(bytes) if bytes.is_empty() => break None,
            Ok(bytes) => passed.extend(bytes),
            Err(kind) => break Some(kind),
        }
    };
    assert_eq!((passed.len(), broken), (1_000, Some(ErrorKind::ConnectionReset)));
    assert_eq!(read(&mut client, 1).await, Err(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn gathered_bytes_come_at_once() {
    let (_proxy, mut client, mut served) = through(&["coalesce=1s"], &[]).await;
    for _ in 0..10 {
        client.write_all(&[7; 100]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(read(&mut served, 5_000).await.unwrap().len(), 1_000);
}

#[tokio::test]
async fn bytes_are_gathered_by_number_and_a_pause_lets_them_go() {
    let (_proxy, mut client, mut served) = through(&["coalesce=1000"], &[]).await;
    client.write_all(&[7; 400]).await.unwrap();
    assert_eq!(read(&mut served, 5_000).await.unwrap().len(), 400);
}

#[tokio::test]
async fn a_trickle_takes_its_time() {
    let (_proxy, mut client, mut served) = through(&["trickle=1000"], &[]).await;
    let begin = Instant::now();
    client.write_all(&[7; 500]).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(whole(&mut served).await.len(), 500);
    assert!(begin.elapsed() > Duration::from_millis(400), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_delay_holds_what_was_read() {
    let (_proxy, mut client, mut served) = through(&["delay=300ms"], &[]).await;
    client.write_all(b"later").await.unwrap();
    assert!(silent(&mut served).await);
    assert_eq!(read(&mut served, 100).await.unwrap(), b"later");
}

#[tokio::test]
async fn split_bytes_are_all_there() {
    let (_proxy, mut client, mut served) = through(&["split"], &[]).await;
    client.write_all(&[7; 500]).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(whole(&mut served).await.len(), 500);
}

#[tokio::test]
async fn only_those_that_are_named_suffer() {
    let service = TcpListener::bind(LOOPBACK).await.unwrap();
    for (which, suffers) in [
        (Which::Every(2), [false, true, false, true]),
        (Which::Only(3), [false, false, true, false]),
    ] {
        let plan = Plan { up: course(&["stall=0"]), down: Course::default(), which };
        let proxy = Proxy::start(LOOPBACK, service.local_addr().unwrap(), plan).unwrap();
        for suffers in suffers {
            let (mut client, mut served) = connect(&proxy, &service).await;
            client.write_all(b"x").await.unwrap();
            assert_eq!(silent(&mut served).await, suffers, "{which}");
        }
    }
}

#[tokio::test]
async fn a_service_that_refuses_resets_the_client() {
    let gone = TcpListener::bind(LOOPBACK).await.unwrap().local_addr().unwrap();
    let proxy = Proxy::start(LOOPBACK, gone, Plan::default()).unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(read(&mut client, 1).await, Err(ErrorKind::ConnectionReset));
}
