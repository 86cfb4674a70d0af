//! What an operator sets: one schema, whichever way it is told. Later wins:
//!
//! ```text
//! defaults → --config FILE (TOML) → SEALWIRE_RELAY_… → flags
//! ```
//!
//! Each setting is read from a text by one function, so a value means the same everywhere. A name
//! that nothing here has is refused, and the nearest one named.

mod file;
mod show;
#[cfg(test)]
mod tests;

pub use show::page;

use crate::{
    exchange::switchboard::Notifier,
    limits::{Limits, SetError},
    operation::logs::Form,
};
use std::{collections::BTreeMap, ffi::OsString, fmt, net::SocketAddr, path::PathBuf};
use tracing::level_filters::LevelFilter;

/// What variables of the environment begin with; the rest is the name in capitals, with `_` for
/// anything else.
pub const PREFIX: &str = "SEALWIRE_RELAY_";
/// Variables of that prefix by which a client is told of its relay.
const OF_CLIENTS: &[&str] = &["URL", "X25519", "ED25519"];
/// How alike a name must be to be suggested, of 1.
const ALIKE: f64 = 0.8;

/// Everything that is set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients connect to.
    pub listen: SocketAddr,
    /// The file of the relay's seeds; without one, keys for this run.
    pub identity: Option<PathBuf>,
    /// Who gets WAKE and PUSH_REGISTER, as it was written.
    pub notifier: Option<String>,
    /// Where health and metrics are asked for.
    pub admin: Option<SocketAddr>,
    /// Whether that may be an address that other machines reach.
    pub admin_anywhere: bool,
    /// What a line of the log looks like.
    pub log: Form,
    /// What is logged.
    pub log_level: LevelFilter,
    /// Every limit.
    pub limits: Limits,
    /// Where each name that is not at its default was told.
    origins: BTreeMap<&'static str, String>,
}

impl Default for Settings {
    fn default() -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: loopback,
            identity: None,
            notifier: None,
            admin: Some(loopback),
            admin_anywhere: false,
            log: Form::Text,
            log_level: LevelFilter::INFO,
            limits: Limits::default(),
            origins: BTreeMap::new(),
        }
    }
}

/// One setting that is no limit.
struct Setting {
    name: &'static str,
    about: &'static str,
    put: fn(&mut Settings, &str) -> Result<(), String>,
    show: fn(&Settings) -> Option<String>,
}

/// In the order in which they are shown.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        about: "where clients connect to; port 0 lets the system choose",
        put: |settings, text| address(text).map(|address| settings.listen = address),
        show: |settings| Some(settings.listen.to_string()),
    },
    Setting {
        name: "identity",
        about: "the relay's keys, as keygen wrote them; without it, keys for one run",
        put: |settings, text| {
            settings.identity = (!text.is_empty()).then(|| text.into());
            Ok(())
        },
        show: |settings| settings.identity.as_ref().map(|path| path.display().to_string()),
    },
    Setting {
        name: "notifier",
        about: "who gets wake-up calls: an id (16 hex digits) or a whole X25519 key (64)",
        put: |settings, text| {
            Notifier::parse(text)?;
            settings.notifier = Some(text.into());
            Ok(())
        },
        show: |settings| settings.notifier.clone(),
    },
    Setting {
        name: "admin",
        about: "where /healthz, /readyz and /metrics are; \"off\" for nowhere",
        put: |settings, text| {
            settings.admin = (text != "off").then(|| address(text)).transpose()?;
            Ok(())
        },
        show: |settings| {
            Some(settings.admin.map_or_else(|| "off".into(), |admin| admin.to_string()))
        },
    },
    Setting {
        name: "admin-anywhere",
        about: "whether admin may be an address that other machines reach",
        put: |settings, text| {
            settings.admin_anywhere =
                text.parse().map_err(|_| "must be true or false".to_owned())?;
            Ok(())
        },
        show: |settings| Some(settings.admin_anywhere.to_string()),
    },
    Setting {
        name: "log",
        about: "what a line on stderr looks like: text or json",
        put: |settings, text| text.parse().map(|form| settings.log = form),
        show: |settings| Some(settings.log.to_string()),
    },
    Setting {
        name: "log-level",
        about: "what is logged: off, error, warn, info or debug",
        put: |settings, text| {
            let wanted = || "must be off, error, warn, info or debug".to_owned();
            settings.log_level = text.parse().map_err(|_| wanted())?;
            Ok(())
        },
        show: |settings| Some(settings.log_level.to_string()),
    },
];

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address and a port, as in 127.0.0.1:8080".into())
}

/// Whether who listens on one of these takes the other away.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let (ours, theirs) = (one.ip(), other.ip());
    let alike = ours == theirs || ours.is_unspecified() || theirs.is_unspecified();
    alike && one.port() == other.port() && one.port() != 0
}

/// What is wrong with something that was told. `Display` is one line: where, what, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// A file, line and column; a variable; a flag and its value.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Everything that was told, in the order of the module page.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// The variables of the environment.
    pub environment: Vec<(String, OsString)>,
    /// Flags, each with its name and value: the name of a setting, or `set` with `NAME=VALUE`.
    pub flags: Vec<(&'static str, String)>,
}

