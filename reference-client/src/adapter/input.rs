//! What an operation reads and writes: members of a JSON object, byte strings as hex.

use sealwire::{BufferTooSmall, BuildError, Clause};
use serde_json::{Map, Value};

/// The members of a JSON object.
pub(super) type Members = Map<String, Value>;

/// The output of an operation, or why there is none.
pub(super) type Output = Result<Members, Stop>;

/// Why an operation gives no output.
#[derive(Debug)]
pub(super) enum Stop {
    /// The crate refused.
    Refused(Clause),
    /// The crate refused and left this in the caller's buffer.
    Released(Clause, Vec<u8>),
    /// There is no such operation.
    Unknown,
    /// The input is not what the operation takes.
    Malformed(String),
}

impl From<Clause> for Stop {
    fn from(clause: Clause) -> Self {
        Self::Refused(clause)
    }
}

impl From<BufferTooSmall> for Stop {
    fn from(short: BufferTooSmall) -> Self {
        Self::Malformed(short.to_string())
    }
}

impl From<BuildError> for Stop {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Clause(clause) => clause.into(),
            BuildError::Buffer(short) => short.into(),
        }
    }
}

/// The input of one run.
#[derive(Debug)]
pub(super) struct Input(pub(super) Members);

impl Input {
    /// A byte string.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Stop> {
        let no_hex = |_| Stop::Malformed(format!("{name:?} is no hex"));
        hex::decode(self.text(name)?).map_err(no_hex)
    }

    /// A byte string whose length no case is about.
    pub(super) fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], Stop> {
        let bytes = self.bytes(name)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| Stop::Malformed(format!("{name:?} has {length} bytes")))
    }

    /// A byte string that is refused under `clause` if it has another length.
    pub(super) fn array_or<const N: usize>(
        &self,
        name: &str,
        clause: Clause,
    ) -> Result<[u8; N], Stop> {
        self.bytes(name)?.try_into().map_err(|_| clause.into())
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<&str, Stop> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.ok_or_else(|| Stop::Malformed(format!("no text {name:?}")))
    }

    /// A number.
    pub(super) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, Stop> {
        let number = self.0.get(name).and_then(Value::as_u64).and_then(|n| n.try_into().ok());
        number.ok_or_else(|| Stop::Malformed(format!("no number {name:?} of its range")))
    }
}

/// Members written one after the other.
#[derive(Debug, Default)]
pub(super) struct Written(Members);

impl Written {
    /// No members yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds any value.
    pub(super) fn value(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds a byte string.
    pub(super) fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.value(name, hex::encode(bytes))
    }

    /// Adds a list of keys.
    pub(super) fn keys(self, name: &str, keys: &[[u8; 32]]) -> Self {
        self.value(name, keys.iter().map(hex::encode).collect::<Vec<_>>())
    }

    /// The members as the output of an operation.
    pub(super) fn output(self) -> Output {
        Ok(self.0)
    }
}

/// Intermediate values, noted as an operation reaches them.
#[derive(Debug, Default)]
pub(super) struct Steps(pub(super) Members);

impl Steps {
    /// Notes one.
    pub(super) fn note(&mut self, name: &str, bytes: &[u8]) {
        self.0.insert(name.into(), hex::encode(bytes).into());
    }
}
