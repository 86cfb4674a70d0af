//! A relay of a hundred lines on the model: enough to say hello and to forward, and wrong on
//! request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::live::seed::Random;
use crate::live::socket::{CLOSE, Heard, Socket};
use crate::live::target::{Person, Target, Timers};
use crate::live::upgrade::{Address, accept};
use crate::model::frame::{read_uplink, route_keys};
use crate::model::handshake::{Hello, accept as accept_hello, reply_ok};
use crate::model::identity::RELAY_ID;
use crate::model::{frame, primitives};

const PATIENCE: Duration = Duration::from_secs(2);

/// What a relay does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It masks with the tail of the nonce.
    MaskFromTail,
    /// It turns one bit of each packet.
    FlipsABit,
    /// It takes hellos of any length.
    PaddedHello,
    /// It closes every connection at the first message.
    Closes,
    /// It sends every message back.
    Echoes,
    /// It says nothing, ever.
    Silent,
}

type Table = Arc<Mutex<HashMap<[u8; 8], UnboundedSender<Vec<u8>>>>>;

/// Listens until the runtime ends.
pub(crate) async fn listen(fault: Fault, mut random: Random) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("has an address").port();
    let relay = Person::draw(&mut random);
    let table = Table::default();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, relay, Arc::clone(&table), fault));
        }
    });
    Target {
        address: Address::parse(&format!("ws://127.0.0.1:{port}/ws")).expect("parses"),
        relay: relay.public,
        notifier: None,
        timers: Timers::DEFAULT,
        logs: Vec::new(),
        patience: PATIENCE,
        launch: None,
    }
}

async fn serve(stream: TcpStream, relay: Person, table: Table, fault: Fault) {
    let Ok((mut socket, _)) = accept(stream, PATIENCE).await else { return };
    let Heard::Binary(mut message) = socket.next().await else { return };
    match fault {
        Fault::Closes => return close(&mut socket).await,
        Fault::Silent => return std::future::pending().await,
        Fault::Echoes => loop {
            let _ = socket.send_binary(&message).await;
            let Heard::Binary(next) = socket.next().await else { return };
            message = next;
        },
        Fault::PaddedHello => message.resize(172, 0),
        Fault::None | Fault::MaskFromTail | Fault::FlipsABit => {}
    }
    let hello = match accept_hello(&relay.keys, &message) {
        Ok(hello) => hello,
        // The model refuses the padded hello by its signature; this relay would not look.
        Err(_) if fault == Fault::PaddedHello => {
            return welcome_anyway(&mut socket, &relay, &message).await;
        }
        Err(_) => return close(&mut socket).await,
    };
    let reply = reply_ok(&relay.keys, hello.peer.x, hello.mark[..24].try_into().expect("24"));
    let packet = reply.expect("an honest key").split_off(8);
    let reply = downlink(&hello, &[&RELAY_ID[..], &packet].concat(), fault);
    let (sender, mut waiting) = unbounded_channel();
    table.lock().expect("unpoisoned").insert(hello.peer.id(), sender);
    let _ = socket.send_binary(&reply).await;
    loop {
        tokio::select! {
            heard = socket.next() => match heard {
                Heard::Binary(frame) => forward(&hello, &table, &frame, fault),
                Heard::Close(_) | Heard::End => return,
                _ => {}
            },
            Some(packet) = waiting.recv() => {
                let _ = socket.send_binary(&downlink(&hello, &packet, fault)).await;
            }
        }
    }
}

async fn close(socket: &mut Socket) {
    let _ = socket.send(CLOSE, &[]).await;
}

async fn welcome_anyway(socket: &mut Socket, relay: &Person, message: &[u8]) {
    let x = message[..32].try_into().expect("32 bytes");
    let _ = socket.send_binary(&reply_ok(&relay.keys, x, [7; 24]).expect("an honest key")).await;
}

/// Queues `from ‖ packet` for the recipient.
fn forward(hello: &Hello, table: &Table, frame: &[u8], fault: Fault) {
    let Ok((to, mut packet)) = read_uplink(route_keys(hello.shared).c2s, frame) else { return };
    if fault == Fault::FlipsABit {
        packet[30] ^= 1;
    }
    if let Some(recipient) = table.lock().expect("unpoisoned").get(&to) {
        let _ = recipient.send([&hello.peer.id()[..], &packet].concat());
    }
}

fn downlink(hello: &Hello, queued: &[u8], fault: Fault) -> Vec<u8> {
    let (from, packet) = queued.split_at(8);
    let (from, s2c) = (from.try_into().expect("8 bytes"), route_keys(hello.shared).s2c);
    if fault != Fault::MaskFromTail {
        return frame::downlink(s2c, from, packet);
    }
    let mask = primitives::keystream(s2c, packet[12..24].try_into().expect("12 bytes"), 8);
    let header: Vec<u8> = from.iter().zip(mask).map(|(id, mask)| id ^ mask).collect();
    [&header, packet].concat()
}
