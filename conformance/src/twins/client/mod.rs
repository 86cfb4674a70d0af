//! The client twin: a naive client on the model that keeps the contract, with one fault or none.
//!
//! One task, one connection at a time; what it remembers stands in [`book`], what it makes of a
//! frame in [`inbox`], what it sends in [`outbox`].

mod book;
mod inbox;
mod lines;
mod outbox;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, interval, timeout_at};

use super::faults::client::Fault;
use super::lenient;
use crate::live::socket::{CLOSE, Heard, Socket};
use crate::live::upgrade::Address;
use crate::live::waits::Waits;
use crate::model::frame::{Routes, route_keys};
use crate::model::handshake::hello_parts;
use crate::model::identity::{Keys, Public};
use crate::model::primitives::x25519;
use book::Book;
use lines::{Events, Order, orders};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How often a client says `ping` in text that does.
const TEXT_PING: Duration = Duration::from_secs(1);
/// How long one who stays away does.
const AWAY: Duration = Duration::from_secs(10);

/// The command line of the reference client, as far as the live cases use it.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What it does wrong; may be given again.
    #[arg(long)]
    fault: Vec<Fault>,
    /// It does all that version 2 permits and the specification asks a new client not to do.
    #[arg(long, conflicts_with = "fault")]
    lenient: bool,
    /// A wait.
    #[arg(long)]
    set: Vec<String>,
}

/// Runs until `quit` or a fatal error.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(async { Client::new(arguments)?.run().await }));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("twin-client: {complaint}");
            ExitCode::from(3)
        }
    }
}

/// Why a connection is over.
enum End {
    /// The user wants no more.
    Quit,
    /// The relay asks for another version: nothing is tried again.
    Fatal(String),
    /// Another session holds the id.
    InUse,
    /// Anything else.
    Broken,
}

/// The client.
struct Client {
    keys: Keys,
    public: Public,
    relay: Public,
    address: Address,
    shared: [u8; 32],
    routes: Routes,
    waits: Waits,
    faults: Vec<Fault>,
    /// Whether it has the habits of a lenient client that break no clause: it counts its message
    /// ids, and says `ping` in text.
    habits: bool,
    orders: Receiver<Order>,
    events: Events,
    book: Book,
    nonces: u64,
    message_ids: u16,
    /// When the session was opened, if there is one.
    session: Option<Instant>,
}

impl Client {
    fn new(arguments: &Arguments) -> Result<Self, String> {
        let variable = |name: &str| {
            let name = format!("SEALWIRE_{name}");
            std::env::var(&name).map_err(|error| format!("{name}: {error}"))
        };
        let key = |name: &str| -> Result<[u8; 32], String> {
            let mut key = [0; 32];
            let decoded = hex::decode_to_slice(variable(name)?, &mut key);
            decoded.map(|()| key).map_err(|error| format!("SEALWIRE_{name}: {error}"))
        };
        let keys = Keys::from_seeds(key("X25519_SEED")?, key("ED25519_SEED")?);
        let relay = Public::import(key("RELAY_X25519")?, key("RELAY_ED25519")?)?;
        let shared = x25519(keys.x_seed, relay.x)?;
        let mut waits = Waits::SPECIFIED;
        for assignment in &arguments.set {
            waits.set(assignment).ok_or_else(|| format!("--set {assignment}: no such wait"))?;
        }
        Ok(Self {
            public: keys.public(),
            keys,
            relay,
            address: Address::parse(&variable("RELAY_URL")?)?,
            shared,
            routes: route_keys(shared),
            waits,
            faults: if arguments.lenient { lenient::CLIENT } else { &arguments.fault[..] }.to_vec(),
            habits: arguments.lenient,
            orders: orders(),
            events: Events::default(),
            book: Book::default(),
            nonces: 0,
            message_ids: 0,
            session: None,
        })
    }

