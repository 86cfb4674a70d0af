//! The codec of the judge held against a library that shares no line with it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::live::socket::{BINARY, CLOSE, CONTINUATION, FIN, Heard, PING};
use crate::live::upgrade::{Address, accept};

const PATIENCE: Duration = Duration::from_secs(5);

/// The lengths at which the header of a frame changes its form.
const LENGTHS: [usize; 7] = [0, 125, 126, 127, 65_535, 65_536, 1_048_576];

async fn listen() -> (TcpListener, Address) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("has an address").port();
    (listener, Address::parse(&format!("ws://127.0.0.1:{port}/ws")).expect("parses"))
}

#[tokio::test]
async fn as_a_client_it_speaks_with_tungstenite() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("accepts");
        let mut peer = tokio_tungstenite::accept_async(stream).await.expect("upgrades");
        while let Some(Ok(message)) = peer.next().await {
            if message.is_binary() || message.is_text() {
                peer.send(message).await.expect("echoes");
            }
        }
    });
    let mut socket = address.connect(PATIENCE).await.expect("connects");
    for length in LENGTHS {
        socket.send_binary(&vec![7; length]).await.expect("sends");
        assert_eq!(socket.hear("an echo").await, Ok(Heard::Binary(vec![7; length])));
    }
    socket.send_text("ping").await.expect("sends");
    assert_eq!(socket.hear("an echo").await, Ok(Heard::Text("ping".into())));
    let fragments = [
        socket.frame(BINARY, b"one "),
        socket.frame(FIN | PING, b"between"),
        socket.frame(FIN | CONTINUATION, b"two"),
    ];
    socket.send_raw(&fragments.concat()).await.expect("sends");
    assert_eq!(socket.hear("a pong").await, Ok(Heard::Pong(b"between".to_vec())));
    assert_eq!(socket.hear("an echo").await, Ok(Heard::Binary(b"one two".to_vec())));
    socket.send(CLOSE, &1000u16.to_be_bytes()).await.expect("sends");
    assert_eq!(socket.hear("a close").await, Ok(Heard::Close(Some(1000))));
    assert_eq!(socket.hear("the end").await, Ok(Heard::End));
    server.await.expect("ends");
}

#[tokio::test]
async fn as_a_server_it_speaks_with_tungstenite() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("accepts");
        let (mut socket, _) = accept(stream, PATIENCE).await.expect("upgrades");
        for length in LENGTHS {
            assert_eq!(socket.hear("a message").await, Ok(Heard::Binary(vec![9; length])));
            socket.send_binary(&vec![9; length]).await.expect("sends");
        }
        assert_eq!(socket.hear("a ping").await, Ok(Heard::Ping(vec![1])));
        assert_eq!(socket.hear("a close").await, Ok(Heard::Close(None)));
    });
    let url = format!("ws://{}/ws", address.authority);
    let (mut peer, _) = tokio_tungstenite::connect_async(url).await.expect("connects");
    for length in LENGTHS {
        peer.send(Message::binary(vec![9; length])).await.expect("sends");
        let echo = peer.next().await.expect("an echo").expect("a message");
        assert_eq!(echo.into_data().len(), length);
    }
    peer.send(Message::Ping(vec![1].into())).await.expect("sends");
    peer.close(None).await.expect("closes");
    server.await.expect("ends");
}
