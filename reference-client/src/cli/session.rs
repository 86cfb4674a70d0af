//! One run of the pump, with somebody who asks and somebody who hears.

use super::{options::Place, trouble::Trouble};
use crate::{
    contract::Event,
    peer::Peer,
    pump::{self, Ask, Ended},
};
use std::{ops::ControlFlow, thread, time::Duration};
use tokio::{
    runtime::{self, Runtime},
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Events and commands between threads; the pump has queues of its own.
const QUEUE: usize = 16;
/// How long a hearer that is blocked may delay the end.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a hearer makes of an event: go on, or the end of the run.
pub(super) type Verdict = ControlFlow<Result<(), Trouble>>;

/// What the user asks goes in here. When the last sender is dropped, the run ends.
pub(super) fn asks() -> (mpsc::Sender<Ask>, mpsc::Receiver<Ask>) {
    mpsc::channel(QUEUE)
}

/// Runs a peer at `place`. `hear` gets every event, on a thread of its own, so that a terminal or
/// pipe that blocks does not block the protocol.
pub(super) fn run(
    place: Place,
    asks: mpsc::Receiver<Ask>,
    mut hear: impl FnMut(Event) -> Verdict + Send + 'static,
    deadline: Option<(Duration, Trouble)>,
) -> Result<(), Trouble> {
    let runtime = runtime()?;
    let (events, mut heard) = mpsc::channel(QUEUE);
    let (verdict_sender, verdict) = oneshot::channel();
    thread::spawn(move || {
        let verdict = loop {
            match heard.blocking_recv() {
                None => break None,
                Some(event) => match hear(event) {
                    ControlFlow::Continue(()) => {}
                    ControlFlow::Break(verdict) => break Some(verdict),
                },
            }
        };
        // The run may be over already.
        let _ = verdict_sender.send(verdict);
    });
    let outcome = runtime.block_on(async {
        let running = pump::run(Peer::new(place.setup), place.address, asks, events);
        let ended = match deadline {
            None => running.await,
            Some((time, trouble)) => timeout(time, running).await.map_err(|_| trouble)?,
        };
        match (timeout(PATIENCE, verdict).await, ended) {
            (Ok(Ok(Some(verdict))), _) => verdict,
            (_, Ended::Quit) => Ok(()),
            (_, Ended::Stopped) => Err(Trouble::environment("the client stopped; see the error")),
            (_, Ended::Unheard) => Err(Trouble::environment("events are not read from stdout")),
        }
    });
    // A name server or a blocked pipe must not hold the end up.
    runtime.shutdown_background();
    outcome
}

fn runtime() -> Result<Runtime, Trouble> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::environment(format!("no event loop: {error}")))
}
