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

impl Needs {
    /// The word of lists, and what whoever judges an implementation of their own has to do about
    /// it; nothing if every run has it.
    pub(crate) const fn told(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Nothing | Self::Bare => None,
            Self::Notifier => Some(("notifier", "--notifier-seed, for a relay of your own")),
            Self::Slow => Some(("slow", "--slow, for a program of your own: it waits for timers")),
            Self::Started => Some(("started", "relays that the suite starts itself")),
            Self::Output => Some(("output", "a program whose output the suite can read")),
        }
    }
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
    /// The name of the function that it runs, and the text of the file in which that stands.
    pub(crate) source: (&'static str, &'static str),
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
        let verdict = Verdict::NotRun(reason.to_owned());
        let (id, clause) = (self.id.to_owned(), self.clause().to_owned());
        Finding { attack: self.attack, ..Finding::new(id, clause, verdict) }
    }

    /// What it does, in words: the comment above its function, which is written once and there.
    pub(crate) fn about(&self) -> String {
        let (function, text) = self.source;
        comment_above(text, &format!("async fn {function}(")).join(" ")
    }
}

/// The lines of the comment above the first line of `text` that holds `declaration`.
fn comment_above<'a>(text: &'a str, declaration: &str) -> Vec<&'a str> {
    let lines: Vec<_> = text.lines().take_while(|line| !line.contains(declaration)).collect();
    let above = lines.iter().rev().skip_while(|line| line.starts_with("#["));
    let mut comment: Vec<_> = above.map_while(|line| line.strip_prefix("///")).collect();
    comment.reverse();
    comment.into_iter().map(str::trim).collect()
}

/// A table of cases: the trial they run in, the file in which this stands, and a line each:
/// `"id" function [from "attack row"] [needs Needs];`.
macro_rules! cases {
    (
        $trial:ident in $file:literal;
        $($id:literal $run:ident $(from $attack:literal)? $(needs $needs:ident)?;)+
    ) => {
        // The comments above the functions of this file say what its cases do. It is named beside
        // itself: what `file!` says depends on where the workspace is.
        const SOURCE: &str = include_str!($file);

        /// The cases of this file.
        pub(crate) static CASES: &[$crate::live::case::Case<$trial>] = &[
            $($crate::live::case::Case {
                id: $id,
                attack: $crate::live::case::cases!(@attack $($attack)?),
                needs: $crate::live::case::cases!(@needs $($needs)?),
                source: (stringify!($run), SOURCE),
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "/// Before.\nasync fn other() {}\n\n/// Two lines\n/// of it.\n#[allow(x)]\n\
                        async fn deed(a: u8) {\n    async fn inner() {}\n";

    #[test]
    fn a_case_is_described_by_the_comment_above_its_function() {
        assert_eq!(comment_above(TEXT, "async fn deed("), ["Two lines", "of it."]);
        assert_eq!(comment_above(TEXT, "async fn inner("), [""; 0]);
    }

    #[test]
    fn every_case_is_described_by_a_sentence() {
        let relay = crate::cases::relay().map(|case| (case.id, case.about()));
        let client = crate::cases::client().map(|case| (case.id, case.about()));
        for (id, about) in relay.chain(client) {
            assert!(about.len() > 5 && about.ends_with('.'), "{id}: {about:?}");
        }
    }
}
