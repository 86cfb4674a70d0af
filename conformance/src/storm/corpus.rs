//! `sealwire corpus`: seeds for fuzzers, grown from the vectors, each with its verdict.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::grounds::{GROUNDS, Ground};
use super::seals::bytes_of;
use super::trial::{self, due};
use crate::adapter::{Answer, Request};
use crate::clauses;
use crate::cli::{Corpus, CorpusFormat, Exit, unusable};
use crate::report::print;
use crate::vectors::{self, Members, Steps, Stop};

/// What stands in the folder for whoever opens it; its first line says whose the folder is.
const README: &str = include_str!("corpus.md");
/// Seeds that are longer slow every fuzzer down: what is beside the limits of frames stays away.
const LONGEST: usize = 8_192;

/// One seed, and what the vectors say of it.
struct Seed {
    folder: &'static str,
    name: String,
    content: Vec<u8>,
    op: String,
    verdict: String,
}

/// `sealwire corpus`.
pub(crate) fn corpus(asked: &Corpus) -> Exit {
    match write(&asked.out, asked.format) {
        Ok(counts) => {
            let line = |(folder, count): (&&str, &usize)| format!("{folder:<14}{count:>6}\n");
            print(&counts.iter().map(line).collect::<String>());
            Exit::Conforms
        }
        Err(fault) => unusable(&format!("--out {}: {fault}", asked.out.display())),
    }
}

/// Writes the folder; how many files there are in each of its own.
fn write(out: &Path, format: CorpusFormat) -> Result<BTreeMap<&'static str, usize>, String> {
    let said = |error: std::io::Error| format!("{error}; name a folder that you may write");
    fs::create_dir_all(out).map_err(said)?;
    let mark = README.lines().next().unwrap_or_default();
    let ours = fs::read_to_string(out.join("README.md")).is_ok_and(|text| text.starts_with(mark));
    if !ours && fs::read_dir(out).map_err(said)?.next().is_some() {
        return Err(
            "holds something else; name an empty folder, or one that this command made".into()
        );
    }
    let mut names = BTreeMap::new();
    let mut counts = BTreeMap::new();
    let mut verdicts = "file\toperation\tverdict\n".to_owned();
    for seed in seeds() {
        let Seed { folder, name, content, op, verdict } = seed;
        let known = names.entry((folder, content.clone()));
        let name = known.or_insert_with(|| {
            *counts.entry(folder).or_default() += 1;
            name
        });
        let path = out.join(folder);
        fs::create_dir_all(&path).map_err(said)?;
        fs::write(path.join(&*name), format.written(&content)).map_err(said)?;
        // Writing to a string cannot fail.
        let _ = writeln!(verdicts, "{folder}/{name}\t{op}\t{verdict}");
    }
    fs::write(out.join("verdicts.tsv"), verdicts).map_err(said)?;
    fs::write(out.join("README.md"), README).map_err(said)?;
    Ok(counts)
}

impl CorpusFormat {
    /// A seed as the fuzzer reads it.
    fn written(self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::Raw => content.to_vec(),
            Self::Go => {
                let escaped: String = content.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                format!("go test fuzz v1\n[]byte(\"{escaped}\")\n").into_bytes()
            }
        }
    }
}

/// Every seed, those of one content not yet told apart.
fn seeds() -> impl Iterator<Item = Seed> {
    let ops = GROUNDS.ops().into_iter();
    let of_op = |op| GROUNDS.of_op(op, false).iter().enumerate();
    ops.flat_map(of_op).flat_map(|(at, ground)| of_ground(at, ground)).chain(files())
}

/// What one input of a vector gives: its members, its lines, its place in the storm.
fn of_ground(at: usize, ground: &Ground) -> Vec<Seed> {
    let op = ground.op.as_str();
    let answer = due(op, &ground.input, &mut Steps::default());
    let verdict = match &answer {
        Ok(_) => "accept",
        Err(Stop::Refused(clause)) => clause,
        Err(Stop::Malformed(_)) => return Vec::new(),
    };
    // The last input of a sweep has the id of the first.
    let id = ground.name().replace('/', "-");
    let seed = |folder, member: &str, content: Vec<u8>, verdict: &str| Seed {
        folder,
        name: format!("{id}.{member}"),
        content,
        op: op.to_owned(),
        verdict: verdict.to_owned(),
    };
    let mut seeds: Vec<_> = members(op, &ground.input)
        .map(|(folder, member, content)| seed(folder, &member, content, verdict))
        .collect();
    let run = Request::Run { seq: 1, op, input: &ground.input, case: None }.line();
    seeds.push(seed("json", "run", run.trim_end().into(), verdict));
    let said = match &answer {
        Ok(output) => {
            let made = members(op, output);
            seeds.extend(
                made.map(|(folder, member, content)| seed(folder, &member, content, "made")),
            );
            let output = vectors::plain(output).unwrap_or_default();
            Answer::Ok { output, steps: Members::new() }
        }
        Err(_) => Answer::Reject {
            class: clauses::class(verdict).unwrap_or_default().to_owned(),
            clause: Some(verdict.to_owned()),
            released: String::new(),
        },
    };
    let said = said.line(&json!(1)).to_string();
    seeds.push(seed("json", "answer", said.into(), "an answer of an adapter"));
    for (kind, bytes) in trial::seeds(op, at, &ground.name()) {
        seeds.push(seed("differential", kind, bytes, "crate and model agree"));
    }
    seeds.retain(|seed| seed.content.len() <= LONGEST);
    seeds
}

