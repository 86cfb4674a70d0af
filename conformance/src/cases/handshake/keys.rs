//! Keys that no relay may register: aliases, small orders, the id of the relay itself.

use crate::live::case::cases;
use crate::live::outcome::Outcome;
use crate::live::trial::Trial;
use crate::model::forge::{high_bit_twin, low_order_x25519, torsion_siblings};
use crate::model::handshake::hello_inner;

use super::refused::refused;

cases! { Trial in "keys.rs";
    "handshake/client-key.torsion-siblings" siblings from "hs-torsion-id-shift";
    "handshake/client-key.high-bit" high_bit from "xd-highbit-and-noncanonical-alias";
    "handshake/client-key.low-order" low_order from "xd-low-order-14";
    "handshake/client-key.low-order-high-bit" low_order_high_bit from "xd-low-order-14";
    "identity/zero-id.zero-key" zero_key from "hs-zero-key-server-id";
    "handshake/signing-key.small-order" small_order from "ed-small-order-key";
    "handshake/signing-key.second-encoding" second_encoding from "ed-noncanonical-A-R";
    "handshake/signing-key.universal-signature" universal from "ed-universal-signature";
}

/// A key that gives the same secret, so that seal and signature stay valid, is still refused.
async fn aliases(trial: &mut Trial, aliases: impl Fn([u8; 32]) -> Vec<[u8; 32]>) -> Outcome {
    let person = trial.person();
    for alias in aliases(person.public.x) {
        let mut parts = trial.hello(&person)?;
        parts.x = alias;
        refused(trial, &person, &parts.bytes()).await?;
    }
    Ok(())
}

/// All seven.
async fn siblings(trial: &mut Trial) -> Outcome {
    aliases(trial, |x| torsion_siblings(x).expect("an honest key is on the curve").to_vec()).await
}

/// Bit 255, which X25519 ignores.
async fn high_bit(trial: &mut Trial) -> Outcome {
    aliases(trial, |x| vec![high_bit_twin(x)]).await
}

/// Keys that make every secret zero: the judge seals under zero as well.
async fn zero_secret(trial: &mut Trial, keys: Vec<[u8; 32]>) -> Outcome {
    let person = trial.person();
    for key in keys {
        let mut parts = trial.hello(&person)?;
        (parts.x, parts.shared) = (key, [0; 32]);
        refused(trial, &person, &parts.bytes()).await?;
    }
    Ok(())
}

/// The six that are not zero itself.
async fn low_order(trial: &mut Trial) -> Outcome {
    zero_secret(trial, low_order_x25519()[1..].to_vec()).await
}

/// The same with bit 255 set.
async fn low_order_high_bit(trial: &mut Trial) -> Outcome {
    zero_secret(trial, low_order_x25519().map(high_bit_twin).to_vec()).await
}

/// 32 zero bytes: who got registered with them would be the relay.
async fn zero_key(trial: &mut Trial) -> Outcome {
    zero_secret(trial, vec![[0; 32]]).await
}

/// An Ed25519 key of somebody's choice inside, signed by nobody who could know its seed.
async fn signing_keys(trial: &mut Trial, keys: &[[u8; 32]]) -> Outcome {
    let person = trial.person();
    for key in keys {
        let mut parts = trial.hello(&person)?;
        parts.inner = hello_inner(*key, 2);
        refused(trial, &person, &parts.bytes()).await?;
    }
    Ok(())
}

/// y = 1, y = −1, y = 0: orders 1, 2 and 4.
async fn small_order(trial: &mut Trial) -> Outcome {
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    signing_keys(trial, &[identity_point(), minus_one, [0; 32]]).await
}

/// y = p + 1, the second encoding of the identity, and y = 1 with a sign that x = 0 cannot have.
async fn second_encoding(trial: &mut Trial) -> Outcome {
    let mut beyond = [0xff; 32];
    (beyond[0], beyond[31]) = (0xee, 0x7f);
    let mut signed = identity_point();
    signed[31] = 0x80;
    signing_keys(trial, &[beyond, signed]).await
}

/// A = R = the identity and S = 0 verify any message, where nobody looks at the key.
async fn universal(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut parts = trial.hello(&person)?;
    parts.inner = hello_inner(identity_point(), 2);
    let mut hello = parts.bytes();
    let signature_at = hello.len() - 64;
    hello[signature_at..].fill(0);
    hello[signature_at] = 1;
    refused(trial, &person, &hello).await
}

/// The encoding of the identity of Ed25519.
fn identity_point() -> [u8; 32] {
    let mut point = [0; 32];
    point[0] = 1;
    point
}
