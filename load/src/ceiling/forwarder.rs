//! All clients, in one thread: each is read, its frames are moved, and written to the next.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use foldhash::fast::RandomState;
use rustix::fd::OwnedFd;
use sealwire::frame::{COMMAND_OVERHEAD, MAX, Uplink, address_from};
use sealwire::handshake::{AwaitHello, Hello, RelayLink};
use sealwire::identity::{Identity, PeerId};
use sealwire::primitives::FreshNonce;
use sealwire::relay::FromRelay;

use super::connection::{Connection, Route, Run, Stage, Written};
use crate::machine::{Poll, accept};
use crate::websocket::{self, Head, Opcode, upgrade};

/// The listener's place among the tokens.
const LISTENER: usize = usize::MAX;
/// How long it sleeps when nothing happens.
const LONG: Duration = Duration::from_secs(60);

/// All clients.
pub(super) struct Forwarder {
    listener: OwnedFd,
    poll: Poll,
    identity: Identity,
    mask: bool,
    clients: Vec<Option<Connection>>,
    /// The keys of those that are live, by the same places.
    links: Vec<Option<Box<RelayLink>>>,
    free: Vec<usize>,
    table: HashMap<PeerId, usize, RandomState>,
    /// Who can go on, because there is room again.
    again: Vec<usize>,
}

/// A client that is to be let go.
struct Gone;

impl From<io::Error> for Gone {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Forwarder {
    /// Nobody is here yet.
    pub(super) fn new(
        listener: OwnedFd,
        poll: Poll,
        identity: Identity,
        mask: bool,
    ) -> io::Result<Self> {
        poll.watch(&listener, LISTENER)?;
        Ok(Self {
            listener,
            poll,
            identity,
            mask,
            clients: Vec::new(),
            links: Vec::new(),
            free: Vec::new(),
            table: HashMap::default(),
            again: Vec::new(),
        })
    }

    /// For ever.
    pub(super) fn serve(mut self) -> io::Result<()> {
        loop {
            self.poll.wait(LONG)?;
            for at in 0..self.poll.changed() {
                let ready = self.poll.ready(at);
                if ready.token == LISTENER {
                    self.welcome()?;
                    continue;
                }
                if ready.writable
                    && let Ok(client) = self.client(ready.token)
                {
                    let waiting = std::mem::take(&mut client.waiting);
                    self.again.extend(waiting);
                }
                if ready.ended
                    && let Ok(client) = self.client(ready.token)
                {
                    client.ended = true;
                }
                if ready.readable {
                    self.again.push(ready.token);
                }
                while let Some(index) = self.again.pop() {
                    self.drive(index);
                }
            }
        }
    }

    fn welcome(&mut self) -> io::Result<()> {
        while let Some(socket) = accept(&self.listener)? {
            let index = self.free.pop().unwrap_or(self.clients.len());
            if index == self.clients.len() {
                self.clients.push(None);
                self.links.push(None);
            }
            self.poll.watch(&socket, index)?;
            self.clients[index] = Some(Connection::new(socket));
        }
        Ok(())
    }

    /// Moves what there is from a client, until there is nothing more or no room.
    fn drive(&mut self, index: usize) {
        if self.pass_on(index).is_err() {
            self.let_go(index);
        }
    }

    fn pass_on(&mut self, index: usize) -> Result<(), Gone> {
        loop {
            if !self.flush(index)? {
                return Ok(());
            }
            let Some(more) = self.client(index)?.fill()? else { return Ok(()) };
            while self.take(index)? {}
            if !self.flush(index)? || !more {
                return Ok(());
            }
        }
    }

    fn client(&mut self, index: usize) -> Result<&mut Connection, Gone> {
        self.clients.get_mut(index).and_then(Option::as_mut).ok_or(Gone)
    }

    /// Writes what is ready. False if somebody has no room.
    fn flush(&mut self, index: usize) -> Result<bool, Gone> {
        while let Some(Run { target, end }) = self.client(index)?.runs.front().copied() {
            // Who is not there, or writes to itself, gets nothing.
            let written = match self.clients.get_disjoint_mut([index, target]) {
                Ok([Some(client), Some(other)]) => {
                    other.write_from(client, index, end, &mut self.again)
                }
                _ => Ok(Written::All),
            };
            match written {
                Ok(Written::Part) => return Ok(false),
                Ok(Written::All) => {}
                Err(_) => self.let_go(target),
            }
            self.client(index)?.run_is_done();
        }
        Ok(true)
    }

