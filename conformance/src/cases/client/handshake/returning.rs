//! When a client stops, when it gives a connection up, and when it comes back.
//!
//! What is waited for here are the timers of the client: short ones if it can be told, those of the
//! specification if not. Lower bounds are exact, upper ones leave [`SLACK`] for a busy machine. A
//! wait that the client announces is held to its bound without any.

use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::live::case::cases;
use crate::live::host::Visit;
use crate::live::meeting::Meeting;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::socket::{Heard, PING, PONG};
use crate::live::waits::Waits;
use crate::model::handshake::{BAD_VERSION, ERROR, ID_IN_USE};
use crate::model::relay::SERVER_PING;

cases! { Meeting in "returning.rs";
    "handshake/id-in-use-retry.first-wait" first_wait from "hs-replay-first-and-sink";
    "handshake/id-in-use-retry.four-waits-then-stop" four_waits needs Slow;
    "handshake/silence.whatever-comes-is-life" life needs Slow;
    "handshake/silence.nothing-comes" silence needs Slow;
    "handshake/reconnect.first-within-a-second" first_return;
    "handshake/reconnect.full-jitter" full_jitter from "rd-reconnect-storm";
    "handshake/reconnect.doubles-and-resets" doubles needs Slow;
    "handshake/bad-version-stop.version-three" bad_version from "hs-downgrade-replayed-error";
}

/// How much later than it must something may be seen.
const SLACK: Duration = Duration::from_secs(2);
/// Clients that come back side by side, and how often each is started: enough first waits that one
/// honest client in half a million has all of its own on one side of the middle.
const LANES: usize = 5;
const STARTS: usize = 4;
/// Ends in a row until the bound has grown to its longest.
const ENDS: u32 = 8;

/// Fails unless `wait` is between the two, give or take the millisecond it is rounded to.
fn within(what: &str, wait: Duration, least: Duration, most: Duration) -> Outcome {
    let rounded = Duration::from_millis(1);
    let holds = wait + rounded >= least && wait <= most + rounded;
    require(holds, format!("{what}: {least:?} to {most:?}"), format!("{wait:?}"))
}

/// The wait that an event announces, if it does.
fn announced(event: &Value) -> Option<Duration> {
    event["retry_ms"].as_u64().map(Duration::from_millis)
}

/// The waits that remarks have announced, in their order.
fn all_announced(meeting: &mut Meeting) -> Outcome<Vec<Duration>> {
    Ok(meeting.client()?.remarks().iter().filter_map(announced).collect())
}

/// Answers id_in_use, sees the alarm, and awaits the next try between the two times.
async fn in_use(meeting: &mut Meeting, mut visit: Visit, wait: Duration) -> Outcome<Visit> {
    let nonce = meeting.random.bytes();
    let error = (ERROR, &[ID_IN_USE][..]);
    let begun = Instant::now();
    visit.answer(&meeting.host, &meeting.me.public, nonce, error).await?;
    let event = meeting.client()?.error("id_in_use", "an alarm").await?;
    require(event["fatal"] != true, "a further try", event.to_string())?;
    let most = wait + wait / 5;
    if let Some(announced) = announced(&event) {
        within("the wait it announces", announced, wait, most)?;
    }
    let next = meeting.host.visit(most).await?;
    within("the next try", next.at - begun, wait, most + SLACK)?;
    Ok(next)
}

/// Five seconds and up to a fifth.
async fn first_wait(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.take_link()?.close().await;
    let visit = meeting.visit().await?;
    let visit = in_use(meeting, visit, Waits::SPECIFIED.id_in_use[0]).await?;
    meeting.admit(visit).await
}

