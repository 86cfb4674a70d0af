//! The wire between a client and its relay, which the suite can cut, silence and narrow.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::live::outcome::{Outcome, broken};
use crate::live::upgrade::Address;

/// How long the relay may take to be dialled.
const DIAL: Duration = Duration::from_secs(5);
/// How many bytes a narrow wire takes from a relay at once, and how long it rests then: 4 MiB/s.
const SIP: (usize, Duration) = (64 * 1024, Duration::from_millis(16));

/// How connections end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Both sides see the end.
    Clean,
    /// The client sees the end, the relay sees nothing.
    Silent,
}

/// A listener that hands every connection on to a relay.
pub(super) struct Wire {
    /// Where the client finds it.
    pub(super) url: String,
    cut: watch::Sender<(u32, Cut)>,
    accepting: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Wire {
    /// A wire to the relay at this address; a narrow one brings little from it at a time.
    pub(super) async fn open(to: &Address, narrow: bool) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(broken("cannot listen"))?;
        let port = listener.local_addr().map_err(broken("cannot listen"))?.port();
        let (cut, cuts) = watch::channel((0, Cut::Clean));
        let (url, to) = (format!("ws://127.0.0.1:{port}{}", to.path), to.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(join(client, to.clone(), narrow, cuts.clone()));
            }
        });
        Ok(Self { url, cut, accepting })
    }

    /// Ends every connection there is.
    pub(super) fn cut(&self, how: Cut) {
        self.cut.send_modify(|(count, kind)| (*count, *kind) = (*count + 1, how));
    }
}

/// One connection, until a side ends it or the wire is cut.
async fn join(client: TcpStream, to: Address, narrow: bool, mut cuts: watch::Receiver<(u32, Cut)>) {
    cuts.mark_unchanged();
    let dialled = if narrow { to.dial_narrow(DIAL).await } else { to.dial(DIAL).await };
    // Whoever cannot be reached is reported by the client, whose connection ends here.
    let Ok(relay) = dialled else { return };
    let (mut from_client, to_client) = client.into_split();
    let (from_relay, mut to_relay) = relay.into_split();
    let kept = async {
        tokio::select! {
            _ = copy(&mut from_client, &mut to_relay) => {}
            () = hand_on(from_relay, to_client, narrow) => {}
        }
    };
    tokio::select! {
        () = kept => return,
        // The wire itself may be gone, and its connections with it.
        _ = cuts.changed() => {}
    }
    if cuts.borrow().1 == Cut::Silent {
        drop(from_client);
        // Held open until the suite is done.
        let _ = cuts.wait_for(|_| false).await;
        drop(to_relay);
    }
}

/// What the relay says, in sips if the wire is narrow.
async fn hand_on(mut relay: OwnedReadHalf, mut client: OwnedWriteHalf, narrow: bool) {
    let mut sip = vec![0; SIP.0];
    while let Ok(read @ 1..) = relay.read(&mut sip).await {
        if client.write_all(&sip[..read]).await.is_err() {
            return;
        }
        if narrow {
            sleep(SIP.1).await;
        }
    }
}
