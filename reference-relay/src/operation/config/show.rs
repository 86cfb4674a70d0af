//! What `--print-config` shows: a file that `--config` takes back, with what it means beside it.

use super::{SETTINGS, Settings, file::LIMITS};
use crate::limits::{Budget, Limits};
use std::fmt::{self, Write};

/// How far names and values reach before what explains them.
const WIDTH: usize = 36;

/// The page.
#[must_use]
pub fn page(settings: &Settings) -> String {
    let mut page = String::new();
    // Writing into a string cannot fail.
    let _ = write(settings, &mut page);
    page
}

fn write(settings: &Settings, page: &mut String) -> fmt::Result {
    let version = env!("CARGO_PKG_VERSION");
    writeln!(
        page,
        "# sealwire-relay {version}: what is in force; --config takes a file like it.\n"
    )?;
    for setting in SETTINGS {
        let line = match (setting.show)(settings) {
            Some(value) => format!("{} = {}", setting.name, quoted(&value)),
            None => format!("# {} is not set", setting.name),
        };
        let origin = origin(settings, setting.name);
        writeln!(page, "{line:<WIDTH$} # {}; {origin}", setting.about)?;
    }
    writeln!(page, "\n[{LIMITS}]")?;
    for row in Limits::ROWS {
        let value = row.show(&settings.limits);
        let value = if row.is_number() { value } else { quoted(&value) };
        let line = format!("{} = {value}", row.name);
        let origin = origin(settings, row.name);
        let (about, range) = (row.about(), row.range());
        writeln!(page, "{line:<WIDTH$} # {about}: {range} [{}]; {origin}", row.clause)?;
    }
    write_budget(&Budget::of(&settings.limits), page)
}

fn origin<'s>(settings: &'s Settings, name: &str) -> &'s str {
    settings.origins.get(name).map_or("default", String::as_str)
}

fn quoted(value: &str) -> String {
    match value {
        "true" | "false" => value.into(),
        _ => toml_edit::Value::from(value).to_string(),
    }
}

fn write_budget(budget: &Budget, page: &mut String) -> fmt::Result {
    let queue = "min(queue.hard-bytes, queue.soft-bytes + frame.max)";
    let rest = "2 × frame.max + 2 × queue.soft-bytes + presence.subscriptions × 448 + 80 KiB";
    let rows = [
        ("one session", budget.session, format!("{queue} + {rest}")),
        ("all sessions", budget.sessions, "session.max × one".into()),
        ("one before its hello", budget.guest, "2 × frame.before-hello + 32 KiB".into()),
        ("all before their hello", budget.guests, "hello.sockets × one".into()),
        ("remembered hellos", budget.hellos, "(hello.replays + session.max) × 128".into()),
        ("the process at worst", budget.total(), "all of these + 32 MiB".into()),
        ("the system's buffers", budget.system, "session.max × 2 × socket.send-buffer".into()),
    ];
    writeln!(page, "\n# Memory if every session and socket is at its limits at once, in bytes:")?;
    for (what, bytes, formula) in rows {
        writeln!(page, "#   {what:<22} {:>16} = {formula}", grouped(bytes))?;
    }
    Ok(())
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    let digit = |(at, digit)| [comma(at).then_some(','), Some(digit)];
    digits.chars().enumerate().flat_map(digit).flatten().collect()
}