impl Told {
    /// What is in force then.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn settings(&self) -> Result<Settings, Vec<Complaint>> {
        let mut settings = Settings::default();
        let mut complaints = Vec::new();
        if let Some(path) = &self.file {
            complaints.extend(file::read(path, &mut settings));
        }
        for (variable, value) in &self.environment {
            complaints.extend(variable_says(&mut settings, variable, value).err());
        }
        for (flag, value) in &self.flags {
            complaints.extend(flag_says(&mut settings, flag, value).err());
        }
        if complaints.is_empty() {
            complaints = settings.contradictions();
        }
        if complaints.is_empty() { Ok(settings) } else { Err(complaints) }
    }
}

impl Settings {
    /// Sets one by its name; `origin` says who wanted it.
    fn put(&mut self, name: &str, value: &str, origin: &str) -> Result<(), String> {
        let known = if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
            (setting.put)(self, value)?;
            setting.name
        } else {
            self.limits.put(name, value).map_err(|error| match error {
                SetError::Name => nothing_like(name, names()),
                other => other.to_string(),
            })?;
            Limits::ROWS.iter().find(|row| row.name == name).map_or("", |row| row.name)
        };
        self.origins.insert(known, origin.into());
        Ok(())
    }

    /// What cannot be had together.
    fn contradictions(&self) -> Vec<Complaint> {
        let open = self.admin.is_some_and(|admin| !admin.ip().is_loopback());
        let open = (open && !self.admin_anywhere).then(|| {
            let what = "admin: other machines reach this address, and it asks nobody who they are; \
                        name one of loopback, or set admin-anywhere = true";
            self.complaint(&["admin"], what)
        });
        let shared = self.admin.filter(|admin| collide(self.listen, *admin)).map(|admin| {
            let what = format!("admin = {admin} takes the port of listen; choose another");
            self.complaint(&["admin", "listen"], what)
        });
        let limits = self.limits.contradictions().into_iter();
        let limits = limits.map(|told| self.complaint(&told.names, told.to_string()));
        open.into_iter().chain(shared).chain(limits).collect()
    }

    /// Placed where the first of `names` that is not at its default was told.
    fn complaint(&self, names: &[&str], what: impl Into<String>) -> Complaint {
        let place = names.iter().find_map(|name| self.origins.get(name));
        Complaint { place: place.map_or("default", String::as_str).into(), what: what.into() }
    }

    /// Names of what differs from `new`, limits apart, and so waits for the next start.
    #[must_use]
    pub fn differing(&self, new: &Self) -> Vec<&'static str> {
        let differs = |setting: &&Setting| (setting.show)(self) != (setting.show)(new);
        SETTINGS.iter().filter(differs).map(|setting| setting.name).collect()
    }
}

/// Every name.
fn names() -> impl Iterator<Item = String> {
    let settings = SETTINGS.iter().map(|setting| setting.name.to_owned());
    settings.chain(Limits::ROWS.iter().map(|row| row.name.to_owned()))
}

/// A name that nothing has, and the one that was meant, if that can be told.
fn nothing_like(name: &str, known: impl Iterator<Item = String>) -> String {
    // What all of them begin with says nothing about which one is meant.
    let own = |name: &str| name.trim_start_matches("limits.").trim_start_matches(PREFIX).to_owned();
    let alike = known.map(|known| (strsim::jaro_winkler(&own(name), &own(&known)), known));
    let nearest = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest.filter(|(alike, _)| *alike >= ALIKE) {
        Some((_, meant)) => format!("nothing has the name {name}; did you mean {meant}?"),
        None => format!("nothing has the name {name}; --print-config lists what there is"),
    }
}

/// `IDLE_PING` of `idle.ping`.
fn in_capitals(name: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    name.to_ascii_uppercase().chars().map(letter).collect()
}

fn variable_says(
    settings: &mut Settings,
    variable: &str,
    value: &OsString,
) -> Result<(), Complaint> {
    let Some(rest) = variable.strip_prefix(PREFIX) else { return Ok(()) };
    if OF_CLIENTS.contains(&rest) {
        return Ok(());
    }
    let complaint = |what| Complaint { place: variable.to_owned(), what };
    let Some(name) = names().find(|name| in_capitals(name) == rest) else {
        let known = names().map(|name| format!("{PREFIX}{}", in_capitals(&name)));
        return Err(complaint(nothing_like(variable, known)));
    };
    let value = value.to_str().ok_or_else(|| complaint("must be UTF-8".into()))?;
    settings.put(&name, value, variable).map_err(complaint)
}

fn flag_says(settings: &mut Settings, flag: &str, value: &str) -> Result<(), Complaint> {
    let complaint = |what| Complaint { place: format!("--{flag} {value}"), what };
    if flag != "set" {
        return settings.put(flag, value, &format!("--{flag}")).map_err(complaint);
    }
    let (name, value) =
        value.split_once('=').ok_or_else(|| complaint(SetError::Form.to_string()))?;
    settings.put(name, value, "--set").map_err(complaint)
}
