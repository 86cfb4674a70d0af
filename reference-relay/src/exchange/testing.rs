//! What the unit tests of the core share: limits, identities, sessions without a handshake's wait.

use super::{
    port::Port,
    session::{Line, Session},
};
use crate::limits::Limits;
use sealwire::{
    handshake::{Admitted, AwaitHello, HELLO, Hello, hello},
    identity::Identity,
    primitives::{FreshNonce, Secret},
};
use std::{sync::Arc, time::Duration};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const TICK: Duration = Duration::from_millis(1);

pub(super) fn limits(settings: &[&str]) -> Arc<Limits> {
    let mut limits = Limits::default();
    settings.iter().for_each(|setting| limits.set(setting).unwrap());
    Arc::new(limits)
}

/// Number 0 is the relay.
pub(super) fn identity(number: u8) -> Identity {
    Identity::from_seeds(&Secret::new([number; 32]), &Secret::new([!number; 32])).unwrap()
}

/// The token that a hello with this nonce yields.
pub(super) fn admitted(number: u8, nonce: u8) -> Admitted {
    let relay = identity(0);
    let mut bytes = [0; HELLO];
    let nonce = FreshNonce::from_random([nonce; 24]);
    hello(&mut bytes, &identity(number), relay.public(), nonce).unwrap();
    match AwaitHello::new(&relay).receive(&mut bytes) {
        Ok(Hello::Admitted(admitted)) => admitted,
        other => panic!("{other:?}"),
    }
}

/// A session of this client on the line of the same number, begun at one second.
pub(super) fn session(number: u8, limits: &Arc<Limits>) -> Arc<Session> {
    let port = Arc::new(Port::new(Line(number.into()), Arc::clone(limits), SECOND));
    Arc::new(Session { port, link: admitted(number, 1).into_link() })
}
