//! `keygen`, `whoami`, `invite`: identities without a relay.

use super::trouble::{Trouble, print};
use crate::keyfile::{self, Seed};
use sealwire::identity::{Invite, MAX_INVITE, Nickname, PublicIdentity};
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn keygen(out: &Path) -> Result<(), Trouble> {
    let (x25519, ed25519) = (random_seed()?, random_seed()?);
    let identity = keyfile::identity(&x25519, &ed25519).map_err(Trouble::usage)?;
    keyfile::create(out, &x25519, &ed25519).map_err(Trouble::usage)?;
    print(&public_line(identity.public()))
}

fn random_seed() -> Result<Seed, Trouble> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)
        .map_err(|error| Trouble::environment(format!("no random bytes: {error}")))?;
    Ok(seed)
}

pub(super) fn whoami(file: &Path) -> Result<(), Trouble> {
    let identity = keyfile::read(file).map_err(Trouble::usage)?;
    print(&public_line(identity.public()))
}

fn public_line(public: &PublicIdentity) -> String {
    let line = json!({
        "id": public.id().to_string(),
        "x25519": hex::encode(public.x25519()),
        "ed25519": hex::encode(public.ed25519()),
    });
    format!("{line}\n")
}

pub(super) fn invite(file: &Path, nick: &str) -> Result<(), Trouble> {
    let identity = keyfile::read(file).map_err(Trouble::usage)?;
    let mut code = [0; MAX_INVITE];
    let invite = Invite { peer: *identity.public(), nickname: Nickname(nick) };
    let code = invite.encode(&mut code).map_err(|error| {
        Trouble::usage(format!("--nick breaks {error}: at most 64 bytes, type included"))
    })?;
    print(&format!("{code}\n"))
}
