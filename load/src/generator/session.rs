//! One connection of one client: upgrade, hello, reply, frames, end.
//!
//! It keeps no buffer but for the first bytes of a frame that is not whole yet: what the rest of a
//! frame holds is not looked at, so it is not kept.

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use sealwire::handshake::{AwaitReply, ClientLink, HELLO, Reply, hello};
use sealwire::identity::Identity;
use sealwire::primitives::FreshNonce;

use super::relay::Relay;
use crate::websocket::{
    self, Head, KEY, Opcode,
    upgrade::{self, Refused},
};

/// The mask key of every frame. It guards proxies against scripts; here are neither, and one key
/// for all lets frames be built once.
pub(crate) const MASK: [u8; KEY] = [0x5e, 0xa1, 0x3b, 0xc7];
/// Bytes of a frame that are wanted of what a relay itself says: more than any error takes.
const EVENT: usize = 512;
/// The longest control frame.
const CONTROL: usize = 125;

/// What a session is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// It does nothing: nothing is wanted of what comes.
    #[default]
    Idle,
    /// It sends or receives frames.
    Pair,
    /// It is to receive frames, and will not read.
    Stalled,
}

/// How a connection ended, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// There is no connection: refused, or out of descriptors or ports.
    Unreachable(String),
    /// The other side is no relay of version 2, or not this one.
    Foreign(String),
    /// The relay has no room for it (`[relay/sockets-limit]`).
    Busy,
    /// The relay ended it before its reply.
    NoReply,
    /// Another session has this id.
    IdInUse,
    /// The relay ended it, with this code if it said one.
    Closed(Option<u16>),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Foreign(why) => f.write_str(why),
            Self::Busy => f.write_str("it answers the upgrade with 503"),
            Self::NoReply => f.write_str("it closed the connection before its reply to the hello"),
            Self::IdInUse => f.write_str("it says that the id is in use; take another --seed"),
            Self::Closed(Some(code)) => write!(f, "it closed a session with {code}"),
            Self::Closed(None) => f.write_str("it closed a session without a code"),
        }
    }
}

/// How far a connection is.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Away,
    Dialing,
    Upgrading,
    Greeting(Box<AwaitReply>),
    Live,
}

/// One client's connection.
#[derive(Debug, Default)]
pub(crate) struct Session {
    socket: Option<OwnedFd>,
    stage: Stage,
    /// The keys of the session, for those whose frames are made or read.
    pub(crate) link: Option<Box<ClientLink>>,
    role: Role,
    /// Part of a frame is written: nothing else may be.
    pub(crate) mid_frame: bool,
    /// The end is there, behind what is not read yet.
    pub(crate) ended: bool,
    /// The second in which the relay was heard last.
    pub(crate) heard: u32,
    /// The head of a frame and the bytes that are wanted, not all of them yet.
    held: Vec<u8>,
    /// A frame whose last bytes are awaited, and those that are wanted.
    begun: Option<(Head, Vec<u8>)>,
    skip: usize,
}

impl Session {
    /// A connection that has begun to dial.
    pub(crate) fn dialing(socket: OwnedFd, role: Role) -> Self {
        Self { socket: Some(socket), stage: Stage::Dialing, role, ..Self::default() }
    }

