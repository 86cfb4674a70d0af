//! Who may come in: sockets that have not said hello, and hellos by rate, in all and by prefix.
//! Pure; `now` is the time since the relay began.
//!
//! Clauses: `relay/sockets-limit`, `relay/rate`.

use crate::{
    exchange::{bucket::Bucket, counts::Refused},
    limits::Limits,
};
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

/// The network a connection comes from: the /24 of an IPv4 address, the /56 of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// The first three bytes.
    V4([u8; 3]),
    /// The first seven.
    V6([u8; 7]),
}

impl Prefix {
    /// `None` for loopback, which is exempt from limits by prefix.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            address if address.is_loopback() => None,
            IpAddr::V4(v4) => v4.octets().first_chunk().copied().map(Self::V4),
            IpAddr::V6(v6) => v6.octets().first_chunk().copied().map(Self::V6),
        }
    }
}

#[derive(Debug)]
struct Network {
    sockets: usize,
    hellos: Bucket,
}

/// How many networks are remembered before those that are at rest are forgotten.
const NETWORKS: usize = 1_024;

/// The sockets before their hello.
#[derive(Debug)]
pub struct Door {
    limits: Arc<Limits>,
    sockets: usize,
    hellos: Bucket,
    networks: HashMap<Prefix, Network>,
    sweep_at: usize,
}

impl Door {
    /// Nobody before it.
    #[must_use]
    pub fn new(limits: Arc<Limits>) -> Self {
        let (hellos, networks) = (Bucket::FULL, HashMap::new());
        Self { limits, sockets: 0, hellos, networks, sweep_at: NETWORKS }
    }

    /// A socket was accepted.
    ///
    /// # Errors
    /// Why it is to be closed at once.
    pub fn enter(&mut self, prefix: Option<Prefix>, now: Duration) -> Result<(), Refused> {
        if self.sockets >= self.limits.hello_sockets() {
            return Err(Refused::Sockets);
        }
        if let Some(prefix) = prefix {
            let limit = self.limits.hello_prefix_sockets();
            let network = self.network(prefix, now);
            if network.sockets >= limit {
                return Err(Refused::Prefix);
            }
            network.sockets += 1;
        }
        self.sockets += 1;
        Ok(())
    }

    /// How many stand before it.
    #[must_use]
    pub const fn sockets(&self) -> usize {
        self.sockets
    }

    /// A socket that had entered is gone, or its hello was accepted.
    pub fn leave(&mut self, prefix: Option<Prefix>) {
        self.sockets = self.sockets.saturating_sub(1);
        if let Some(network) = prefix.and_then(|prefix| self.networks.get_mut(&prefix)) {
            network.sockets = network.sockets.saturating_sub(1);
        }
    }

    /// A hello stands before the door: when it may be read, if before its `deadline`. One that cannot
    /// takes no place: else those who come in vain would keep out those who come after them.
    #[must_use]
    pub fn hello(
        &mut self,
        prefix: Option<Prefix>,
        now: Duration,
        deadline: Duration,
    ) -> Option<Duration> {
        let all = self.limits.hello_rate();
        let (own, burst) = (self.limits.hello_prefix_rate(), self.limits.hello_prefix_burst());
        let mut due = self.hellos.due(now, all, all);
        if let Some(prefix) = prefix {
            let hellos = &mut self.network(prefix, now).hellos;
            due = due.max(hellos.due(now, own, burst));
            if due < deadline {
                hellos.take(now, own, burst);
            }
        }
        if due < deadline {
            self.hellos.take(now, all, all);
        }
        (due < deadline).then_some(due)
    }

