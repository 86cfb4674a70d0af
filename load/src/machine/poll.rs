//! epoll, edge-triggered: each socket is registered once, and told when something changes.

use std::io;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

/// The timer's place among the tokens.
const TIMER: u64 = u64::MAX - 1;
/// Events that one look brings at most.
const EVENTS: usize = 1_024;

/// What has changed at one socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// The one it was registered with.
    pub(crate) token: usize,
    /// There are bytes, or the end.
    pub(crate) readable: bool,
    /// There is room again.
    pub(crate) writable: bool,
    /// Behind the bytes there is the end, which is not told again.
    pub(crate) ended: bool,
}

/// A set of sockets.
pub(crate) struct Poll {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    timer: Option<OwnedFd>,
}

impl Poll {
    /// An empty set.
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(EVENTS), timer: None })
    }

    /// From now on, waits end when they should and not up to a millisecond later.
    pub(crate) fn be_precise(&mut self) -> io::Result<()> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        self.add(&timer, TIMER)?;
        self.timer = Some(timer);
        Ok(())
    }

    /// Adds a socket. It leaves the set when it is closed.
    pub(crate) fn watch(&self, socket: impl AsFd, token: usize) -> io::Result<()> {
        self.add(socket, token as u64)
    }

    fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        let flags = epoll::EventFlags::IN
            | epoll::EventFlags::OUT
            | epoll::EventFlags::RDHUP
            | epoll::EventFlags::ET;
        Ok(epoll::add(&self.epoll, socket, epoll::EventData::new_u64(token), flags)?)
    }

    /// Waits until something changes, or for so long: whole milliseconds, rounded up, unless it is
    /// to be precise.
    pub(crate) fn wait(&mut self, most: Duration) -> io::Result<()> {
        let most = Timespec::try_from(most).map_err(io::Error::other)?;
        if let Some(timer) = &self.timer {
            // Zero would switch it off.
            let it_value = Timespec { tv_nsec: most.tv_nsec.max(1), ..most };
            let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
            let once = Itimerspec { it_interval, it_value };
            timerfd_settime(timer, TimerfdTimerFlags::empty(), &once)?;
        }
        self.events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&most)) {
            Ok(_) => {
                if self.timer.is_some() {
                    self.events.retain(|event| event.data.u64() != TIMER);
                }
                Ok(())
            }
            // A debugger or a stopped terminal: nothing has changed.
            Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many sockets have changed.
    pub(crate) fn changed(&self) -> usize {
        self.events.len()
    }

    /// What has changed at one of them. By place, so that the set can be worked on meanwhile.
    pub(crate) fn ready(&self, at: usize) -> Ready {
        let event = self.events[at];
        let flags = event.flags;
        let ended = epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        Ready {
            token: event.data.u64() as usize,
            readable: flags.intersects(epoll::EventFlags::IN | ended),
            writable: flags.intersects(epoll::EventFlags::OUT | ended),
            ended: flags.intersects(ended),
        }
    }
}
