//! Text messages after the hello.

use crate::live::case::cases;
use crate::live::outcome::{Outcome, fail, require};
use crate::live::session::Seen;
use crate::live::trial::Trial;

cases! { Trial in "text.rs";
    "frame/text-ping.pong" ping from "ws-protocol-errors";
    "frame/text-other.ignored" other from "ws-protocol-errors";
}

/// `ping` is answered `pong`, once each.
async fn ping(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    for _ in 0..2 {
        let sent = alice.socket.send_text("ping").await;
        require(sent.is_ok(), "a relay that takes text", format!("{sent:?}"))?;
        match alice.next("the text pong").await? {
            Seen::Text(text) if text == "pong" => {}
            other => return Err(fail("the text pong", other.describe())),
        }
    }
    alice.quiet("one pong for a ping").await
}

/// Every other text changes nothing.
async fn other(trial: &mut Trial) -> Outcome {
    let mut alice = trial.join().await?;
    for text in ["", "pong", "PING", "ping ", "{\"cmd\":1}", "\u{241f}"] {
        let sent = alice.socket.send_text(text).await;
        require(sent.is_ok(), "a relay that takes text", format!("{sent:?}"))?;
    }
    alice.quiet("no answer to other text").await
}
