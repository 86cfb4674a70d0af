//! When a client stops, when it gives a connection up, and when it comes back.
//!
//! What is waited for here are the timers of the client; those of the reference client are set
//! short. Lower bounds are exact, upper ones leave [`SLACK`] for a busy machine.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::live::case::cases;
use crate::live::host::Visit;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, fail, require, same};
use crate::live::socket::{PING, PONG};
use crate::model::handshake::{BAD_VERSION, ERROR, ID_IN_USE};
use crate::model::relay::SERVER_PING;

cases! { Meeting;
    "handshake/id-in-use-retry.first-wait" first_wait;
    "handshake/id-in-use-retry.four-waits-then-stop" four_waits needs Started;
    "handshake/silence.whatever-comes-is-life" life needs Started;
    "handshake/silence.nothing-comes" silence needs Started;
    "handshake/reconnect.first-within-a-second" first_return;
    "handshake/reconnect.full-jitter" full_jitter needs Started;
    "handshake/reconnect.doubles-and-resets" doubles needs Started;
    "handshake/bad-version-stop.version-three" bad_version;
}

/// How much later than it must something may be seen.
const SLACK: Duration = Duration::from_secs(2);

/// Ends the session; the client reports it and comes back.
async fn end_session(meeting: &mut Meeting) -> Outcome<Value> {
    meeting.take_link()?.close().await;
    meeting.client()?.error("disconnected", "the end of the session is reported").await
}

/// The wait that an event announces.
fn announced(event: &Value) -> Outcome<Duration> {
    let wait = event["retry_ms"].as_u64().map(Duration::from_millis);
    wait.ok_or_else(|| fail("an event with `retry_ms`", event.to_string()))
}

/// Fails unless `wait` is between the two, give or take the millisecond it is rounded to.
fn within(what: &str, wait: Duration, least: Duration, most: Duration) -> Outcome {
    let rounded = Duration::from_millis(1);
    let holds = wait + rounded >= least && wait <= most + rounded;
    require(holds, format!("{what}: {least:?} to {most:?}"), format!("{wait:?}"))
}

/// Answers id_in_use, sees the alarm, and awaits the next try between the two times.
async fn in_use(meeting: &mut Meeting, mut visit: Visit, wait: Duration) -> Outcome<Visit> {
    let nonce = meeting.random.bytes();
    let error = (ERROR, &[ID_IN_USE][..]);
    visit.answer(&meeting.host, &meeting.me.public, nonce, error).await?;
    let begun = Instant::now();
    let event = meeting.client()?.error("id_in_use", "an alarm").await?;
    same("whether that was the end", &json!(false), &event["fatal"])?;
    let most = wait + wait / 5;
    within("the wait it announces", announced(&event)?, wait, most)?;
    let next = meeting.host.visit(most).await?;
    within("the next try", begun.elapsed(), wait, most + SLACK)?;
    Ok(next)
}

/// Five seconds and up to a fifth, by the defaults.
async fn first_wait(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    end_session(meeting).await?;
    let visit = meeting.visit().await?;
    let visit = in_use(meeting, visit, Duration::from_secs(5)).await?;
    meeting.admit(visit).await
}

/// The whole series, a fiftieth as long: four tries behind the first, then the end.
async fn four_waits(meeting: &mut Meeting) -> Outcome {
    meeting.open_with(&["retry.id-in-use=100ms,300ms,600ms,1300ms"]).await?;
    end_session(meeting).await?;
    let mut visit = meeting.visit().await?;
    for wait in [100, 300, 600, 1_300].map(Duration::from_millis) {
        visit = in_use(meeting, visit, wait).await?;
    }
    let nonce = meeting.random.bytes();
    let error = (ERROR, &[ID_IN_USE][..]);
    visit.answer(&meeting.host, &meeting.me.public, nonce, error).await?;
    stopped(meeting, "id_in_use").await.map(|_| ())
}

/// The client says that it stops, and does.
async fn stopped(meeting: &mut Meeting, code: &str) -> Outcome<Value> {
    let event = meeting.client()?.error(code, "the reason to stop").await?;
    same("whether that was the end", &json!(true), &event["fatal"])?;
    meeting.client()?.stops().await?;
    meeting.dismiss();
    Ok(event)
}

/// The user learns which version the relay wants, and nothing is tried again.
async fn bad_version(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    end_session(meeting).await?;
    let mut visit = meeting.visit().await?;
    let nonce = meeting.random.bytes();
    let error = (ERROR, &[BAD_VERSION, 3][..]);
    visit.answer(&meeting.host, &meeting.me.public, nonce, error).await?;
    let event = stopped(meeting, "bad_version").await?;
    let named = event["detail"].as_str().is_some_and(|detail| detail.contains('3'));
    require(named, "a detail that names version 3", event.to_string())
}

