//! The reports from outside: every form of one run, valid while it goes and however it ends; the list
//! of known failures; manners on a terminal and in a pipe.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const SEALWIRE: &str = env!("CARGO_BIN_EXE_sealwire");
const ODD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/adapters/odd.py");
const LINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/adapter.schema.json");
const REFERENCE: [&str; 3] = [SEALWIRE, "reference-client", "adapter"];
/// How long something may take that takes a moment, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn adapter(options: &[&str], command: &[&str]) -> Command {
    let mut sealwire = Command::new(SEALWIRE);
    sealwire.arg("adapter").args(options).arg("--").args(command);
    sealwire
}

fn run(options: &[&str], command: &[&str]) -> Output {
    adapter(options, command).output().expect("the suite starts")
}

fn odd(how: &str) -> [&str; 4] {
    ["python3", ODD, how, LINES]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a path in UTF-8").to_owned()
}

/// A report that satisfies the schema that the binary prints.
fn valid(file: &str) -> Value {
    let schema = Command::new(SEALWIRE).args(["schema", "report"]).output().expect("a schema");
    let schema = serde_json::from_slice(&schema.stdout).expect("JSON");
    let report = fs::read_to_string(file).expect("a report");
    let report = serde_json::from_str(&report).expect("a whole report");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<_> = validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, [""; 0]);
    report
}

#[test]
fn one_run_leaves_a_report_of_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["r.json", "r.html", "r.xml", "r.sarif", "r.txt"];
    let files = names.map(|name| path(folder.path(), name));
    let mut options = vec!["--only", "frame/mask", "--name", "mine"];
    options.extend(files.iter().flat_map(|file| ["--report", file]));
    let output = run(&options, &odd("accept-all"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report = valid(&files[0]);
    assert_eq!((&report["complete"], &report["target"]), (&true.into(), &"mine".into()));
    for (file, mark) in
        files.iter().zip(["\"fail\"", "<!doctype html>", "<testsuites", "2.1.0", "FAIL"])
    {
        let said = fs::read_to_string(file).expect("written");
        assert!(said.contains(mark) && said.contains("frame/mask-0001"), "{file}");
    }
    assert_eq!(fs::read_to_string(&files[4]).expect("written"), text(&output.stdout));
    let left = fs::read_dir(folder.path()).expect("listed").count();
    assert_eq!(left, names.len(), "nothing else is left");
}

#[test]
fn the_form_on_stdout_is_that_of_a_file() {
    for (form, begins) in [("junit", "<?xml"), ("sarif", "{"), ("html", "<!doctype"), ("json", "{")]
    {
        let output = run(&["--only", "frame/mask-0001", "--format", form], &REFERENCE);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).starts_with(begins), "{form}");
    }
}

/// A run that takes long, and its report.
fn long(folder: &Path) -> (Child, String) {
    let file = path(folder, "r.json");
    // An adapter that is silent keeps each case for as long as it may.
    let mut run = adapter(&["--timeout", "2s", "--report", &file], &odd("late"));
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the suite starts");
    (run, file)
}

/// Waits until a report of an unfinished run tells of a case that ran.
fn under_way(file: &str) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "no report of a case");
        std::thread::sleep(Duration::from_millis(100));
        if Path::new(file).exists() {
            let report = valid(file);
            assert_eq!(report["complete"], false);
            let cases = report["cases"].as_array().expect("cases");
            if cases.iter().any(|case| case["verdict"] != "not run") {
                return;
            }
        }
    }
}

#[test]
fn a_run_that_is_interrupted_says_how_far_it_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let (run, file) = long(folder.path());
    under_way(&file);
    kill_process(Pid::from_child(&run), Signal::INT).expect("a signal");
    let output = run.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("sealwire: interrupted"), "{}", text(&output.stderr));
    let report = valid(&file);
    let all = report["cases"].as_array().map_or(0, Vec::len);
    let cases: usize =
        sealwire_vectors::FILES.iter().map(|(_, file)| file.matches("\"op\"").count()).sum();
    assert_eq!(all, cases, "all that was planned");
    assert!(text(&output.stdout).contains(&format!(" of {all} cases judged")));
    assert_eq!((&report["complete"], &report["exit"]), (&false.into(), &3.into()));
}

#[test]
fn a_run_that_is_told_to_end_ends_and_leaves_the_list_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, list) = (path(folder.path(), "r.json"), path(folder.path(), "known.toml"));
    let mut run = adapter(&["--report", &file, "--known", &list, "--fix"], &odd("late"));
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the suite starts");
    under_way(&file);
    kill_process(Pid::from_child(&run), Signal::TERM).expect("a signal");
    assert_eq!(run.wait_with_output().expect("an end").status.code(), Some(3));
    assert!(!Path::new(&list).exists(), "what was interrupted says nothing of what fails");
}

#[test]
fn a_run_that_cannot_begin_says_why_in_every_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["r.json", "r.xml", "r.sarif", "r.html"].map(|name| path(folder.path(), name));
    let options: Vec<_> = files.iter().flat_map(|file| ["--report", file]).collect();
    let output = run(&options, &["/no/such/adapter"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        valid(&files[0])["stopped"].as_str().is_some_and(|why| why.contains("/no/such/adapter"))
    );
    for file in &files {
        let said = fs::read_to_string(file).expect("written");
        assert!(said.contains("/no/such/adapter: cannot start"), "{file}: {said}");
    }
    let junit = fs::read_to_string(&files[1]).expect("written");
    assert!(junit.contains("errors=\"1\""), "a build server must not see a good run: {junit}");
}

