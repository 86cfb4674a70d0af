//! A report for people.

use std::fmt::{self, Display, Formatter};

use super::{
    Found, Frames, Handshakes, Idle, Latency, Memory, Report, Share, Stalled, Storm, Traffic,
};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = match &self.found {
            Found::Handshakes(_) => "handshakes",
            Found::Storm(_) => "sessions",
            _ => "frames",
        };
        write!(f, "{}", self.found)?;
        if let Some(relay) = &self.relay {
            share(f, "relay", relay, unit)?;
        }
        share(f, "generator", &self.generator, unit)?;
        writeln!(f, "{:<13}{}", "seed", self.seed)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{:<13}{note}", "note"))?;
        self.void.iter().try_for_each(|why| writeln!(f, "{:<13}{why}", "VOID"))
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traffic(traffic) => write!(f, "{traffic}"),
            Self::Idle(Idle { sessions }) => {
                writeln!(f, "{:<13}{} sessions that do nothing", "idle", grouped(*sessions as f64))
            }
            Self::Handshakes(handshakes) => write!(f, "{handshakes}"),
            Self::Storm(storm) => write!(f, "{storm}"),
            Self::Memory(memory) => write!(f, "{memory}"),
        }
    }
}

impl Display for Traffic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { pairs, frame_bytes, idle_sessions, .. } = self;
        match (self.rate, self.in_flight) {
            (Some(rate), _) => {
                let rate = grouped(f64::from(rate));
                write!(f, "{:<13}{pairs} pairs, {rate} frames/s of all", "open loop")?;
            }
            (None, in_flight) => {
                let in_flight = in_flight.unwrap_or_default();
                write!(f, "{:<13}{pairs} pairs, {in_flight} in flight each", "closed loop")?;
            }
        }
        writeln!(f, ", frames of {frame_bytes} bytes, {idle_sessions} idle sessions besides")?;
        let megabytes = self.frames_per_second * *frame_bytes as f64 / 1e6;
        let rate = grouped(self.frames_per_second);
        writeln!(f, "{:<13}{rate} frames/s, {megabytes:.0} MB/s", "rate")?;
        writeln!(f, "{:<13}{}", "frames", self.frames)?;
        for (name, times) in [("latency", &self.latency), ("sent late", &self.lateness)] {
            if let Some(times) = times {
                writeln!(f, "{name:<13}{times}")?;
            }
        }
        let Some(stalled) = &self.stalled else { return Ok(()) };
        let Stalled { pairs, closed, frames, lost_with_recipient, answered_in_doubt, latency } =
            stalled;
        writeln!(f, "{:<13}{pairs} pairs, {closed} ended by the relay: {frames}", "stalled")?;
        writeln!(
            f,
            "{:<13}{lost_with_recipient} frames went down with their recipient, {answered_in_doubt} \
             were answered and arrived after all",
            ""
        )?;
        latency.iter().try_for_each(|latency| writeln!(f, "{:<13}{latency}", ""))
    }
}

impl Display for Frames {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { sent, received, answered, outstanding, twice, astray } = self;
        write!(f, "{sent} sent = {received} received + {answered} answered")?;
        write!(f, " + {outstanding} outstanding")?;
        if *twice > 0 {
            write!(f, " - {twice} received and answered")?;
        }
        write!(f, "; {astray} astray")
    }
}

impl Display for Latency {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { count: _, p50, p90, p99, p99_9, max } = self;
        write!(f, "p50 {p50:.0} µs, p90 {p90:.0}, p99 {p99:.0}, p99.9 {p99_9:.0}, max {max:.0}")
    }
}

impl Display for Handshakes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { under_way, completed, per_second, refusals, .. } = self;
        writeln!(
            f,
            "{:<13}{completed} completed, {under_way} at a time, {}/s; {} refused, {} id_in_use",
            "handshakes",
            grouped(*per_second),
            refusals.refused,
            refusals.id_in_use
        )?;
        let crypto = grouped(self.crypto_per_cpu_second);
        write!(f, "{:<13}allows {crypto} handshakes a CPU-second", "crypto")?;
        self.of_crypto
            .iter()
            .try_for_each(|part| write!(f, "; the relay reaches {part:.2} of it"))?;
        writeln!(f)
    }
}

impl Display for Storm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { sessions, lost, seconds_until_half, seconds_until_last, refusals } = self;
        writeln!(
            f,
            "{:<13}{} sessions back, half after {seconds_until_half:.2} s, the last after \
             {seconds_until_last:.2} s; {lost} lost, {} refused, {} id_in_use",
            "storm",
            grouped((sessions - lost) as f64),
            refusals.refused,
            refusals.id_in_use
        )
    }
}

impl Display for Memory {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let (sessions, bytes) = (step.sessions as f64, step.resident_bytes as f64);
            let sessions = grouped(sessions);
            writeln!(f, "{:<13}{sessions:>7} sessions {:>12} bytes", "resident", grouped(bytes))?;
        }
        let line = self.bytes_per_session;
        writeln!(
            f,
            "{:<13}{} bytes a session, {} without any, R² {:.5}",
            "slope",
            grouped(line.slope),
            grouped(line.intercept),
            line.r_squared
        )?;
        let Some(rested) = &self.rested else { return Ok(()) };
        writeln!(
            f,
            "{:<13}{} bytes more a session, {:.0} s after each sent and received {} bytes",
            "rested",
            grouped(rested.more_bytes_per_session),
            rested.rest_seconds,
            rested.frame_bytes
        )
    }
}

fn share(f: &mut Formatter<'_>, whose: &str, share: &Share, unit: &str) -> fmt::Result {
    let Share { cpu_seconds, cores, per_cpu_second } = share;
    write!(f, "{whose:<13}{cpu_seconds:.2} s of CPU, {:.1} % of a core", 100.0 * cores)?;
    if let Some(each) = per_cpu_second {
        write!(f, ", {} {unit} a CPU-second", grouped(*each))?;
    }
    writeln!(f)
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut grouped = if number < -0.5 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [
            (0.4, "0"),
            (999.0, "999"),
            (1e3, "1,000"),
            (1234567.8, "1,234,568"),
            (-123e3, "-123,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