/// The whole series: four tries behind the first, then the end.
async fn four_waits(meeting: &mut Meeting) -> Outcome {
    let id_in_use = [100, 300, 600, 1_300].map(Duration::from_millis);
    let waits = meeting.open_with(Waits { id_in_use, ..Waits::SPECIFIED }).await?;
    meeting.take_link()?.close().await;
    let mut visit = meeting.visit().await?;
    for wait in waits.id_in_use {
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
    require(event["fatal"] == true, "a fatal error", event.to_string())?;
    meeting.client()?.stops().await?;
    meeting.dismiss();
    Ok(event)
}

/// The user learns which version the relay wants, and nothing is tried again.
async fn bad_version(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    meeting.take_link()?.close().await;
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
    let wanted = Waits { silence: Duration::from_secs(1), ..Waits::SPECIFIED };
    let limit = meeting.open_with(wanted).await?.silence;
    let mut link = meeting.take_link()?;
    // An answer to the client's own ping would be life.
    link.socket.answers_pings = false;
    let begun = Instant::now();
    link.event(SERVER_PING, &[]).await?;
    let end = async { while !matches!(link.socket.next().await, Heard::Close(_) | Heard::End) {} };
    // Whether it came shows in the time.
    let _ = timeout(limit + 2 * SLACK, end).await;
    within("the end of a silent connection", begun.elapsed(), limit, limit + SLACK)?;
    drop(link);
    meeting.join().await?;
    meeting.names("handshake/silence")
}

/// One thing of each kind, spaced so that a client which does not count one of them hears nothing
/// for too long.
async fn life(meeting: &mut Meeting) -> Outcome {
    let wanted = Waits { silence: Duration::from_secs(2), ..Waits::SPECIFIED };
    let pause = meeting.open_with(wanted).await?.silence * 3 / 5;
    for kind in 0..6 {
        let link = meeting.link()?;
        if let Some(said) = link.said_within(pause).await? {
            return Err(fail("no end of the session", format!("{} at {kind}", said.describe())));
        }
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
    }
    meeting.quiet("one session all the time").await
}

/// At most a second after the first end.
async fn first_return(meeting: &mut Meeting) -> Outcome {
    meeting.open().await?;
    let (begun, bound) = (Instant::now(), Waits::SPECIFIED.first);
    meeting.take_link()?.close().await;
    let visit = meeting.visit().await?;
    within("the return", visit.at - begun, Duration::ZERO, bound + SLACK)?;
    meeting.admit(visit).await?;
    for wait in all_announced(meeting)? {
        within("the wait it announces", wait, Duration::ZERO, bound)?;
    }
    Ok(())
}

/// Hangs up before the reply, and sees how long the client stays away.
async fn away(meeting: &Meeting, visit: Visit, bound: Duration) -> Outcome<(Duration, Visit)> {
    let begun = Instant::now();
    drop(visit);
    let next = meeting.host.visit(bound).await?;
    let away = next.at - begun;
    within("a wait", away, Duration::ZERO, bound + SLACK)?;
    Ok((away, next))
}

/// The first waits of many clients: on both sides of the middle.
async fn full_jitter(meeting: &mut Meeting) -> Outcome {
    let mut lanes = Vec::new();
    for _ in 0..LANES {
        lanes.push(meeting.another().await?);
    }
    let waits = try_join_all(lanes.iter_mut().map(first_waits)).await?.concat();
    let below = waits.iter().filter(|(wait, bound)| *wait < *bound / 2).count();
    let actual = format!("{below} of {} below the middle", waits.len());
    let expected = "waits anywhere between zero and the bound";
    require(below > 0 && below < waits.len(), expected, actual)?;
    meeting.open().await
}

/// The first wait of each of some starts, and its bound.
async fn first_waits(meeting: &mut Meeting) -> Outcome<Vec<(Duration, Duration)>> {
    let short = Duration::from_millis(200);
    let mut waits = Vec::new();
    for _ in 0..STARTS {
        let bound = meeting.start_with(Waits { first: short, ..Waits::SPECIFIED })?.first;
        let visit = meeting.visit().await?;
        let (seen, visit) = away(meeting, visit, bound).await?;
        meeting.admit(visit).await?;
        let said = all_announced(meeting)?.first().copied();
        if let Some(wait) = said {
            within("the wait it announces", wait, Duration::ZERO, bound)?;
        }
        waits.push((said.unwrap_or(seen), bound));
    }
    Ok(waits)
}

/// The bound doubles up to its longest, and is the first again after a session that lived.
async fn doubles(meeting: &mut Meeting) -> Outcome {
    let [first, longest, reset] = [100, 800, 500].map(Duration::from_millis);
    let waits = meeting.start_with(Waits { first, longest, reset, ..Waits::SPECIFIED })?;
    let (mut visit, mut seen) = (meeting.visit().await?, Vec::new());
    for ends in 0..ENDS {
        let (wait, next) = away(meeting, visit, waits.bound(ends)).await?;
        seen.push(wait);
        visit = next;
    }
    meeting.admit(visit).await?;
    let said = all_announced(meeting)?;
    for (ends, wait) in (0..).zip(&said) {
        within(&format!("wait {ends}"), *wait, Duration::ZERO, waits.bound(ends))?;
    }
    let known = if said.is_empty() { seen } else { said };
    // All eight under the first bound: one honest client in two hundred thousand.
    let grew = known.iter().any(|wait| *wait > waits.first);
    require(grew, "a bound that grows", format!("{known:?}"))?;
    meeting.link()?.live(waits.reset + SLACK / 4).await?;
    let begun = Instant::now();
    meeting.take_link()?.close().await;
    let visit = meeting.host.visit(waits.longest).await?;
    let back = "the wait after a long session";
    within(back, visit.at - begun, Duration::ZERO, waits.first + SLACK)?;
    meeting.admit(visit).await?;
    match all_announced(meeting)?.last() {
        Some(wait) => within(back, *wait, Duration::ZERO, waits.first),
        None => Ok(()),
    }
}
