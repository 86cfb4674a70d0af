//! `listen`: texts as lines for people.

use super::{
    options::Place,
    session::{self, Verdict},
    trouble::{Trouble, print},
};
use crate::{
    contract::{Code, Command, Event, Fault},
    diagnostics::{one_line, say},
    pump::Ask,
};
use std::{ops::ControlFlow, thread};

pub(super) fn run(place: Place, contacts: &[String]) -> Result<(), Trouble> {
    let mut hearer = Hearer::default();
    let (asks, asked) = session::asks();
    let feed = asks.clone();
    let contacts = contacts.to_vec();
    thread::spawn(move || {
        for invite in contacts {
            let command = Command::Contact { invite, name: None, reference: None };
            if feed.blocking_send(Ask::Command(command)).is_err() {
                return;
            }
        }
    });
    let outcome = session::run(place, asked, move |event| hearer.hear(event), None);
    // Until now it kept the run from ending.
    drop(asks);
    outcome
}

#[derive(Default)]
struct Hearer {
    ready: bool,
}

impl Hearer {
    fn hear(&mut self, event: Event) -> Verdict {
        let line = match event {
            Event::Message { name, peer, text, .. } => {
                let name = if name.is_empty() { peer.to_string() } else { name };
                Some(format!("{}: {}\n", one_line(&name), one_line(&text)))
            }
            Event::Ready { id, .. } => {
                self.ready = true;
                say(&format!("listening as {id}"));
                None
            }
            Event::Introduced { person, invite, known: false, .. } => {
                say(&format!("introduction of {:?}, not verified: {invite}", person.name));
                None
            }
            Event::Notice { text } => {
                say(&format!("notice of the relay: {text}"));
                None
            }
            Event::Error(fault) => return self.fault(&fault),
            _ => None,
        };
        match line.map_or(Ok(()), |line| print(&line)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(trouble) => ControlFlow::Break(Err(trouble)),
        }
    }

    /// Before the first session a fault is most likely a mistake in what was typed.
    fn fault(&self, fault: &Fault) -> Verdict {
        if fault.fatal || !(self.ready || fault.code == Code::IdInUse) {
            return ControlFlow::Break(Err(fault.into()));
        }
        let retry = fault.retry_ms.map(|wait| format!("; trying again in {wait} ms"));
        say(&format!("{}{}", fault.detail, retry.unwrap_or_default()));
        ControlFlow::Continue(())
    }
}
