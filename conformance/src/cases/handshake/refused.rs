//! Hellos that fail a check up to and with the signature: a bare close, the same for each cause.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, Stop, require, same};
use crate::live::session::{Answer, answer};
use crate::live::target::Person;
use crate::live::trial::Trial;
use crate::model::handshake::{HELLO, HelloParts, hello_inner, hello_parts};

cases! { Trial in "refused.rs";
    "handshake/binary.text-first" text_first from "hs-length-sweep";
    "handshake/too-short.every-length" every_length from "hs-length-sweep";
    "handshake/hello-seal.another-relay" another_relay;
    "handshake/hello-seal.bytes-behind" bytes_behind from "hs-length-sweep";
    "handshake/hello-seal.every-byte" every_sealed_byte from "hs-bitflip-sweep";
    "handshake/hello-command.subscribe" other_command from "hs-cmd-confusion";
    "handshake/hello-command.routing-frame" routing_frame from "hs-crossproto-splice";
    "handshake/hello-signature.every-byte" every_signature_byte from "hs-bitflip-sweep";
    "handshake/hello-signature.another-signer" another_signer from "hs-ed-mismatch";
    "handshake/silent-refusal.same-for-each-cause" same_for_each from "hs-error-indistinguishable";
    "handshake/silent-refusal.every-bit-of-the-key" every_key_bit from "hs-bitflip-sweep";
}

/// The bare close.
pub(super) const SILENT: Answer = Answer::Close(None);

/// This hello is refused without a word.
pub(super) async fn refused(trial: &mut Trial, person: &Person, hello: &[u8]) -> Outcome {
    let (answer, _) = trial.try_hello(person, hello).await?;
    same("a close without a code, and nothing before it", &SILENT, &answer)
}

/// The hello of somebody new, with one thing about it changed, is refused without a word.
async fn spoilt(trial: &mut Trial, spoil: impl FnOnce(&mut HelloParts)) -> Outcome {
    let person = trial.person();
    let mut parts = trial.hello(&person)?;
    spoil(&mut parts);
    refused(trial, &person, &parts.bytes()).await
}

/// Each byte of this range, changed in one bit, ruins a hello.
async fn every_byte(trial: &mut Trial, range: std::ops::Range<usize>) -> Outcome {
    let person = trial.person();
    let honest = trial.hello(&person)?.bytes();
    for at in range {
        let mut hello = honest.clone();
        hello[at] ^= 1 << (at % 8);
        let (answer, _) = trial.try_hello(&person, &hello).await?;
        same(&format!("byte {at} changed: a bare close"), &SILENT, &answer)?;
    }
    Ok(())
}

/// A text message first.
async fn text_first(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut socket = trial.socket().await?;
    let sent = socket.send_text("ping").await;
    require(sent.is_ok(), "a relay that takes text", format!("{sent:?}"))?;
    let answer = answer(&mut socket, &person, &trial.target.relay).await?;
    same("text first: a bare close", &SILENT, &answer)
}

/// Every length below 172.
async fn every_length(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let honest = trial.hello(&person)?.bytes();
    for length in 0..HELLO {
        let (answer, _) = trial.try_hello(&person, &honest[..length]).await?;
        same(&format!("{length} bytes: a bare close"), &SILENT, &answer)?;
    }
    Ok(())
}

/// A hello meant for another relay.
async fn another_relay(trial: &mut Trial) -> Outcome {
    let (person, relay) = (trial.person(), trial.person());
    let parts = hello_parts(&person.keys, relay.public.x, trial.random.bytes())
        .map_err(|clause| Stop::Broken(format!("no hello: [{clause}]")))?;
    refused(trial, &person, &parts.bytes()).await
}

/// A hello with bytes behind its signature: they shift what is sealed and what signs it.
async fn bytes_behind(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let honest = trial.hello(&person)?.bytes();
    for behind in [1, 64, HELLO] {
        let hello: Vec<u8> = honest.iter().copied().cycle().take(HELLO + behind).collect();
        let (answer, _) = trial.try_hello(&person, &hello).await?;
        same(&format!("{behind} bytes behind the hello: a bare close"), &SILENT, &answer)?;
    }
    Ok(())
}

/// Nonce, ciphertext and tag.
async fn every_sealed_byte(trial: &mut Trial) -> Outcome {
    every_byte(trial, 32..108).await
}

/// The signature.
async fn every_signature_byte(trial: &mut Trial) -> Outcome {
    every_byte(trial, 108..HELLO).await
}

/// Command 40 where 01 belongs.
async fn other_command(trial: &mut Trial) -> Outcome {
    spoilt(trial, |parts| parts.inner[2] = 0x40).await
}

/// A command to the relay, sealed and signed well, behind the sender's key: the layout of a hello.
async fn routing_frame(trial: &mut Trial) -> Outcome {
    let body = trial.random.vec(64);
    spoilt(trial, |parts| parts.inner = [&[0, 0, 0x40][..], &body].concat()).await
}

/// Signed by somebody else than the key inside.
async fn another_signer(trial: &mut Trial) -> Outcome {
    let stranger = trial.person();
    spoilt(trial, |parts| parts.ed_seed = stranger.keys.ed_seed).await
}

/// Each bit of the X25519 key that X25519 looks at, changed: a point of the twist or somebody else's
/// key. The last bit is [handshake/client-key]'s.
async fn every_key_bit(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let honest = trial.hello(&person)?.bytes();
    for bit in 0..255 {
        let mut hello = honest.clone();
        hello[bit / 8] ^= 1 << (bit % 8);
        let (answer, _) = trial.try_hello(&person, &hello).await?;
        same(&format!("bit {bit} of the key changed: a bare close"), &SILENT, &answer)?;
    }
    Ok(())
}

/// Whatever is wrong, the relay shows the same: nobody learns how far a guess got.
async fn same_for_each(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let honest = trial.hello(&person)?;
    let mut causes = vec![("length", honest.bytes()[..100].to_vec())];
    let mut cause = |name, spoil: fn(&mut HelloParts)| {
        let mut parts = honest.clone();
        spoil(&mut parts);
        causes.push((name, parts.bytes()));
    };
    // A key that no relay can take: whoever does not judge the key finds that nothing opens.
    cause("key", |parts| {
        parts.x[31] |= 0x80;
        parts.shared[0] ^= 1;
    });
    cause("seal", |parts| parts.shared[0] ^= 1);
    cause("command", |parts| parts.inner[2] = 2);
    cause("signing key", |parts| parts.inner = hello_inner([0; 32], 2));
    cause("signature", |parts| parts.ed_seed[0] ^= 1);
    for (name, hello) in causes {
        let mut socket = trial.socket().await?;
        crate::live::session::send(&mut socket, &hello).await?;
        let answer = answer(&mut socket, &person, &trial.target.relay).await?;
        same(&format!("{name}: a bare close"), &SILENT, &answer)?;
    }
    Ok(())
}
