//! The inputs of a case as JSON writes them: hex, rules for long strings, sweeps.
//!
//! ```text
//! "00ff"                                              two bytes
//! {"repeat": "00ff", "count": 3}                      00ff00ff00ff
//! {"concat": ["01", {"repeat": "00", "count": 2}]}    010000
//! {"sweep": "truncate", "of": X, "from": a, "to": b}  the first n bytes of X, for each a ≤ n < b
//! {"sweep": "bit-flip", …}                            X with bit n % 8 of byte n / 8 flipped
//! {"sweep": "extend", …}                              X and n bytes of zero
//! ```

use serde_json::{Map, Value, json};

use crate::model::Reject;

/// A uniform tail of at least this many bytes is written as a rule.
const RULE_FROM: usize = 128;

/// Most bytes that rules and sweeps may stand for: many times the longest line of the adapter protocol.
const MOST: usize = 1 << 26;

/// Why a runner gives no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The implementation refused, and names the clause.
    Refused(Reject),
    /// The case itself cannot be run: a fault of the suite.
    Malformed(String),
}

impl From<Reject> for Stop {
    fn from(clause: Reject) -> Self {
        Self::Refused(clause)
    }
}

/// The members of a JSON object.
pub(crate) type Members = Map<String, Value>;

/// The output of a case, or why there is none.
pub(crate) type Answer = Result<Members, Stop>;

/// One concrete input: sweeps are expanded, so that every member is a value.
#[derive(Clone, Debug)]
pub(crate) struct Input(Members);

impl Input {
    /// The inputs that a case stands for: one, or one for each member of its sweep.
    pub(crate) fn each(members: &Members) -> Result<Vec<Self>, Stop> {
        let is_sweep = |value: &Value| value.get("sweep").is_some();
        let Some((name, sweep)) = members.iter().find(|(_, value)| is_sweep(value)) else {
            return Ok(vec![Self(members.clone())]);
        };
        let with = |bytes: Vec<u8>| {
            let mut one = members.clone();
            one.insert(name.clone(), written(&bytes));
            Self(one)
        };
        Ok(sweep_members(sweep)?.into_iter().map(with).collect())
    }

    /// The members with every rule written out as hex.
    pub(crate) fn plain(&self) -> Result<Members, Stop> {
        plain(&self.0)
    }

    /// The same with one member replaced.
    pub(crate) fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut members = self.0.clone();
        members.insert(name.to_owned(), value.into());
        Self(members)
    }

    fn member(&self, name: &str) -> Result<&Value, Stop> {
        self.0.get(name).ok_or_else(|| Stop::Malformed(format!("no member {name:?}")))
    }

    /// A byte string.
    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Stop> {
        read_bytes(self.member(name)?)
    }

    /// A byte string whose length the case is not about.
    pub(crate) fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], Stop> {
        let bytes = self.bytes(name)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| Stop::Malformed(format!("{name:?} has {length} bytes")))
    }

    /// A byte string that is refused under `clause` if it has another length.
    pub(crate) fn array_or<const N: usize>(
        &self,
        name: &str,
        clause: Reject,
    ) -> Result<[u8; N], Stop> {
        self.bytes(name)?.try_into().map_err(|_| clause.into())
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Stop> {
        let text = self.member(name)?.as_str();
        text.ok_or_else(|| Stop::Malformed(format!("{name:?} is no text")))
    }

    /// A number.
    pub(crate) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, Stop> {
        let number = self.member(name)?.as_u64().and_then(|n| n.try_into().ok());
        number.ok_or_else(|| Stop::Malformed(format!("{name:?} is no number of its range")))
    }
}

/// Members with every rule written out as hex.
pub(crate) fn plain(members: &Members) -> Result<Members, Stop> {
    let plain = |value: &Value| match value.is_object() {
        true => read_bytes(value).map(|bytes| hex::encode(bytes).into()),
        false => Ok(value.clone()),
    };
    members.iter().map(|(name, value)| Ok((name.clone(), plain(value)?))).collect()
}

fn sweep_members(sweep: &Value) -> Result<Vec<Vec<u8>>, Stop> {
    let malformed = || Stop::Malformed(format!("no such sweep: {sweep}"));
    let number = |name| sweep[name].as_u64().map(|n| n as usize).ok_or_else(malformed);
    let (of, range) = (read_bytes(&sweep["of"])?, number("from")?..number("to")?);
    let member: fn(&[u8], usize) -> Option<Vec<u8>> = match sweep["sweep"].as_str() {
        Some("truncate") => |of, n| of.get(..n).map(<[u8]>::to_vec),
        Some("bit-flip") => |of, n| {
            let mut flipped = of.to_vec();
            *flipped.get_mut(n / 8)? ^= 1 << (n % 8);
            Some(flipped)
        },
        Some("extend") => |of, n| Some([of, &vec![0; n]].concat()),
        _ => return Err(malformed()),
    };
    let whole = range.end.checked_add(of.len()).and_then(|one| one.checked_mul(range.len()));
    if whole.is_none_or(|whole| whole > MOST) {
        return Err(malformed());
    }
    range.map(|n| member(&of, n).ok_or_else(malformed)).collect()
}