    /// Whether frames go.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live)
    }

    /// Whether there is a connection, or one is being made.
    pub(crate) const fn is_here(&self) -> bool {
        !matches!(self.stage, Stage::Away)
    }

    /// Goes on with what comes before the first frame. True once the session is live.
    pub(crate) fn greet(
        &mut self,
        relay: &Relay,
        identity: &Identity,
        scratch: &mut [u8],
    ) -> Result<bool, End> {
        if matches!(self.stage, Stage::Dialing) {
            let Some(socket) = &self.socket else { return Ok(false) };
            match rustix::net::sockopt::socket_error(socket) {
                Ok(Ok(())) => {}
                Ok(Err(error)) | Err(error) => return Err(unreachable(error)),
            }
            match write(socket, &relay.request) {
                Ok(_) => self.stage = Stage::Upgrading,
                Err(Errno::AGAIN | Errno::NOTCONN) => return Ok(false),
                Err(error) => return Err(unreachable(error)),
            }
        }
        while matches!(self.stage, Stage::Upgrading) {
            let Some((filled, more)) = self.fill(scratch).map_err(early)? else { return Ok(false) };
            match upgrade::answered(&scratch[..filled]) {
                Ok(Some(length)) => {
                    self.say_hello(relay, identity)?;
                    self.parse(&mut scratch[length..filled], &mut |_, _| ()).map_err(early)?;
                }
                Ok(None) => self.held.extend_from_slice(&scratch[..filled]),
                Err(Refused::Busy) => return Err(End::Busy),
                Err(Refused::Foreign(why)) => return Err(End::Foreign(why)),
            }
            if !more {
                return Ok(false);
            }
        }
        self.receive(scratch, &mut |_, _| ()).map_err(early)?;
        Ok(self.is_live())
    }

    fn say_hello(&mut self, relay: &Relay, identity: &Identity) -> Result<(), End> {
        let mut nonce = [0; 24];
        let mut message = [0; HELLO];
        getrandom::fill(&mut nonce)
            .map_err(|error| End::Unreachable(format!("no random bytes: {error}")))?;
        let nonce = FreshNonce::from_random(nonce);
        let waiting = hello(&mut message, identity, &relay.keys, nonce);
        let waiting = waiting.map_err(|clause| End::Foreign(clause.to_string()))?;
        self.write(&websocket::frame(Opcode::Binary, &message, Some(MASK)))?;
        self.stage = Stage::Greeting(Box::new(waiting));
        Ok(())
    }

    /// Reads what is there. `take` gets, of each binary frame that is whole, the first bytes that are
    /// wanted and the length of all.
    pub(crate) fn receive(
        &mut self,
        scratch: &mut [u8],
        take: &mut impl FnMut(&mut [u8], usize),
    ) -> Result<(), End> {
        while let Some((filled, more)) = self.fill(scratch)? {
            self.parse(&mut scratch[..filled], take)?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// What was held and what is new, in front of `scratch`, and whether more may wait.
    fn fill(&mut self, scratch: &mut [u8]) -> Result<Option<(usize, bool)>, End> {
        let Some(socket) = &self.socket else { return Ok(None) };
        let (held, free) = scratch.split_at_mut(self.held.len());
        loop {
            match read(socket, &mut *free) {
                Ok(0) => return Err(End::Closed(None)),
                Ok(count) => {
                    held.copy_from_slice(&self.held);
                    self.held.clear();
                    // A read that leaves room has taken everything, but for the end.
                    let more = self.ended || count == free.len();
                    return Ok(Some((held.len() + count, more)));
                }
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(_) => return Err(End::Closed(None)),
            }
        }
    }

    fn parse(
        &mut self,
        bytes: &mut [u8],
        take: &mut impl FnMut(&mut [u8], usize),
    ) -> Result<(), End> {
        let mut rest = bytes;
        loop {
            let skipped = self.skip.min(rest.len());
            self.skip -= skipped;
            rest = &mut rest[skipped..];
            if self.skip > 0 {
                break;
            }
            if let Some((head, mut first)) = self.begun.take() {
                self.frame(&head, &mut first, take)?;
            }
            let foreign = |_| End::Foreign("it does not keep RFC 6455".to_owned());
            let Some((head, size)) = Head::parse(rest).map_err(foreign)? else { break };
            let wanted = self.wanted(&head)?;
            if rest.len() < size + wanted {
                break;
            }
            self.skip = size + head.length;
            let whole = rest.len() >= self.skip;
            let first = &mut rest[size..size + wanted];
            if whole {
                self.frame(&head, first, take)?;
            } else {
                self.begun = Some((head, first.to_vec()));
            }
        }
        self.held.extend_from_slice(rest);
        Ok(())
    }

    /// How many bytes of the payload must be here before it is looked at.
    fn wanted(&self, head: &Head) -> Result<usize, End> {
        let foreign = |why: &str| Err(End::Foreign(why.to_owned()));
        match head.opcode {
            _ if head.key.is_some() => foreign("it masks its frames"),
            Opcode::Continuation => foreign("it fragments messages, which is not measured here"),
            Opcode::Binary | Opcode::Text if !head.last => {
                foreign("it fragments messages, which is not measured here")
            }
            Opcode::Text => Ok(0),
            Opcode::Binary if self.is_live() && self.role == Role::Idle => Ok(0),
            Opcode::Binary => Ok(head.length.min(EVENT)),
            _ if head.length > CONTROL => foreign("it does not keep RFC 6455"),
            _ => Ok(head.length),
        }
    }

    fn frame(
        &mut self,
        head: &Head,
        payload: &mut [u8],
        take: &mut impl FnMut(&mut [u8], usize),
    ) -> Result<(), End> {
        match head.opcode {
            Opcode::Binary if self.is_live() => take(payload, head.length),
            Opcode::Binary => self.replied(payload)?,
            Opcode::Ping => self.say(Opcode::Pong, payload)?,
            Opcode::Close => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                return Err(End::Closed(code));
            }
            _ => {}
        }
        Ok(())
    }

    fn replied(&mut self, message: &mut [u8]) -> Result<(), End> {
        let Stage::Greeting(waiting) = std::mem::take(&mut self.stage) else {
            return Err(End::Foreign("it sends a frame before it is greeted".to_owned()));
        };
        match waiting.receive(message) {
            Ok(Reply::Session(link)) => {
                self.link = (self.role != Role::Idle).then(|| Box::new(link));
                self.stage = Stage::Live;
                Ok(())
            }
            Ok(Reply::IdInUse) => Err(End::IdInUse),
            Ok(Reply::BadVersion { supported }) => {
                Err(End::Foreign(format!("it speaks version {supported} only")))
            }
            Err((_, clause)) => {
                Err(End::Foreign(format!("its reply breaks [{clause}]: are the keys its own?")))
            }
        }
    }

    /// A control frame or a text `ping`. In the middle of a frame there is none: the frame itself is
    /// life.
    pub(crate) fn say(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), End> {
        if self.mid_frame {
            return Ok(());
        }
        let frame = websocket::frame(opcode, payload, Some(MASK));
        let written = self.write(&frame)?;
        // A relay that reads nothing for long enough to fill a socket ends the session anyway.
        if written == 0 || written == frame.len() { Ok(()) } else { Err(End::Closed(None)) }
    }

    /// Writes what fits.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<usize, End> {
        let Some(socket) = &self.socket else { return Err(End::Closed(None)) };
        loop {
            match write(socket, bytes) {
                Ok(count) => return Ok(count),
                Err(Errno::AGAIN) => return Ok(0),
                Err(Errno::INTR) => {}
                Err(_) => return Err(End::Closed(None)),
            }
        }
    }
}

/// The end of a session that has not begun.
fn early(end: End) -> End {
    match end {
        End::Closed(_) => End::NoReply,
        other => other,
    }
}

fn unreachable(error: Errno) -> End {
    End::Unreachable(std::io::Error::from(error).to_string())
}

#[cfg(test)]
mod tests;