    /// Takes one thing from what has come. False if it is not here whole.
    fn take(&mut self, index: usize) -> Result<bool, Gone> {
        let client = self.client(index)?;
        if matches!(client.stage, Stage::Upgrading) {
            let asked = upgrade::answer(client.raw()).map_err(|_| Gone)?;
            let Some((answer, length)) = asked else { return Ok(false) };
            client.consume(length);
            client.stage = Stage::Greeting;
            client.say(&answer)?;
            return Ok(true);
        }
        let Some((head, size)) = Head::parse(client.raw()).map_err(|_| Gone)? else {
            return Ok(false);
        };
        if head.length > MAX {
            return Err(Gone);
        }
        if client.raw().len() < size + head.length {
            client.enlarge();
            return Ok(false);
        }
        match (head.opcode, client.stage) {
            (Opcode::Binary, Stage::Live) => self.forward(index, head, size)?,
            (Opcode::Binary, _) => self.greet(index, head, size)?,
            (Opcode::Text, _) => client.answer(head, size, Opcode::Text, Some(b"pong"))?,
            (Opcode::Ping, _) => client.answer(head, size, Opcode::Pong, None)?,
            (Opcode::Pong, _) => client.consume(size + head.length),
            (Opcode::Close | Opcode::Continuation, _) => return Err(Gone),
        }
        Ok(true)
    }

    /// The path of a frame.
    fn forward(&mut self, index: usize, head: Head, size: usize) -> Result<(), Gone> {
        let client = self.clients.get_mut(index).and_then(Option::as_mut).ok_or(Gone)?;
        let known = client.route.filter(|_| !self.mask);
        let payload = client.unmask(head, size);
        let route = match (known, payload.first_chunk_mut()) {
            (Some(route), Some(header)) => {
                *header = route.header;
                Some(route)
            }
            _ => route(&self.links, &self.table, index, payload),
        };
        let Some(route) = route else { return Ok(()) };
        client.ready(head, route.target);
        if client.route.is_none() {
            client.route = Some(route);
            client.enlarge();
            self.client(route.target)?.is_target = true;
        }
        Ok(())
    }

    fn greet(&mut self, index: usize, head: Head, size: usize) -> Result<(), Gone> {
        let client = self.clients.get_mut(index).and_then(Option::as_mut).ok_or(Gone)?;
        let message = client.unmask(head, size);
        let link = match AwaitHello::new(&self.identity).receive(message) {
            Ok(Hello::Admitted(admitted)) => admitted.into_link(),
            _ => return Err(Gone),
        };
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|_| Gone)?;
        let mut ok = [0; COMMAND_OVERHEAD + 1];
        let nonce = FreshNonce::from_random(nonce);
        link.seal_event(&mut ok, &self.identity, nonce, &FromRelay::HandshakeOk)
            .map_err(|_| Gone)?;
        client.stage = Stage::Live;
        self.table.insert(link.peer().id(), index);
        self.links[index] = Some(Box::new(link));
        client.say(&websocket::frame(Opcode::Binary, &ok, None))?;
        Ok(())
    }

    fn let_go(&mut self, index: usize) {
        let Some(client) = self.clients.get_mut(index).and_then(Option::take) else { return };
        self.free.push(index);
        if let Some(link) = self.links[index].take() {
            let id = link.peer().id();
            if self.table.get(&id) == Some(&index) {
                self.table.remove(&id);
            }
        }
        self.again.extend(&client.waiting);
        if client.is_target {
            let clients = self.clients.iter_mut().flatten();
            for other in clients.filter(|other| other.leads_to(index)) {
                other.route = None;
            }
        }
        // Half a frame of it stands at its recipient, whose stream cannot go on.
        if let Some(target) = client.runs.front().map(|run| run.target)
            && self.client(target).is_ok_and(|target| target.writer == Some(index))
        {
            self.let_go(target);
        }
    }
}

/// Who gets a frame: looked up, and its header masked anew.
fn route(
    links: &[Option<Box<RelayLink>>],
    table: &HashMap<PeerId, usize, RandomState>,
    index: usize,
    frame: &mut [u8],
) -> Option<Route> {
    let own = links.get(index)?.as_ref()?;
    let to = Uplink::parse(frame).ok()?.to(own.routes());
    let target = *table.get(&to)?;
    let other = links.get(target)?.as_ref()?;
    address_from(frame, other.routes(), own.peer().id()).ok()?;
    Some(Route { target, header: *frame.first_chunk()? })
}
