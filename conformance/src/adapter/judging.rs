//! What an answer means for a case.

use sha2::{Digest, Sha256};

use crate::clauses::class;
use crate::live::outcome::{Note, Verdict};
use crate::vectors::{
    Case, Expect, Input, Members, comparisons, differences, first_difference, recognised, summary,
};

use super::protocol::{Answer, Hello};
use super::session::{Session, Trouble};

/// A verdict with what helps to understand it.
pub(crate) type Judged = (Verdict, Vec<Note>);

/// Runs every input that `case` stands for; the first that does not pass decides.
pub(crate) async fn judge(session: &mut Session, case: &Case, shown: bool) -> Judged {
    let inputs = match Input::each(&case.input) {
        Ok(inputs) => inputs,
        Err(stop) => return (Verdict::Broken(format!("{stop:?}")), Vec::new()),
    };
    let mut alias = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        let answer = match input.plain() {
            Ok(input) => session.run(&case.op, &input, shown.then_some(&*case.id)).await,
            Err(stop) => return (Verdict::Broken(format!("{stop:?}")), Vec::new()),
        };
        let (verdict, notes) = verdict(case, input, answer, &session.hello);
        if verdict == Verdict::Pass {
            alias = notes;
            continue;
        }
        let member =
            (inputs.len() > 1).then(|| Note("sweep", format!("at input {at} of {}", inputs.len())));
        return (verdict, member.into_iter().chain(notes).chain(about(case)).collect());
    }
    (Verdict::Pass, alias)
}

/// What goes wrong for whoever fails a case.
fn about(case: &Case) -> impl Iterator<Item = Note> {
    case.effect.iter().map(|effect| Note("effect", effect.clone()))
}

fn verdict(case: &Case, input: &Input, answer: Result<Answer, Trouble>, hello: &Hello) -> Judged {
    let plain = |verdict| (verdict, Vec::new());
    match answer {
        Ok(Answer::Ok { output, steps }) => {
            let (verdict, mut notes) = accepted(case, &output, &steps);
            let mistake = || recognised(&case.op, input, &output);
            let mistake = if verdict == Verdict::Pass { None } else { mistake() };
            notes.extend(mistake.map(|mistake| Note("mistake", mistake.to_owned())));
            (verdict, notes)
        }
        Ok(Answer::Reject { class, clause, released }) => {
            refused(&case.expect, &Refusal { class, clause, released }, hello)
        }
        Ok(Answer::Unsupported { feature }) => plain(Verdict::Unsupported(feature)),
        Ok(Answer::Error { message }) => plain(Verdict::Broken(format!("adapter: {message}"))),
        Err(Trouble::Crash(why)) => plain(Verdict::Crash(why)),
        Err(Trouble::Protocol(fault)) => {
            plain(Verdict::Broken(format!("the adapter breaks the protocol: {fault}")))
        }
        Err(Trouble::Spent) => plain(Verdict::NotRun("the adapter ended too often".to_owned())),
    }
}

/// An output, where one is due or not.
pub(crate) fn accepted(case: &Case, output: &Members, steps: &Members) -> Judged {
    let Expect::Ok(expected) = &case.expect else {
        return (fail(&case.expect, summary(output)), Vec::new());
    };
    let lines = differences(&case.op, expected, output);
    if lines.is_empty() {
        return (Verdict::Pass, Vec::new());
    }
    let differs = lines.into_iter().map(|line| Note("differs", line));
    let step = first_difference(&case.op, &case.steps, steps).map(|step| Note("step", step));
    let verdict = Verdict::Fail {
        expected: case.expect.to_string(),
        actual: summary(output),
        compared: comparisons(&case.op, expected, output),
    };
    (verdict, differs.chain(step).collect())
}

struct Refusal {
    class: String,
    clause: Option<String>,
    released: String,
}

/// A refusal, where one is due or not.
fn refused(expect: &Expect, refusal: &Refusal, hello: &Hello) -> Judged {
    let due = match expect {
        Expect::Reject(clause) => clause,
        Expect::Ok(_) => return (fail(expect, said(refusal)), Vec::new()),
    };
    if let Some(evidence) = released(&refusal.released) {
        let expected = format!("refused by {due}, and nothing handed out before");
        return (Verdict::failed(expected, evidence), Vec::new());
    }
    let due_class = class(due).unwrap_or_default();
    let same_class = refusal.class == due_class;
    let expected = match &refusal.clause {
        Some(clause) if clause == due && same_class => return (Verdict::Pass, Vec::new()),
        Some(_) => format!("refused by {due}, class {due_class}"),
        None if same_class => return (Verdict::Pass, Vec::new()),
        None if hello
            .aliases
            .get(due_class)
            .is_some_and(|known| known.contains(&refusal.class)) =>
        {
            let line = format!("{} said for {due_class}", refusal.class);
            return (Verdict::Pass, vec![Note("alias", line)]);
        }
        None => format!("refused with class {due_class}, by {due}"),
    };
    (Verdict::failed(expected, said(refusal)), Vec::new())
}