/// The members that are inputs of a parser: folder, name, bytes.
fn members<'a>(
    op: &'a str,
    members: &'a Members,
) -> impl Iterator<Item = (&'static str, String, Vec<u8>)> + 'a {
    let plain = vectors::plain(members).unwrap_or_default();
    let bytes = |name: &str| bytes_of(&plain, name);
    let pair = |a: Option<Vec<u8>>, b: Option<Vec<u8>>| {
        Some([a?, b?].concat()).filter(|keys| keys.len() == 64)
    };
    let mut found: Vec<(&str, String, Option<Vec<u8>>)> =
        [("packet", "packet"), ("frame", "frame"), ("handshake", "hello"), ("handshake", "reply")]
            .map(|(folder, name)| (folder, name.to_owned(), bytes(name)))
            .into();
    let command = plain.get("command").and_then(Value::as_u64).and_then(|n| u8::try_from(n).ok());
    if let (Some(command), true) = (command, op.starts_with("relay.")) {
        let body = bytes("body").map(|body| [&[command][..], &body].concat());
        found.push(("relay", "body".to_owned(), body));
    }
    if op.starts_with("identity.") {
        for end in ["", "_a", "_b"] {
            let of = |kind: &str| bytes(&format!("{kind}{end}"));
            found.push(("identity", format!("keys{end}"), pair(of("x25519"), of("ed25519"))));
        }
    }
    let invite = plain.get("invite").and_then(Value::as_str).map(|text| text.as_bytes().to_vec());
    found.push(("invite", "invite".to_owned(), invite));
    found.into_iter().filter_map(|(folder, name, bytes)| Some((folder, name, bytes?)))
}

/// Vector files of one case each.
fn files() -> impl Iterator<Item = Seed> {
    let cases = vectors::cases().unwrap_or_default().into_iter();
    let seed = |case: vectors::Case| Seed {
        folder: "vectors",
        name: format!("{}.json", case.id.replace('/', "-")),
        op: case.op.clone(),
        content: vectors::file_of(core::slice::from_ref(&case)).into_bytes(),
        verdict: "a vector file".to_owned(),
    };
    cases.map(seed).filter(|seed| seed.content.len() <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_seeds_and_every_seed_a_verdict() {
        let out = tempfile::tempdir().expect("a folder");
        let counts = write(out.path(), CorpusFormat::Raw).expect("an empty folder can be used");
        for folder in [
            "differential",
            "frame",
            "handshake",
            "identity",
            "invite",
            "json",
            "packet",
            "relay",
            "vectors",
        ] {
            assert!(counts.get(folder).is_some_and(|count| *count > 10), "{folder}: {counts:?}");
            assert!(README.contains(&format!("| `{folder}/` |")), "{folder}");
        }
        let verdicts = fs::read_to_string(out.path().join("verdicts.tsv")).expect("verdicts");
        let told = |file: &str, op: &str, verdict: &str| {
            verdicts.contains(&format!("{file}\t{op}\t{verdict}\n"))
        };
        assert!(told("packet/packet-signature-0002.packet", "packet.open", "packet/signature"));
        assert!(verdicts.contains("\tpacket.seal\tmade\n"));
        for line in verdicts.lines().skip(1) {
            let file = line.split('\t').next().unwrap_or_default();
            assert!(out.path().join(file).is_file(), "{line}");
        }
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone_and_an_own_one_is_brought_up_to_date() {
        let out = tempfile::tempdir().expect("a folder");
        let other = out.path().join("thesis.tex");
        fs::write(&other, "").expect("a file");
        let fault = write(out.path(), CorpusFormat::Raw).expect_err("it is not ours");
        assert!(fault.contains("an empty folder"), "{fault}");
        fs::remove_file(other).expect("it is there");
        write(out.path(), CorpusFormat::Raw).expect("it is empty");
        write(out.path(), CorpusFormat::Go).expect("it is ours");
        let seed = fs::read_to_string(out.path().join("invite/identity-invite-layout-0001.invite"));
        let files: Vec<_> = fs::read_dir(out.path().join("invite")).expect("invites").collect();
        let any = files[0].as_ref().map(|entry| fs::read_to_string(entry.path()));
        let text = seed.unwrap_or_else(|_| any.expect("an entry").expect("text"));
        assert!(text.starts_with("go test fuzz v1\n[]byte(\"\\x"), "{text}");
    }

    #[test]
    fn the_storm_reads_its_own_seeds() {
        let mut met = std::collections::BTreeSet::new();
        for seed in seeds().filter(|seed| seed.folder == "differential") {
            let trial = trial::Trial::of(&seed.content, |_| true).expect("a trial");
            let plain = seed.name.ends_with(".plain");
            assert_eq!(trial.mutations.is_empty(), plain, "{}", seed.name);
            if plain {
                met.insert(trial.ground.name());
            }
        }
        let all: usize = GROUNDS.ops().into_iter().map(|op| GROUNDS.of_op(op, false).len()).sum();
        assert_eq!(met.len(), all);
    }
}