/// The bytes of hex or of a rule.
pub(crate) fn read_bytes(value: &Value) -> Result<Vec<u8>, Stop> {
    let malformed = || Stop::Malformed(format!("no bytes: {value}"));
    if let Some(text) = value.as_str() {
        return hex::decode(text).map_err(|_| malformed());
    }
    if let Some(parts) = value.get("concat").and_then(Value::as_array) {
        return parts.iter().map(read_bytes).collect::<Result<Vec<_>, _>>().map(|p| p.concat());
    }
    let count = value.get("count").and_then(Value::as_u64).ok_or_else(malformed)? as usize;
    let one = read_bytes(value.get("repeat").ok_or_else(malformed)?)?;
    if one.len().checked_mul(count).is_none_or(|all| all > MOST) {
        return Err(malformed());
    }
    Ok(one.repeat(count))
}

/// Hex, or a rule if the bytes end in a long run of one value.
pub(crate) fn written(bytes: &[u8]) -> Value {
    let run = bytes.last().map_or(0, |last| bytes.iter().rev().take_while(|b| *b == last).count());
    if run < RULE_FROM {
        return hex::encode(bytes).into();
    }
    let (head, tail) = bytes.split_at(bytes.len() - run);
    let tail = json!({ "count": run, "repeat": hex::encode(&tail[..1]) });
    if head.is_empty() { tail } else { json!({ "concat": [hex::encode(head), tail] }) }
}

/// Whether two values say the same: rules and hex are compared by their bytes.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    a == b || (a.is_object() || b.is_object()) && read_bytes(a) == read_bytes(b)
}

/// Members written one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written(Members);

impl Written {
    /// No members yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds any value.
    pub(crate) fn value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds a byte string.
    pub(crate) fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.value(name, written(bytes))
    }

    /// Adds a list of keys.
    pub(crate) fn keys(self, name: &str, keys: &[[u8; 32]]) -> Self {
        self.value(name, keys.iter().map(hex::encode).collect::<Vec<_>>())
    }

    /// The members.
    pub(crate) fn members(self) -> Members {
        self.0
    }

    /// The members as the output of a case.
    pub(crate) fn answer(self) -> Answer {
        Ok(self.0)
    }
}

/// Intermediate values, noted as an operation reaches them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps(Members);

impl Steps {
    /// Notes one.
    pub(crate) fn note(&mut self, name: &str, bytes: &[u8]) {
        self.0.insert(name.into(), written(bytes));
    }

    /// Notes all of these.
    pub(crate) fn extend(&mut self, members: Members) {
        self.0.extend(members);
    }

    /// All of them.
    pub(crate) fn members(self) -> Members {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(value: Value) -> Vec<Vec<u8>> {
        let members = Written::new().value("x", value).members();
        Input::each(&members).unwrap().iter().map(|input| input.bytes("x").unwrap()).collect()
    }

    #[test]
    fn rules_spell_long_strings() {
        let rule = json!({ "concat": ["01", { "repeat": "0203", "count": 2 }] });
        assert_eq!(read_bytes(&rule), Ok(vec![1, 2, 3, 2, 3]));
        let long = [vec![7], vec![9; 300]].concat();
        assert!(written(&long).is_object());
        assert_eq!(read_bytes(&written(&long)), Ok(long));
        assert!(read_bytes(&json!({ "repeat": "00" })).is_err());
        assert!(read_bytes(&json!("0")).is_err());
    }

    #[test]
    fn sweeps_expand_half_open() {
        let sweep = |kind, from, to| json!({ "sweep": kind, "of": "0080", "from": from, "to": to });
        assert_eq!(members(sweep("truncate", 0, 2)), [vec![], vec![0]]);
        assert_eq!(members(sweep("bit-flip", 7, 9)), [[0x80, 0x80], [0x00, 0x81]]);
        assert_eq!(members(sweep("extend", 1, 3)), [vec![0, 0x80, 0], vec![0, 0x80, 0, 0]]);
        let wrong = Written::new().value("x", sweep("truncate", 0, 4)).members();
        assert!(matches!(Input::each(&wrong), Err(Stop::Malformed(_))));
    }

    #[test]
    fn a_rule_equals_its_bytes_and_a_text_does_not() {
        assert!(same(&json!({ "repeat": "00", "count": 2 }), &json!("0000")));
        assert!(!same(&json!({ "repeat": "00", "count": 3 }), &json!("0000")));
        assert!(!same(&json!("00"), &json!("0000")));
    }
}
