//! Which relay, and who we are: flags first, then the environment.

use super::trouble::Trouble;
use crate::{
    contract::Hex,
    keyfile::{self, Seed},
    limits::Limits,
    peer::Setup,
    pump::RelayAddress,
};
use clap::Args;
use sealwire::identity::{Identity, PublicIdentity};
use std::{env, path::PathBuf};
use zeroize::Zeroizing;

const X25519_SEED: &str = "SEALWIRE_X25519_SEED";
const ED25519_SEED: &str = "SEALWIRE_ED25519_SEED";

#[derive(Debug, Args)]
pub(super) struct RelayOptions {
    /// The relay, ws://HOST[:PORT]/PATH
    #[arg(long, value_name = "URL", env = "SEALWIRE_RELAY_URL")]
    relay: String,
    /// Its X25519 public key
    #[arg(long, value_name = "HEX", env = "SEALWIRE_RELAY_X25519")]
    relay_x25519: String,
    /// Its Ed25519 public key
    #[arg(long, value_name = "HEX", env = "SEALWIRE_RELAY_ED25519")]
    relay_ed25519: String,
    /// An identity file of keygen; else the seeds in SEALWIRE_X25519_SEED and
    /// SEALWIRE_ED25519_SEED
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// All that a peer and its pump need.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) address: RelayAddress,
    pub(super) setup: Setup,
}

impl RelayOptions {
    pub(super) fn resolve(&self, limits: Limits) -> Result<Place, Trouble> {
        let address = RelayAddress::parse(&self.relay).map_err(Trouble::usage)?;
        let x25519 = key("--relay-x25519", &self.relay_x25519)?;
        let ed25519 = key("--relay-ed25519", &self.relay_ed25519)?;
        let relay = PublicIdentity::import(x25519, ed25519).map_err(|clause| {
            Trouble::usage(format!(
                "the relay's public keys break {clause}; ask for the right ones"
            ))
        })?;
        let setup = Setup { identity: self.identity()?, relay, limits, accept: false };
        Ok(Place { address, setup })
    }

    fn identity(&self) -> Result<Identity, Trouble> {
        match &self.identity {
            Some(file) => keyfile::read(file).map_err(Trouble::usage),
            None => {
                let (x25519, ed25519) = (seed(X25519_SEED)?, seed(ED25519_SEED)?);
                keyfile::identity(&x25519, &ed25519).map_err(Trouble::usage)
            }
        }
    }
}

fn key(flag: &str, digits: &str) -> Result<[u8; 32], Trouble> {
    let key = Hex::parse(digits);
    key.map(|key| key.0)
        .ok_or_else(|| Trouble::usage(format!("{flag} {digits:?}: not 64 hex digits")))
}

fn seed(variable: &str) -> Result<Seed, Trouble> {
    let digits = env::var_os(variable).ok_or_else(|| {
        Trouble::usage(format!(
            "no identity; give --identity FILE, or set {X25519_SEED} and {ED25519_SEED}"
        ))
    })?;
    let digits = Zeroizing::new(digits.into_string().unwrap_or_default());
    keyfile::parse_seed(&digits).map_err(|why| Trouble::usage(format!("{variable}: {why}")))
}
