//! Faults of those who have not said hello.

use super::{both, breathe};
use crate::{
    Failure,
    isolation::scene::Scene,
    party::{a_hello, connect, new_identity, random},
};
use futures_util::{SinkExt, StreamExt};
use std::{future::pending, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, interval, timeout},
};
use tokio_websockets::Message;

/// Who do the same at once.
const AT_ONCE: usize = 4;
/// Slow ones.
const SLOW: usize = 60;
/// What a relay may be late in ending a connection, on a machine that is busy too.
const LATE: Duration = Duration::from_secs(5);
/// How long a socket may wait to be accepted before the next is tried.
const KNOCK: Duration = Duration::from_millis(200);

/// Nine in ten never say anything; the tenth upgrades and stays silent then.
pub(super) async fn silent(scene: &Scene) -> Result<(), Failure> {
    let (mut plain, mut upgraded) = (Vec::new(), Vec::new());
    for number in 0..scene.scale.sockets {
        if number % 10 == 9 {
            let Ok(socket) = connect(&scene.relay, scene.relay.address).await else { continue };
            upgraded.push(socket);
        } else {
            let Ok(socket) = TcpStream::connect(scene.relay.address).await else { continue };
            plain.push(socket);
        }
        scene.did(0);
    }
    pending().await
}

/// More sockets than the relay has descriptors.
pub(super) async fn descriptors(scene: &Scene) -> Result<(), Failure> {
    let mut held = Vec::new();
    for _ in 0..2 * super::super::FEW_DESCRIPTORS {
        let knock = timeout(KNOCK, TcpStream::connect(scene.relay.address));
        if let Ok(Ok(socket)) = knock.await {
            held.push(socket);
            scene.did(0);
        }
    }
    pending().await
}

/// Bytes of an opening handshake and a hello, a few each second: each connection must be ended at
/// the deadline, however far it has come.
pub(super) async fn slow(scene: &Scene) -> Result<(), Failure> {
    let mut sockets = JoinSet::new();
    for number in 0..SLOW {
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            scene.relay.address
        );
        // A masked binary frame of 172 bytes, mask zero.
        let bytes = [head.as_bytes(), &[0x82, 0xfe, 0, 172, 0, 0, 0, 0], &[7; 172]].concat();
        // A third is stuck in its head, a third has sent it, a third begins its hello.
        let at_once = [0, head.len(), head.len() + 20][number % 3];
        let (address, deadline) = (scene.relay.address, scene.scale.deadline);
        scene.did(bytes.len());
        sockets.spawn(async move { byte_a_second(address, &bytes, at_once, deadline).await });
    }
    while let Some(ended) = sockets.join_next().await {
        ended.map_err(|error| Failure::Broken(error.to_string()))??;
    }
    Ok(())
}

async fn byte_a_second(
    address: std::net::SocketAddr,
    bytes: &[u8],
    at_once: usize,
    deadline: Duration,
) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::Broken(error.to_string());
    let mut tcp = TcpStream::connect(address).await.map_err(broken)?;
    let begin = Instant::now();
    tcp.write_all(&bytes[..at_once]).await.map_err(broken)?;
    let (mut reads, mut writes) = tcp.split();
    let dribbles = async {
        let mut pace = interval(Duration::from_secs(1));
        for byte in &bytes[at_once..] {
            pace.tick().await;
            if writes.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        pending::<()>().await;
    };
    let ends = async {
        let mut answer = [0; 1_024];
        // The end, in order or by a reset.
        while matches!(reads.read(&mut answer).await, Ok(1..)) {}
    };
    let whole = async {
        tokio::select! { () = dribbles => {}, () = ends => {} }
    };
    let over = |_| {
        let most = deadline + LATE;
        Failure::Fails(format!("a connection without a whole hello lives after {most:?}"))
    };
    timeout(deadline + LATE, whole).await.map_err(over)?;
    if begin.elapsed() < deadline / 2 {
        return Err(Failure::Fails(format!("a slow hello was ended after {:?}", begin.elapsed())));
    }
    Ok(())
}

/// Well-formed, and sealed for somebody else: each costs the relay an X25519 and an AEAD.
pub(super) async fn wrong(scene: &Scene) -> Result<(), Failure> {
    let elsewhere = *new_identity()?.public();
    let hellos = (0..64).map(|_| Ok(a_hello(&new_identity()?, &elsewhere)?.0));
    flood(scene, hellos.collect::<Result<_, Failure>>()?).await
}

/// Half of it before the upgrade, half where the hello would be.
pub(super) async fn garbage(scene: &Scene) -> Result<(), Failure> {
    let noise: Vec<_> =
        (0..64).map(|_| random::<200>().map(Vec::from)).collect::<Result<_, _>>()?;
    let raw = async {
        loop {
            if let Ok(mut tcp) = TcpStream::connect(scene.relay.address).await {
                let _ = tcp.write_all(&noise[0]).await;
                // Whatever it answers, it must end.
                let mut answer = Vec::new();
                let _ = timeout(LATE, tcp.read_to_end(&mut answer)).await;
                scene.did(noise[0].len());
                scene.got(answer.len());
            }
            breathe().await;
        }
    };
    both(raw, flood(scene, noise.clone())).await
}

/// Says these where a hello is due, on connection after connection.
async fn flood(scene: &Scene, hellos: Vec<Vec<u8>>) -> Result<(), Failure> {
    let flooding = (0..AT_ONCE).map(|first| {
        let hellos = hellos.iter().cycle().skip(first);
        async move {
            for hello in hellos {
                let Ok(mut ws) = connect(&scene.relay, scene.relay.address).await else {
                    breathe().await;
                    continue;
                };
                if ws.send(Message::binary(hello.clone())).await.is_ok() {
                    scene.did(hello.len());
                }
                while let Some(Ok(message)) = ws.next().await {
                    scene.got(message.as_payload().len());
                }
            }
        }
    });
    futures_util::future::join_all(flooding).await;
    Ok(())
}