    fn network(&mut self, prefix: Prefix, now: Duration) -> &mut Network {
        if self.networks.len() >= self.sweep_at {
            self.networks.retain(|_, network| network.sockets > 0 || !network.hellos.is_full(now));
            self.sweep_at = NETWORKS.max(2 * self.networks.len());
        }
        let new = || Network { sockets: 0, hellos: Bucket::FULL };
        self.networks.entry(prefix).or_insert_with(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);
    const LATER: Duration = Duration::from_secs(1_000_000);

    fn door(settings: &[&str]) -> Door {
        let mut limits = Limits::default();
        settings.iter().for_each(|setting| limits.set(setting).unwrap());
        Door::new(Arc::new(limits))
    }

    fn prefix(text: &str) -> Option<Prefix> {
        Prefix::of(text.parse().unwrap())
    }

    #[test]
    fn prefixes_are_24_and_56_bits_and_loopback_is_exempt() {
        assert_eq!(prefix("203.0.113.7"), prefix("203.0.113.250"));
        assert_ne!(prefix("203.0.113.7"), prefix("203.0.114.7"));
        assert_eq!(prefix("::ffff:203.0.113.7"), prefix("203.0.113.7"));
        assert_eq!(prefix("2001:db8:0:1::1"), prefix("2001:db8:0:ff::2"));
        assert_ne!(prefix("2001:db8:0:1::1"), prefix("2001:db8:0:100::1"));
        assert_eq!([prefix("127.9.9.9"), prefix("::1"), prefix("::ffff:127.0.0.1")], [None; 3]);
    }

    #[test]
    fn sockets_are_limited_in_all() {
        let mut door = door(&["hello.sockets=2"]);
        assert_eq!([door.enter(None, NOW), door.enter(None, NOW)], [Ok(()); 2]);
        assert_eq!(door.enter(None, NOW), Err(Refused::Sockets));
        door.leave(None);
        assert_eq!(door.enter(None, NOW), Ok(()));
    }

    #[test]
    fn sockets_of_one_prefix_are_limited_and_others_are_not() {
        let mut door = door(&["hello.prefix-sockets=2"]);
        let (one, other) = (prefix("203.0.113.7"), prefix("203.0.114.7"));
        assert_eq!([door.enter(one, NOW), door.enter(one, NOW)], [Ok(()); 2]);
        assert_eq!(door.enter(one, NOW), Err(Refused::Prefix));
        assert_eq!([door.enter(other, NOW), door.enter(None, NOW)], [Ok(()); 2]);
        door.leave(one);
        assert_eq!(door.enter(one, NOW), Ok(()));
    }

    #[test]
    fn hellos_of_a_prefix_wait_after_their_burst() {
        let mut door = door(&["hello.prefix-rate=10", "hello.prefix-burst=3"]);
        let one = prefix("203.0.113.7");
        for _ in 0..3 {
            assert_eq!(door.hello(one, NOW, LATER), Some(NOW));
        }
        assert_eq!(door.hello(one, NOW, LATER), Some(NOW + Duration::from_millis(100)));
        assert_eq!(door.hello(prefix("203.0.114.7"), NOW, LATER), Some(NOW));
        assert_eq!(door.hello(None, NOW, LATER), Some(NOW), "loopback");
    }

    #[test]
    fn a_hello_that_comes_in_vain_keeps_nobody_out() {
        let mut door = door(&["hello.prefix-rate=10", "hello.prefix-burst=1", "hello.rate=20"]);
        let one = prefix("203.0.113.7");
        let patience = Duration::from_millis(500);
        let mut served = |now| (0..100).filter_map(|_| door.hello(one, now, now + patience)).last();
        assert_eq!(served(NOW), Some(NOW + Duration::from_millis(400)));
        // As long as a hundred of them would have taken, nobody would have been served.
        let later = NOW + Duration::from_secs(1);
        assert_eq!(served(later), Some(later + Duration::from_millis(400)));
        // Nor do they count for all.
        let others = (0..30).filter_map(|_| door.hello(None, later, LATER));
        assert_eq!(others.filter(|due| *due == later).count(), 15);
    }

    #[test]
    fn networks_at_rest_are_forgotten() {
        let mut door = door(&[]);
        for number in 0..100_000_u32 {
            let one = Prefix::of(IpAddr::from((0x0b00_0000 + (number << 8)).to_be_bytes()));
            assert_eq!(door.enter(one, NOW), Ok(()));
            door.leave(one);
        }
        assert!(door.networks.len() <= NETWORKS, "{}", door.networks.len());
    }

    #[test]
    fn networks_that_are_busy_are_remembered_until_they_rest() {
        let mut door = door(&[]);
        let network = |number: usize| {
            Prefix::of(IpAddr::from((0x0b00_0000 + (number as u32) * 0x100).to_be_bytes()))
        };
        assert_eq!(door.enter(prefix("203.0.113.7"), NOW), Ok(()));
        for number in 1..=NETWORKS {
            let _ = door.hello(network(number), NOW, LATER);
        }
        assert_eq!(door.sweep_at, 2 * NETWORKS, "all of them are busy");
        for number in NETWORKS..2 * NETWORKS {
            let _ = door.hello(network(number), NOW, LATER);
        }
        assert_eq!(door.networks.len(), 2 * NETWORKS);
        let _ = door.hello(network(1), 3_600 * NOW, LATER);
        assert_eq!(door.networks.len(), 2, "the one whose socket is open, and the new one");
    }
}
