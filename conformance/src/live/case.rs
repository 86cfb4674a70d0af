//! A live case: an id, what it needs, and what it does.
//!
//! An id is the clause and the stimulus, `frame/too-long.sixty-three-bits`, so that no two cases
//! share both, and `--only` takes either.

use std::future::Future;
use std::pin::Pin;

use super::outcome::{Finding, Outcome, Verdict};

/// What a case asks of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Any implementation that serves.
    Nothing,
    /// Not even one that serves: the case judges what the control exchange rests on.
    Bare,
    /// A relay whose notifier the judge may play.
    Notifier,
    /// Time: it waits for a timer of the specification.
    Slow,
    /// Relays that the judge starts itself, with settings of its own.
    Started,
    /// What the relay writes, besides what it sends.
    Output,
}

/// A case for the kind of trial `T`.
#[derive(Debug)]
pub(crate) struct Case<T: 'static> {
    /// `chapter/slug.stimulus`.
    pub(crate) id: &'static str,
    /// The row of the attack catalogue that it comes from, if any.
    pub(crate) attack: Option<&'static str>,
    /// What it needs.
    pub(crate) needs: Needs,
    /// What it does.
    pub(crate) run: Run<T>,
}

/// The deed of a case.
pub(crate) type Run<T> =
    for<'a> fn(&'a mut T) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

impl<T> Case<T> {
    /// The clause: what stands before the stimulus.
    pub(crate) fn clause(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// What a report says of it if it cannot begin.
    pub(crate) fn not_run(&self, reason: &str) -> Finding {
        Finding {
            id: self.id.to_owned(),
            clause: self.clause().to_owned(),
            attack: self.attack,
            verdict: Verdict::NotRun(reason.to_owned()),
            notes: Vec::new(),
            ms: 0,
            replay: String::new(),
        }
    }
}

/// A table of cases, one line each: `"id" function [from "attack row"] [needs Needs];`.
macro_rules! cases {
    ($trial:ty; $($id:literal $run:ident $(from $attack:literal)? $(needs $needs:ident)?;)+) => {
        /// The cases of this file.
        pub(crate) static CASES: &[$crate::live::case::Case<$trial>] = &[
            $($crate::live::case::Case {
                id: $id,
                attack: $crate::live::case::cases!(@attack $($attack)?),
                needs: $crate::live::case::cases!(@needs $($needs)?),
                run: |trial| Box::pin($run(trial)),
            }),+
        ];
    };
    (@attack) => { None };
    (@attack $attack:literal) => { Some($attack) };
    (@needs) => { $crate::live::case::Needs::Nothing };
    (@needs $needs:ident) => { $crate::live::case::Needs::$needs };
}

pub(crate) use cases;
