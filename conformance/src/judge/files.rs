//! The offline part of a check: the vector files, by the model that wrote them and by the crate.

use std::path::Path;

use crate::cli::{Exit, Run, Vectors, complain};
use crate::live::outcome::{Finding, Verdict};
use crate::report::print;
use crate::vectors::Unwritten;
use crate::{clauses, vectors};

const REPLAY: &str = "sealwire vectors --check";

/// One finding for each case and runner that the pattern takes, and one for each fault of a file.
pub(super) fn findings(run: &Run) -> Vec<Finding> {
    let report = vectors::check_those(|id| run.selection.takes(id));
    let replayed = |finding| Finding { replay: REPLAY.to_owned(), ..finding };
    let cases = report.verdicts.iter().map(|verdict| Finding {
        notes: verdict.failure.iter().flat_map(|failure| failure.notes.clone()).collect(),
        ..Finding::new(
            verdict.by.reported(&verdict.id),
            verdict.clause.clone(),
            verdict.failure.as_ref().map_or(Verdict::Pass, failed),
        )
    });
    let faults = report.faults.iter().map(|fault| {
        let verdict = Verdict::failed("files as the model writes them, in their schema", fault);
        Finding::new(vectors::FILES.to_owned(), String::new(), verdict)
    });
    let taken = cases.chain(faults).filter(|finding| run.selection.takes(&finding.id));
    taken.map(replayed).collect()
}

fn failed(failure: &vectors::Failure) -> Verdict {
    let vectors::Failure { expected, actual, compared, .. } = failure.clone();
    Verdict::Fail { expected, actual, compared }
}

/// `sealwire vectors`.
pub(crate) fn vectors(asked: &Vectors) -> Exit {
    match asked {
        Vectors { write: Some(directory), .. } => write(directory),
        Vectors { archive: Some(file), .. } => pack(file),
        _check => check(),
    }
}

fn write(directory: &Path) -> Exit {
    match vectors::write(directory) {
        Ok(files) => {
            print(&files.iter().map(|(hash, file)| sum(hash, file)).collect::<String>());
            Exit::Conforms
        }
        Err(Unwritten::Disagreed(lines)) => {
            lines.iter().for_each(|line| complain(line));
            complain("nothing is written: mend the case or the model");
            Exit::Fails
        }
        Err(Unwritten::Folder(error)) => {
            let directory = directory.display();
            complain(&format!(
                "cannot write vectors into {directory}: {error}; name the folder that holds \
                 schema.json"
            ));
            Exit::Usage
        }
    }
}

fn pack(file: &Path) -> Exit {
    let written = vectors::archive().and_then(|archive| {
        std::fs::write(file, &archive)?;
        Ok(sealwire_vectors::hash(archive))
    });
    match written {
        Ok(hash) => {
            print(&sum(&hash, file));
            Exit::Conforms
        }
        Err(error) => {
            let file = file.display();
            complain(&format!("cannot write {file}: {error}; name a file in a folder of yours"));
            Exit::Usage
        }
    }
}

/// A line as `sha256sum` writes it.
fn sum(hash: &str, file: &Path) -> String {
    format!("{hash}  {}\n", file.display())
}

fn check() -> Exit {
    let report = vectors::check();
    let sentence = |id: &str| clauses::find(id).map(|clause| clause.sentence.clone());
    print(&vectors::text(&report, sentence));
    if report.is_clean() { Exit::Conforms } else { Exit::Fails }
}
