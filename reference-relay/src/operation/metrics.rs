//! `/metrics`: everything that the relay counts, as OpenMetrics. All labels are of closed lists: the
//! clauses of the specification, [`Refused`](crate::exchange::counts::Refused),
//! [`Parted`](crate::exchange::counts::Parted). Nothing of a client can become one.
//!
//! Nothing is kept for it: each scrape reads the counters and walks the queues.

use crate::{
    exchange::{counts::Counts, spread::Spreading},
    limits::Budget,
    pump::Hub,
};
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric, NoLabelSet,
        text::encode,
    },
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};
use std::{
    fmt::Result,
    fs,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Microseconds in a second.
const MICROS: f64 = 1e6;

/// The page.
pub(super) fn page(hub: Arc<Hub>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape(hub)));
    let mut page = String::new();
    // Writing into a string cannot fail.
    let _ = encode(&mut page, &registry);
    page
}

#[derive(Debug)]
struct Scrape(Arc<Hub>);

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder) -> Result {
        let (hub, mut page) = (&self.0, Page(encoder));
        page.frames(hub)?;
        page.connections(hub)?;
        page.reasons(&hub.route.counts)?;
        page.process(hub)
    }
}

/// One metric after the other.
struct Page<'e>(DescriptorEncoder<'e>);

impl Page<'_> {
    /// The terms of the conservation law, and how frames fared.
    fn frames(&mut self, hub: &Hub) -> Result {
        let counts = &hub.route.counts;
        // What waits is looked at before and what has been settled after it: a frame on its way is
        // missed rather than seen twice.
        let (held, queued) = (counts.held(), hub.queued());
        let totals = counts.totals();
        self.counter("sealwire_peer_frames", "Peer frames that came", totals.frames)?;
        let of = [
            ("delivered", "Peer frames that the system took for their recipient", totals.delivered),
            ("answered", "Peer frames answered with recipient_offline", totals.answered),
            ("lost", "Peer frames whose sender was gone too", totals.lost),
        ];
        for (what, help, count) in of {
            self.counter(&format!("sealwire_peer_frames_{what}"), help, count)?;
        }
        self.gauge("sealwire_peer_frames_held", "Peer frames in the hand of their sender", held)?;
        self.gauge(
            "sealwire_peer_frames_queued",
            "Peer frames in queues, and being written",
            queued,
        )?;
        let help = "From entering a recipient's queue to being taken by the system";
        let (queueing, batch) = (counts.queueing.snapshot(), counts.batch.snapshot());
        self.histogram("sealwire_queueing", help, Some(&Unit::Seconds), MICROS, &queueing)?;
        self.histogram(
            "sealwire_batch_frames",
            "Messages taken out of the lanes in one go",
            None,
            1.0,
            &batch,
        )
    }

    fn connections(&mut self, hub: &Hub) -> Result {
        let doings = hub.route.counts.doings();
        let counters = [
            ("sealwire_sockets_accepted", "Sockets that came", doings.accepted),
            (
                "sealwire_accepts_failed",
                "Accepts for which there was no descriptor",
                doings.starved,
            ),
            ("sealwire_tasks_failed", "Connections that failed inside", doings.panicked),
            ("sealwire_sessions_begun", "Sessions that began", doings.welcomed),
        ];
        for (name, help, count) in counters {
            self.counter(name, help, count)?;
        }
        self.gauge("sealwire_sessions", "Live sessions", hub.sessions())?;
        self.gauge("sealwire_sockets_before_hello", "Sockets before their hello", hub.guests())?;
        let ready = u64::from(!hub.is_draining());
        self.gauge("sealwire_ready", "1 while it accepts connections", ready)
    }

    /// What is counted by a word of a closed list.
    fn reasons(&mut self, counts: &Counts) -> Result {
        let refused = counts.refusals();
        let refused = refused.map(|(why, count)| {
            (vec![("reason", why.word()), ("clause", why.clause().id())], count)
        });
        self.family("sealwire_refused", "Sockets and hellos that did not get in", refused)?;
        let parted = counts.partings().map(|(how, count)| (vec![("code", how.word())], count));
        self.family("sealwire_closes", "Connections that ended, by the code of the close", parted)?;
        let dropped = counts.drops().into_iter();
        let dropped = dropped.map(|(clause, count)| (vec![("clause", clause)], count));
        self.family("sealwire_dropped", "Commands that were dropped, by clause", dropped)
    }

    fn process(&mut self, hub: &Hub) -> Result {
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let info =
            self.0.encode_descriptor("sealwire_relay", "What runs", None, MetricType::Info)?;
        version.encode(info)?;
        let budget = Budget::of(&hub.limits).total();
        self.gauge("sealwire_memory_budget_bytes", "What the limits allow at worst", budget)?;
        let began = SystemTime::now().checked_sub(hub.now());
        let began = began.and_then(|began| began.duration_since(UNIX_EPOCH).ok());
        if let Some(began) = began {
            self.gauge("process_start_time_seconds", "When it began", began.as_secs_f64())?;
        }
        if let Some(bytes) = resident() {
            self.gauge("process_resident_memory_bytes", "Resident memory", bytes)?;
        }
        if let Some(seconds) = processor() {
            self.counter("process_cpu_seconds", "Time on processors", seconds)?;
        }
        let open = fs::read_dir("/proc/self/fd").map(Iterator::count);
        if let Ok(open) = open {
            self.gauge("process_open_fds", "Open descriptors", open as u64)?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: impl EncodeCounterValue) -> Result {
        let metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(value).encode(metric)
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> Result {
        let metric = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(value).encode(metric)
    }

    fn family(
        &mut self,
        name: &str,
        help: &str,
        rows: impl Iterator<Item = (Vec<(&'static str, &'static str)>, u64)>,
    ) -> Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, count) in rows {
            ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn histogram<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        scale: f64,
        values: &Spreading<N>,
    ) -> Result {
        let bound = |most: Option<u64>| most.map_or(f64::INFINITY, |most| most as f64 / scale);
        let rows: Vec<_> = values.rows().map(|(most, count)| (bound(most), count)).collect();
        let mut metric = self.0.encode_descriptor(name, help, unit, MetricType::Histogram)?;
        let sum = values.sum as f64 / scale;
        metric.encode_histogram::<NoLabelSet>(sum, values.count(), &rows, None)
    }
}

/// Bytes of memory that the process really has, where the system tells.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Seconds of processor time, its own and the system's for it, where the system tells.
fn processor() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program is the one field that may hold a space, and stands in brackets.
    let fields = text.rsplit(')').next()?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<std::result::Result<_, _>>().ok()?;
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