    /// Whether it has this fault.
    fn does(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// One connection after the other.
    async fn run(mut self) -> Result<(), String> {
        let (mut ends, mut in_use) = (0, 0);
        loop {
            let end = self.connection().await;
            if let Some(begun) = self.session.take() {
                in_use = 0;
                if begun.elapsed() >= self.waits.reset {
                    ends = 0;
                }
            }
            let wait = match end {
                End::Quit => return Ok(()),
                End::Fatal(why) => return Err(why),
                End::InUse => {
                    in_use += 1;
                    self.in_use(in_use)?
                }
                End::Broken => {
                    ends += 1;
                    let wait = self.back(ends - 1);
                    let retry = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    self.remark("disconnected", json!({ "retry_ms": retry }));
                    wait
                }
            };
            if !self.wait(wait).await {
                return Ok(());
            }
        }
    }

    /// The wait after so many ends in a row.
    fn back(&self, ends: u32) -> Duration {
        let bound = self.waits.bound(if self.does(Fault::NeverDoubles) { 0 } else { ends });
        if self.does(Fault::StaysAway) {
            AWAY
        } else if self.does(Fault::NoJitter) {
            bound
        } else {
            bound.mul_f64(chance())
        }
    }

    /// The alarm of an id in use, for the time of this number in a row, and the wait behind it.
    fn in_use(&mut self, time: usize) -> Result<Duration, String> {
        let wait = self.waits.id_in_use.get(time - 1).copied();
        let fatal = wait.is_none() && !self.does(Fault::RetriesForEver);
        if !self.does(Fault::RetriesSilently) {
            let detail = "another session holds this id";
            let members = json!({ "code": "id_in_use", "detail": detail, "fatal": fatal });
            self.events.say("error", members);
        }
        match wait {
            _ if fatal => Err("the id is in use".to_owned()),
            Some(wait) if !self.does(Fault::RetriesAtOnce) => {
                Ok(wait + wait.mul_f64(chance() / 5.0))
            }
            _ => Ok(self.waits.first),
        }
    }

    /// Lets time pass; orders are taken meanwhile. `false` if it is to end.
    async fn wait(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while let Ok(order) = timeout_at(until, self.orders.recv()).await {
            match order {
                None | Some(Order::Quit) => return false,
                Some(order) => self.note(order),
            }
        }
        true
    }

    /// One connection from its hello to its end.
    async fn connection(&mut self) -> End {
        let Ok(mut socket) = self.address.connect(CONNECT).await else { return End::Broken };
        if !self.greet(&mut socket).await {
            return End::Broken;
        }
        let mut heard_at = Instant::now();
        let mut pinging = interval(TEXT_PING);
        loop {
            if self.session.is_some() || self.does(Fault::SendsEarly) {
                self.flush(&mut socket).await;
            }
            let until = heard_at + self.patience();
            let heard = tokio::select! {
                order = self.orders.recv() => match order {
                    None | Some(Order::Quit) => {
                        self.leave(&mut socket).await;
                        return End::Quit;
                    }
                    Some(order) => {
                        self.note(order);
                        continue;
                    }
                },
                _ = pinging.tick(), if self.habits && self.session.is_some() => {
                    // A relay that is gone is seen by the next read.
                    let _ = socket.send_text("ping").await;
                    continue;
                }
                heard = timeout_at(until, socket.next()) => heard,
            };
            let Ok(heard) = heard else { return self.silent() };
            if matches!(heard, Heard::Binary(_)) || !self.does(Fault::FramesAreLife) {
                heard_at = Instant::now();
            }
            if let Some(end) = self.hear(&mut socket, heard).await {
                return end;
            }
        }
    }

    /// Says hello; `false` if nobody takes it.
    async fn greet(&mut self, socket: &mut Socket) -> bool {
        let nonce = self.nonce();
        let Ok(mut parts) = hello_parts(&self.keys, self.relay.x, nonce) else { return false };
        if self.does(Fault::HelloGrows) {
            parts.inner.push(0);
        }
        socket.send_binary(&parts.bytes()).await.is_ok()
    }

    /// How long nothing may come.
    fn patience(&self) -> Duration {
        if self.does(Fault::NeverTiresOfSilence) { AWAY * 100 } else { self.waits.silence }
    }

    /// What one message leads to; the end, if it does.
    async fn hear(&mut self, socket: &mut Socket, heard: Heard) -> Option<End> {
        match heard {
            Heard::Binary(frame) if self.session.is_some() => {
                self.frame(socket, &frame).await.then_some(End::Broken)
            }
            Heard::Binary(reply) => match self.reply(&reply) {
                Err(End::Broken) if self.does(Fault::AwaitsBetterReply) => None,
                Err(end) => {
                    self.leave(socket).await;
                    Some(end)
                }
                Ok(()) => {
                    self.begin();
                    None
                }
            },
            Heard::Close(_) => {
                self.leave(socket).await;
                Some(End::Broken)
            }
            Heard::End => Some(End::Broken),
            Heard::Text(_) | Heard::Ping(_) | Heard::Pong(_) => None,
        }
    }

    /// Nothing came for too long.
    fn silent(&mut self) -> End {
        self.remark("silence", json!({ "clause": "handshake/silence" }));
        End::Broken
    }

    /// An `error` that ends nothing.
    fn remark(&mut self, code: &str, members: Value) {
        let mut whole = json!({ "code": code, "detail": "" });
        if let (Value::Object(whole), Value::Object(members)) = (&mut whole, members) {
            whole.extend(members);
        }
        self.events.say("error", whole);
    }

    /// A session stands.
    fn begin(&mut self) {
        self.session = Some(Instant::now());
        self.book.begin();
        let Public { x, ed } = self.public;
        self.events.say("ready", json!({ "x25519": hex::encode(x), "ed25519": hex::encode(ed) }));
    }

    /// Says goodbye; a relay that is gone does not hear it.
    async fn leave(&self, socket: &mut Socket) {
        let _ = socket.send(CLOSE, &1000u16.to_be_bytes()).await;
    }

    /// The next message id: zero, or a count where the client has a habit of counting.
    fn message_id(&mut self) -> u16 {
        self.message_ids = self.message_ids.wrapping_add(self.habits.into());
        self.message_ids
    }

    /// 24 fresh bytes.
    fn nonce(&mut self) -> [u8; 24] {
        if self.does(Fault::CountsNonces) {
            self.nonces += 1;
            let count = self.nonces.to_be_bytes();
            return core::array::from_fn(|i| count[i % 8]);
        }
        random()
    }
}

/// Random bytes of the system.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// A number between 0 and 1.
fn chance() -> f64 {
    f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX)
}
