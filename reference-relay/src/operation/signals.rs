//! What signals ask of a relay that serves.
//!
//! ```text
//! SIGTERM, Ctrl-C   it drains and ends; the second one ends it at once
//! SIGHUP            it reads its configuration again; limits count from then on
//! ```

use super::{
    config::{Settings, Told},
    server::{Relay, summary},
};
use crate::pump::Hub;
use std::{io, pin::pin};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};
use tracing::{error, info, warn};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everybody was told.
    InOrder,
    /// Somebody was in a hurry.
    Cut,
}

/// The signals that are listened to; before this, the system's own answers count.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Listens.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Serves until a signal ends it. `told` is asked again when its settings are to be read anew.
    pub(super) async fn govern(mut self, relay: Relay, told: &Told, settings: &Settings) -> Ended {
        let (hub, stop) = (relay.hub(), Notify::new());
        let mut serving = pin!(relay.serve(stop.notified()));
        let mut asked = false;
        let ended = loop {
            tokio::select! {
                _ = &mut serving => break Ended::InOrder,
                _ = self.hangup.recv() => {
                    reload(told, settings, &hub);
                    continue;
                }
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
            if asked {
                warn!("asked twice: it ends now");
                break Ended::Cut;
            }
            asked = true;
            stop.notify_one();
        };
        info!("{}", summary(&hub.route.counts));
        ended
    }
}

/// Takes over the limits of what the configuration says now, all of them or, if something is wrong
/// with it, none.
fn reload(told: &Told, settings: &Settings, hub: &Hub) {
    match told.settings() {
        Err(complaints) => {
            for complaint in complaints {
                error!("{complaint}");
            }
            error!("nothing was reloaded");
        }
        Ok(new) => {
            new.limits.warnings().iter().for_each(|warning| warn!("{warning}"));
            let adopted = hub.adopt(&new.limits);
            let later = [settings.differing(&new), adopted.later].concat();
            if adopted.changed.is_empty() {
                info!("the configuration was read again, nothing changed");
            } else {
                info!(changed = adopted.changed.join(" "), "limits are reloaded");
            }
            if !later.is_empty() {
                warn!(later = later.join(" "), "some settings count after the next start only");
            }
        }
    }
}
