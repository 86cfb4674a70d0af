//! Other versions: an ERROR that says which one the relay speaks, a close with 1000, no trace.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, same};
use crate::live::session::Answer;
use crate::live::socket::Heard;
use crate::live::target::Person;
use crate::live::trial::Trial;

cases! { Trial in "version.rs";
    "handshake/version.zero-one-three-255" other_versions from "hs-version-edges";
    "handshake/version.registers-nothing" registers_nothing from "hs-version-edges";
    "handshake/error-then-close.bad-version" error_then_close from "hs-version-edges";
}

/// The hello of `person` with another version byte.
fn hello(trial: &mut Trial, person: &Person, version: u8) -> Outcome<Vec<u8>> {
    let mut parts = trial.hello(person)?;
    parts.inner[35] = version;
    Ok(parts.bytes())
}

/// Each other version is answered bad_version.
async fn other_versions(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    for version in [0, 1, 3, 255] {
        let hello = hello(trial, &person, version)?;
        let (answer, _) = trial.try_hello(&person, &hello).await?;
        let what = format!("version {version}: ERROR bad_version");
        same(&what, &Answer::Reply(Err("handshake/version")), &answer)?;
    }
    Ok(())
}

/// Whoever was refused for a version is not there, and can come at once with the right one.
async fn registers_nothing(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let mut alice = trial.join().await?;
    let hello = hello(trial, &person, 1)?;
    let (_, _kept_open) = trial.try_hello(&person, &hello).await?;
    let packet = alice.send_opaque(person.id(), crate::live::session::SMALLEST_PACKET).await?;
    alice.offline_is(person.id(), &packet).await?;
    trial.join_as(&person).await.map(|_| ())
}

/// Behind the ERROR comes a close with 1000.
async fn error_then_close(trial: &mut Trial) -> Outcome {
    let person = trial.person();
    let hello = hello(trial, &person, 3)?;
    let (_, mut socket) = trial.try_hello(&person, &hello).await?;
    same("behind the ERROR", &Heard::Close(Some(1000)), &socket.hear("close 1000").await?)
}