#[test]
fn what_a_judged_party_calls_itself_is_text_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (json, badge) = (path(folder.path(), "r.json"), path(folder.path(), "b.svg"));
    let name = "\x1b]0;x\x07<b>\n\u{202e}";
    for form in ["text", "json", "junit", "sarif", "html"] {
        let options = ["--only", "frame/mask-0001", "--name", name, "--format", form];
        let said = text(&run(&[&options[..], &["--report", &json]].concat(), &REFERENCE).stdout);
        let hostile = |c: char| c == '\x1b' || c == '\x07' || c == '\u{202e}';
        assert!(!said.contains(hostile), "{form}: {said}");
    }
    let matrix = Command::new(SEALWIRE).args(["matrix", &json, "--badge", &badge]).output();
    assert_eq!(matrix.expect("an end").status.code(), Some(0));
    assert!(fs::read_to_string(&badge).expect("written").contains("\\u{1b}]0;x\\u{7}&#60;b&#62;"));
}

#[test]
fn a_run_that_is_killed_leaves_a_valid_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, file) = long(folder.path());
    under_way(&file);
    run.kill().expect("killed");
    run.wait().expect("an end");
    assert_eq!(valid(&file)["complete"], false);
}

#[test]
fn a_list_of_known_failures_is_begun_held_and_emptied() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = path(folder.path(), "known.toml");
    let judged = |fix: bool, command: &[&str]| {
        let mut options = vec!["--only", "frame/mask-000", "--known", &list];
        options.extend(fix.then_some("--fix"));
        run(&options, command)
    };
    assert_eq!(judged(false, &odd("accept-all")).status.code(), Some(2), "no list, and no --fix");

    let begun = judged(true, &odd("accept-all"));
    assert_eq!(begun.status.code(), Some(1));
    assert!(text(&begun.stdout).contains("gives no reason"), "{}", text(&begun.stdout));
    let blank = fs::read_to_string(&list).expect("a list");
    let reasons = blank.replace("reason = \"\"", "reason = \"why\"");
    fs::write(&list, reasons.replace("issue = \"\"", "issue = \"#1\"")).expect("written");

    let held = judged(false, &odd("accept-all"));
    assert_eq!(held.status.code(), Some(0), "{}", text(&held.stdout));
    assert!(text(&held.stdout).contains("conforms · 9 known failures"), "{}", text(&held.stdout));

    let otherwise = judged(false, &odd("refuse-all"));
    assert_eq!(otherwise.status.code(), Some(1));
    assert!(
        text(&otherwise.stdout).contains("lists another failure"),
        "{}",
        text(&otherwise.stdout)
    );

    let passing = judged(false, &REFERENCE);
    assert_eq!(passing.status.code(), Some(1));
    assert!(text(&passing.stdout).contains("it passes; --fix takes it off the list"));
    assert_eq!(judged(true, &REFERENCE).status.code(), Some(0));
    assert!(!fs::read_to_string(&list).expect("a list").contains("frame/mask"));
}

#[test]
fn options_that_cannot_be_used_are_told_in_one_line_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = path(folder.path(), "bad.toml");
    fs::write(&bad, "[[known]]\nid = \"a\"\n").expect("written");
    let nowhere = path(folder.path(), "no/such/folder/r.html");
    for (options, said) in [
        (&["--report", &*nowhere][..], "r.html: cannot be written"),
        (&["--known", &bad], "the entry of a has no text \"fails\""),
        (&["--report", "r.pdf"], ".html, .json, .xml"),
        (&["--quiet", "--verbose"], "cannot be used with"),
    ] {
        let output = run(options, &odd("late"));
        let complaint = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains(said) && complaint.lines().count() == 1, "{complaint}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_pipe_gets_no_colours_and_no_progress_and_as_much_as_was_asked_for() {
    let plain = run(&["--only", "frame/mask"], &odd("accept-all"));
    assert!(!text(&plain.stdout).contains('\x1b'));
    assert!(plain.stderr.is_empty(), "{}", text(&plain.stderr));
    let quiet = run(&["--only", "frame/mask", "--quiet"], &odd("accept-all"));
    assert_eq!(text(&quiet.stdout).lines().count(), 1, "{}", text(&quiet.stdout));
    let verbose = run(&["--only", "frame/mask", "--verbose"], &REFERENCE);
    let told = text(&verbose.stderr);
    assert!(told.lines().all(|line| line.starts_with("pass ")) && told.contains("frame/mask-0006"));
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    for (arguments, due) in
        [(&["list"][..], 0), (&["check", "--only", "no/such"], 4), (&["checks"], 2)]
    {
        let mut sealwire = Command::new(SEALWIRE);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let ends = (writer.try_clone().expect("another end"), writer);
        sealwire.args(arguments).stdout(ends.0).stderr(ends.1);
        drop(reader);
        let code = sealwire.status().expect("an end").code();
        assert_eq!(code, Some(due), "{arguments:?}");
    }
}

/// From another folder, without an environment, with no place for temporary files.
#[test]
fn the_binary_needs_nothing_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing: PathBuf = folder.path().join("none");
    for arguments in [&["list"][..], &["explain", "frame/mask"], &["coverage"], &["spec", "frame"]]
    {
        let mut sealwire = Command::new(SEALWIRE);
        sealwire.args(arguments).current_dir("/").env_clear().env("TMPDIR", &nothing);
        let output = sealwire.output().expect("an end");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
}
