//! What `sealwire fuzz` found, for people, for programs, and as a vector file.

use std::path::Path;

use serde_json::json;

use super::hunt::{Found, Hunt};
use crate::clauses;
use crate::cli::{Exit, Format, Fuzz, complain};
use crate::live::outcome::{Note, Verdict};
use crate::report::{Page, Style, print, replaced};
use crate::vectors::{self, Case};

/// Bytes of a vector that a page shows.
const SHOWN: usize = 16_384;

/// Tells it, and says how the process ends.
pub(super) fn told(hunt: &Hunt, asked: &Fuzz) -> Exit {
    let style = Style::of_stdout();
    print(&match asked.format {
        Format::Json => json(hunt),
        Format::Text if asked.voice.quiet => sum(hunt, style),
        Format::Text => text(hunt, style),
    });
    if let Some(path) = asked.out.as_deref().filter(|_| !hunt.found.is_empty()) {
        let cases: Vec<Case> = hunt.found.iter().map(|found| found.case.clone()).collect();
        if let Err(error) = replaced(path, &vectors::file_of(&cases)) {
            let path = path.display();
            complain(&format!("--out {path}: {error}; name a file in a folder of yours"));
            return Exit::Broken;
        }
    }
    if hunt.found.is_empty() { Exit::Conforms } else { Exit::Fails }
}

/// The cases of `--again`.
pub(super) fn read(path: &Path) -> Result<Vec<Case>, String> {
    let said =
        |fault: String| format!("--again {}: {fault}; --out writes such files", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
    vectors::read(&text).map_err(said)
}

fn text(hunt: &Hunt, style: Style) -> String {
    let found = hunt.found.iter().map(|found| difference(found, style));
    found.collect::<String>() + &sum(hunt, style)
}

fn difference(found: &Found, style: Style) -> String {
    let Found { kind, case, judged: (verdict, notes), count } = found;
    let mut page = Page::default();
    page.line(&format!("{} {}: {}", style.bad("DIFFERS"), kind.op, kind.done));
    if let Some(clause) = clauses::find(&kind.due) {
        page.labelled("clause", clause.id);
        page.labelled("says", &clause.sentence);
    }
    page.labelled("expected", &case.expect.to_string());
    match verdict {
        Verdict::Fail { actual, .. } => page.labelled("actual", actual),
        other => page.labelled("actual", &other.said()),
    }
    for Note(label, line) in notes {
        page.labelled(label, line);
    }
    page.labelled("input", &case.comment);
    page.labelled("met", &format!("{count} times"));
    let vector = format!("{:#}", case.to_json());
    if vector.len() <= SHOWN {
        page.line(&vector);
    } else {
        page.labelled("vector", &format!("{} bytes: --out FILE writes it", vector.len()));
    }
    page.gap();
    page.text()
}

/// `python 0.1 (Python): 2 differences · 12345 inputs in 60.0 s, 205 a second · seed …`
fn sum(hunt: &Hunt, style: Style) -> String {
    let seconds = hunt.took.as_secs_f64();
    let differences = match hunt.found.len() {
        0 => style.good("nothing differs"),
        1 => style.bad("1 difference"),
        more => style.bad(&format!("{more} differences")),
    };
    let speed = hunt.runs as f64 / seconds.max(0.001);
    format!(
        "{}: {differences} · {} inputs in {seconds:.1} s, {speed:.0} a second · seed {}\n",
        hunt.target, hunt.runs, hunt.seed
    )
}

fn json(hunt: &Hunt) -> String {
    let found = |found: &Found| {
        let (verdict, notes) = &found.judged;
        let notes: Vec<_> =
            notes.iter().map(|Note(label, text)| json!({ "label": label, "text": text })).collect();
        json!({
            "op": found.kind.op,
            "due": found.kind.due,
            "done": found.kind.done,
            "verdict": verdict.word(),
            "detail": verdict.detail(),
            "notes": notes,
            "count": found.count,
            "case": found.case.to_json(),
        })
    };
    let document = json!({
        "target": hunt.target,
        "seed": hunt.seed.to_string(),
        "inputs": hunt.runs,
        "seconds": hunt.took.as_secs_f64(),
        "found": hunt.found.iter().map(found).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
