//! The file of `--config`: TOML, limits below `[limits]` by their names.
//!
//! ```toml
//! listen = "127.0.0.1:8080"
//!
//! [limits]
//! idle.ping = "20s"
//! queue.soft-bytes = "512KiB"
//! ```

use super::{Complaint, SETTINGS, Settings, nothing_like};
use crate::limits::Limits;
use std::{ops::Range, path::Path};
use toml_edit::{Document, Item, TableLike, TomlError, Value};

/// The table that limits stand in.
pub(super) const LIMITS: &str = "limits";

/// Reads a file into the settings; what is wrong with it.
pub(super) fn read(path: &Path, settings: &mut Settings) -> Vec<Complaint> {
    let name = path.display();
    match std::fs::read_to_string(path) {
        Ok(text) => Reader { name: name.to_string(), text: &text }.read(settings),
        Err(error) => {
            let what = format!("cannot be read: {error}; name another --config");
            vec![Complaint { place: name.to_string(), what }]
        }
    }
}

struct Reader<'t> {
    name: String,
    text: &'t str,
}

/// A value of the file: its name, where that stands, where the value does.
type Leaf<'d> = (String, Option<Range<usize>>, &'d Item);

impl Reader<'_> {
    fn read(&self, settings: &mut Settings) -> Vec<Complaint> {
        let document = match Document::parse(self.text) {
            Ok(document) => document,
            Err(error) => {
                return vec![self.complaint(error.span(), self.broken(&error))];
            }
        };
        let mut leaves = Vec::new();
        collect(document.as_table(), "", &mut leaves);
        leaves.sort_by_key(|(_, at, _)| at.as_ref().map(|at| at.start));
        let told = leaves.into_iter().filter_map(|leaf| self.leaf(settings, leaf).err());
        told.collect()
    }

    fn leaf(&self, settings: &mut Settings, (path, at, item): Leaf<'_>) -> Result<(), Complaint> {
        let limit = path.strip_prefix(LIMITS).and_then(|rest| rest.strip_prefix('.'));
        let is_limit = |name: &str| Limits::ROWS.iter().any(|row| row.name == name);
        let is_setting = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
        let name = match limit {
            Some(name) if is_limit(name) => name,
            None if is_setting(&path) => &path,
            None if is_limit(&path) => {
                let what = format!("{path} is a limit and belongs below [{LIMITS}]");
                return Err(self.complaint(at, what));
            }
            _ => return Err(self.complaint(at, nothing_like(&path, paths()))),
        };
        let value = item.as_value().and_then(text).ok_or_else(|| {
            let what = format!("{name}: must be a text, a whole number, true or false");
            self.complaint(item.span().or_else(|| at.clone()), what)
        })?;
        let put = settings.put(name, &value, &self.place(item.span()));
        put.map_err(|what| self.complaint(item.span(), format!("{name} = {value}: {what}")))
    }

    /// Why this is no TOML, and what stands there if that is on one line.
    fn broken(&self, error: &TomlError) -> String {
        let what = error.message().replace('\n', "; ");
        let found = error.span().and_then(|at| self.text.get(at)).unwrap_or_default().trim();
        if found.is_empty() || found.contains('\n') { what } else { format!("{what}: {found}") }
    }

    fn complaint(&self, at: Option<Range<usize>>, what: String) -> Complaint {
        Complaint { place: self.place(at), what }
    }

    fn place(&self, at: Option<Range<usize>>) -> String {
        match self.position(at) {
            Some((line, column)) => format!("{}:{line}:{column}", self.name),
            None => self.name.clone(),
        }
    }

    /// Line and column, from 1, in characters.
    fn position(&self, at: Option<Range<usize>>) -> Option<(usize, usize)> {
        let before = self.text.get(..at?.start)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some((before.matches('\n').count() + 1, line.chars().count() + 1))
    }
}

/// Every name as a file has it.
fn paths() -> impl Iterator<Item = String> {
    let settings = SETTINGS.iter().map(|setting| setting.name.to_owned());
    settings.chain(Limits::ROWS.iter().map(|row| format!("{LIMITS}.{}", row.name)))
}

/// Whatever is no table, with its path.
fn collect<'d>(table: &'d dyn TableLike, path: &str, leaves: &mut Vec<Leaf<'d>>) {
    for (name, item) in table.iter() {
        let at = table.key(name).and_then(toml_edit::Key::span);
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match item.as_table_like().filter(|inner| !inner.is_empty() || path == LIMITS) {
            Some(inner) => collect(inner, &path, leaves),
            None => leaves.push((path, at, item)),
        }
    }
}

/// The text that the same value would be on the command line.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Boolean(yes) => Some(yes.value().to_string()),
        _ => None,
    }
}