/// Nothing comes: the connection is closed in time, not before, and another one is made.
async fn silence(meeting: &mut Meeting) -> Outcome {
    let limit = Duration::from_secs(1);
    meeting.open_with(&["idle.silence=1s"]).await?;
    let mut link = meeting.take_link()?;
    let begun = Instant::now();
    link.event(SERVER_PING, &[]).await?;
    let event = meeting.client()?.error("disconnected", "the end of a silent connection").await?;
    within("when", begun.elapsed(), limit, limit + SLACK)?;
    same("why", &json!("handshake/silence"), &event["clause"])?;
    link.close().await;
    meeting.join().await
}

/// One thing of each kind, spaced so that a client which does not count one of them hears nothing
/// for too long.
async fn life(meeting: &mut Meeting) -> Outcome {
    meeting.open_with(&["idle.silence=2s"]).await?;
    for kind in 0..6 {
        let link = meeting.link()?;
        let pause = link.socket.hear_within(Duration::from_millis(1_200)).await;
        require(pause.is_none(), "no end of the session", format!("{pause:?} before {kind}"))?;
        let sent = match kind {
            0 => link.socket.send(PING, &[]).await,
            1 => link.socket.send(PONG, &[]).await,
            2 => link.socket.send_text("anything").await,
            3 => link.socket.send_binary(&[0; 5]).await,
            4 => link.socket.send_binary(&[0; 200]).await,
            _ => {
                link.event(SERVER_PING, &[]).await?;
                Ok(())
            }
        };
        require(sent.is_ok(), "no end of the session", format!("{sent:?}"))?;
        if kind == 0 {
            link.socket.hear("a pong").await?;
        }
    }
    meeting.quiet("one session all the time").await
}

/// By the defaults, at most a second after the first end.
async fn first_return(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let begun = Instant::now();
    let wait = announced(&end_session(meeting).await?)?;
    within("the wait it announces", wait, Duration::ZERO, Duration::from_secs(1))?;
    let visit = meeting.visit().await?;
    within("the return", begun.elapsed(), wait, wait + SLACK)?;
    meeting.admit(visit).await
}

/// Ends the next connection before its reply, and returns the wait that is announced.
async fn unanswered(meeting: &mut Meeting) -> Outcome<Duration> {
    drop(meeting.visit().await?);
    let client = meeting.client()?;
    announced(&client.error("hello_unanswered", "the end of the connection is reported").await?)
}

/// Two dozen waits under one bound: on both sides of its middle.
async fn full_jitter(meeting: &mut Meeting) -> Outcome {
    let bound = Duration::from_millis(200);
    meeting.start(&["reconnect.first=200ms", "reconnect.longest=200ms"])?;
    let (mut short, mut long) = (0, 0);
    for _ in 0..24 {
        let wait = unanswered(meeting).await?;
        within("a wait", wait, Duration::ZERO, bound)?;
        *(if wait < bound / 2 { &mut short } else { &mut long }) += 1;
    }
    let actual = format!("{short} below the middle, {long} above");
    require(short > 0 && long > 0, "waits anywhere between zero and the bound", actual)?;
    meeting.join().await
}

/// 100, 200, 400, 800 ms, no further; and 100 ms again after a session that lived.
async fn doubles(meeting: &mut Meeting) -> Outcome {
    let (first, longest) = (Duration::from_millis(100), Duration::from_millis(800));
    let settings = ["reconnect.first=100ms", "reconnect.longest=800ms", "reconnect.reset=500ms"];
    meeting.start(&settings)?;
    let mut waits = Vec::new();
    for attempt in 0..10 {
        let wait = unanswered(meeting).await?;
        let bound = (first * 2u32.pow(attempt)).min(longest);
        within(&format!("wait {attempt}"), wait, Duration::ZERO, bound)?;
        waits.push(wait);
    }
    // Seven waits of up to 800 ms: one in two million runs has none above the first bound.
    require(waits.iter().any(|wait| *wait > first), "a bound that grows", format!("{waits:?}"))?;
    meeting.join().await?;
    let life = meeting.link()?.socket.hear_within(Duration::from_millis(600)).await;
    require(life.is_none(), "a session that lives", format!("{life:?}"))?;
    let wait = announced(&end_session(meeting).await?)?;
    within("the wait after a long session", wait, Duration::ZERO, first)?;
    meeting.join().await
}