fn fail(expect: &Expect, actual: String) -> Verdict {
    Verdict::failed(expect.to_string(), actual)
}

fn said(refusal: &Refusal) -> String {
    match &refusal.clause {
        Some(clause) => format!("refused by {clause}, class {}", refusal.class),
        None => format!("refused with class {}", refusal.class),
    }
}

/// Proof that something was handed out, which does not show it.
fn released(hex: &str) -> Option<String> {
    let bytes = hex::decode(hex).unwrap_or_default();
    let proof = || {
        let digest = hex::encode(Sha256::digest(&bytes));
        format!("{} bytes handed out, SHA-256 {digest}: breaks [packet/no-release]", bytes.len())
    };
    (!bytes.is_empty()).then(proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: &str = "packet/signature";

    fn hello(aliases: &[(&str, &str)]) -> Hello {
        let alias = |(due, said): &(&str, &str)| ((*due).to_owned(), vec![(*said).to_owned()]);
        Hello { aliases: aliases.iter().map(alias).collect(), ..Hello::default() }
    }

    /// The verdict on a refusal where [`DUE`] is due.
    fn of(class: &str, clause: Option<&str>, released: &str, aliases: &[(&str, &str)]) -> Judged {
        let (class, clause) = (class.to_owned(), clause.map(str::to_owned));
        let refusal = Refusal { class, clause, released: released.to_owned() };
        refused(&Expect::Reject(DUE.to_owned()), &refusal, &hello(aliases))
    }

    fn passes(judged: &Judged) -> bool {
        judged.0 == Verdict::Pass
    }

    #[test]
    fn a_class_is_enough_and_a_clause_must_be_the_one() {
        assert!(passes(&of("authentic", None, "", &[])));
        assert!(passes(&of("authentic", Some(DUE), "", &[])));
        assert!(!passes(&of("key", None, "", &[])));
        assert!(!passes(&of("authentic", Some("packet/authentic"), "", &[])), "another clause");
        assert!(!passes(&of("key", Some(DUE), "", &[])), "a clause in another class");
    }

    #[test]
    fn an_alias_passes_visibly_and_for_its_class_alone() {
        let (verdict, notes) = of("kind", None, "", &[("authentic", "kind")]);
        assert_eq!(verdict, Verdict::Pass);
        assert_eq!(notes, [Note("alias", "kind said for authentic".to_owned())]);
        assert!(!passes(&of("kind", None, "", &[("length", "kind")])));
        assert!(!passes(&of("kind", Some("packet/key"), "", &[("authentic", "kind")])));
    }

    #[test]
    fn what_was_released_is_hashed_and_never_shown() {
        let (verdict, _) = of("authentic", Some(DUE), "616263", &[]);
        let Verdict::Fail { actual, .. } = verdict else { panic!("{verdict:?}") };
        assert!(actual.starts_with("3 bytes handed out, SHA-256 ba7816bf8f01cfea"), "{actual}");
        assert!(actual.contains("[packet/no-release]") && !actual.contains("616263"));
    }

    #[test]
    fn a_refusal_is_no_output_and_a_fault_is_no_refusal() {
        let due = Expect::Ok(Members::new());
        let (class, clause, released) = ("key".to_owned(), None, String::new());
        let refusal = Refusal { class, clause, released };
        assert!(!passes(&refused(&due, &refusal, &hello(&[]))));
        let case = crate::vectors::cases()
            .unwrap()
            .into_iter()
            .find(|case| case.id == "packet/signature-0002");
        let case = case.unwrap();
        let input = &Input::each(&case.input).unwrap()[0];
        let said = |answer| verdict(&case, input, answer, &hello(&[])).0;
        let message = "out of memory".to_owned();
        assert!(matches!(said(Ok(Answer::Error { message })), Verdict::Broken(_)));
        let feature = "packet.open".to_owned();
        assert!(matches!(said(Ok(Answer::Unsupported { feature })), Verdict::Unsupported(_)));
        assert!(matches!(said(Err(Trouble::Crash(String::new()))), Verdict::Crash(_)));
        assert!(matches!(said(Err(Trouble::Spent)), Verdict::NotRun(_)));
    }
}
