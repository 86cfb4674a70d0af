//! The tables of misbehaviours: what each broken twin does wrong, and which clause that breaks.
//!
//! One row is one twin. A fault that no case of its own clause notices shows that the case is too
//! weak.

pub(crate) mod client;
pub(crate) mod codec;
pub(crate) mod relay;

use std::collections::BTreeSet;

use super::lenient;

/// One row.
pub(crate) struct Row {
    /// What the command line calls it.
    pub(crate) name: &'static str,
    /// The clause it breaks.
    pub(crate) clause: &'static str,
    /// What it does, in a sentence.
    pub(crate) sentence: &'static str,
}

/// A table: `Variant "name" "clause" "what it does"`.
macro_rules! faults {
    ($($variant:ident $name:literal $clause:literal $sentence:literal)+) => {
        /// One misbehaviour.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $(#[doc = $sentence] $variant,)+
        }

        impl Fault {
            /// Every row, in the order of the specification.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its row.
            pub(crate) const fn row(self) -> &'static $crate::twins::faults::Row {
                match self {
                    $(Self::$variant => &$crate::twins::faults::Row {
                        name: $name,
                        clause: $clause,
                        sentence: $sentence,
                    },)+
                }
            }
        }

        impl std::str::FromStr for Fault {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|fault| fault.row().name == name);
                found.copied().ok_or_else(|| format!("no fault is called {name:?}"))
            }
        }
    };
}

use faults;

/// A twin: what it is, and its fault, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    /// The operations of the vectors.
    Codec(Option<codec::Fault>),
    /// A relay, as a process of its own.
    Relay(Option<relay::Fault>),
    /// A client, as a process of its own.
    Client(Option<client::Fault>),
    /// The relay with all that version 2 permits.
    LenientRelay,
    /// The client with all that version 2 permits.
    LenientClient,
    /// No twin: the references, who must get their work done among lenient ones.
    References,
}

impl Twin {
    /// Every twin: of each kind the one without a fault first.
    pub(crate) fn all() -> Vec<Self> {
        fn each<F: Copy>(faults: &[F]) -> impl Iterator<Item = Option<F>> {
            std::iter::once(None).chain(faults.iter().copied().map(Some))
        }
        let codecs = each(codec::Fault::ALL).map(Self::Codec);
        let relays = each(relay::Fault::ALL).map(Self::Relay);
        let clients = each(client::Fault::ALL).map(Self::Client);
        let lenient = [Self::LenientRelay, Self::LenientClient, Self::References];
        codecs.chain(relays).chain(clients).chain(lenient).collect()
    }

    /// The row of its fault.
    pub(crate) fn row(self) -> Option<&'static Row> {
        match self {
            Self::Codec(fault) => fault.map(codec::Fault::row),
            Self::Relay(fault) => fault.map(relay::Fault::row),
            Self::Client(fault) => fault.map(client::Fault::row),
            Self::LenientRelay | Self::LenientClient | Self::References => None,
        }
    }

    /// The clauses by whose names a twin must be accused if it meets every case of its kind.
    pub(crate) fn clauses(self) -> BTreeSet<&'static str> {
        match self {
            Self::LenientRelay => lenient::RELAY.iter().map(|it| it.row().clause).collect(),
            Self::LenientClient => lenient::CLIENT.iter().map(|it| it.row().clause).collect(),
            _ => self.row().map(|row| row.clause).into_iter().collect(),
        }
    }

    /// `kind/name`, as reports and `--only` call it.
    pub(crate) fn id(self) -> String {
        let kind = match self {
            Self::Codec(_) => "codec",
            Self::Relay(_) => "relay",
            Self::Client(_) => "client",
            Self::LenientRelay => return "relay/lenient".to_owned(),
            Self::LenientClient => return "client/lenient".to_owned(),
            Self::References => return "reference/among-lenient".to_owned(),
        };
        format!("{kind}/{}", self.row().map_or("no-fault", |row| row.name))
    }
}
