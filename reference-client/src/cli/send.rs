//! `send`: one text, until it is acknowledged.

use super::{
    options::Place,
    session::{self, Verdict},
    trouble::Trouble,
};
use crate::{
    contract::{Code, Command, Event, Hex},
    diagnostics::say,
    pump::Ask,
};
use sealwire::identity::{Invite, MAX_SCRATCH};
use std::{ops::ControlFlow, time::Duration};

pub(super) struct Letter {
    pub(super) to: String,
    pub(super) text: String,
    pub(super) nick: Option<String>,
    pub(super) timeout: Duration,
}

pub(super) fn run(place: Place, letter: &Letter) -> Result<(), Trouble> {
    let mut scratch = [0; MAX_SCRATCH];
    let invite = Invite::decode(&letter.to, &mut scratch)
        .map_err(|error| Trouble::usage(format!("--to: the invite breaks {error}")))?;
    let peer = Hex(*invite.peer.x25519());
    let mut commands =
        vec![Command::Contact { invite: letter.to.clone(), name: None, reference: None }];
    if let Some(name) = letter.nick.clone() {
        commands.push(Command::Introduce { peer, name, reference: None });
    }
    let text = letter.text.clone();
    commands.push(Command::Send { peer, text, uuid: None, reference: None });

    let (asks, asked) = session::asks();
    for command in commands {
        // The queue holds more than these, and its receiver is in this function.
        let _ = asks.try_send(Ask::Command(command));
    }
    let undelivered = format!(
        "not acknowledged in {:?}; is the recipient online, and are we a contact there?",
        letter.timeout
    );
    let mut ready = false;
    let hear = move |event: Event| hear(&event, &mut ready);
    let deadline = (letter.timeout, Trouble::environment(undelivered));
    let outcome = session::run(place, asked, hear, Some(deadline));
    // Until now it kept the run from ending.
    drop(asks);
    outcome
}

fn hear(event: &Event, ready: &mut bool) -> Verdict {
    match event {
        Event::Delivered { .. } => return ControlFlow::Break(Ok(())),
        Event::Ready { .. } => *ready = true,
        Event::Undeliverable { .. } => say("the recipient is offline; waiting"),
        Event::Error(fault) if !fault.fatal && is_passing(fault.code, *ready) => {
            say(&format!("{}; trying again", fault.detail));
        }
        Event::Error(fault) => return ControlFlow::Break(Err(fault.into())),
        _ => {}
    }
    ControlFlow::Continue(())
}

/// Whether it may be over in time. Before the first session a failed connection is most likely a
/// mistake in what was typed.
fn is_passing(code: Code, ready: bool) -> bool {
    match code {
        Code::IdInUse => true,
        Code::Disconnected | Code::Unreachable | Code::HelloUnanswered | Code::ReplyRefused => {
            ready
        }
        _ => false,
    }
}
