//! Counts instructions of the hot paths under valgrind, and holds them to `benches/counts.lock`.
//!
//! ```text
//! .ci/counts          fails if one rose by more than 3 %
//! .ci/counts --lock   writes the lock again
//! ```
//!
//! A count is the same from run to run, where a clock is not. It depends on the compiler and on
//! the instruction sets of the processor: valgrind passes on AVX2 and nothing newer, so that every
//! processor that has it takes the same paths. Copies of the C library choose by the size of
//! caches too, which the command pins. Valgrind is called directly: frameworks for this need a
//! runner that takes minutes to install.

mod lock;
mod operations;

use lock::{Counts, Lock};
use std::{
    env,
    error::Error,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// A count may rise by so many per cent before it fails the run.
const TOLERANCE: u64 = 3;
/// The argument with which this program starts itself under valgrind.
const COUNTED: &str = "--counted";
/// Thresholds of `memcpy` that else follow the caches of the machine.
const TUNABLES: &str = "glibc.cpu.x86_rep_movsb_threshold=0x1000000:\
                        glibc.cpu.x86_non_temporal_threshold=0x4000000";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => check(),
        ["--lock"] => renew(),
        [COUNTED] => {
            operations::run();
            Ok(true)
        }
        _ => Err("give nothing or --lock".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("counts: {error}");
            ExitCode::FAILURE
        }
    }
}

fn lock_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.lock")
}

fn renew() -> Result<bool> {
    let lock = Lock { tools: tools()?, counts: count()? };
    fs::write(lock_file(), lock.to_string())?;
    println!("benches/counts.lock holds {} counts", lock.counts.len());
    Ok(true)
}

/// Under other tools than the lock's a rise is told and fails nothing: it may be theirs.
fn check() -> Result<bool> {
    let broken = |error: &dyn Display| {
        format!("benches/counts.lock: {error}; `.ci/counts --lock` writes it anew")
    };
    let text = fs::read_to_string(lock_file()).map_err(|error| broken(&error))?;
    let lock = Lock::parse(&text).map_err(|error| broken(&error))?;
    let (tools, counts) = (tools()?, count()?);
    let rises = lock.compare(&counts, TOLERANCE);
    println!("{} counts, {rises} of them over the lock by more than {TOLERANCE} %", counts.len());
    if tools != lock.tools {
        println!("nothing is judged: the lock is of {}, and this is {tools}", lock.tools);
        println!("where nothing else changed, `.ci/counts --lock` renews it");
        return Ok(true);
    }
    if rises > 0 {
        println!("if that is meant, say why and run `.ci/counts --lock`");
    }
    Ok(rises == 0)
}

/// The versions that counts depend on.
fn tools() -> Result<String> {
    let version = |program: &str| -> Result<String> {
        let output = Command::new(program).arg("--version").output();
        let output = output.map_err(|error| format!("{program}: {error}; install it"))?;
        let text = String::from_utf8(output.stdout)?;
        Ok(text.split(" (").next().unwrap_or_default().trim().to_owned())
    };
    Ok(format!("{}, {}, {}", version("rustc")?, version("valgrind")?, env::consts::ARCH))
}

/// Runs this program under valgrind, which writes a file each time `operations::counted`
/// returns.
fn count() -> Result<Counts> {
    #[cfg(target_arch = "x86_64")]
    if !is_x86_feature_detected!("avx2") {
        return Err("this processor has no AVX2: its counts are others than the lock's".into());
    }
    let directory = env::temp_dir().join(format!("sealwire-counts-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let outcome = run_valgrind(&directory).and_then(|()| read(&directory));
    fs::remove_dir_all(&directory)?;
    outcome
}

fn run_valgrind(directory: &Path) -> Result<()> {
    let function = "counts::operations::counted";
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--compress-strings=no"])
        .arg(format!("--toggle-collect={function}"))
        .arg(format!("--dump-after={function}"))
        .arg(format!("--callgrind-out-file={}", directory.join("out").display()))
        .arg(env::current_exe()?)
        .arg(COUNTED)
        .env("GLIBC_TUNABLES", TUNABLES)
        .output()
        .map_err(|error| format!("valgrind: {error}; install it"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// The n-th file belongs to the n-th operation; the first counts what measuring costs.
fn read(directory: &Path) -> Result<Counts> {
    let names = operations::names();
    let counts = (1..=names.len()).map(|number| {
        let text = fs::read_to_string(directory.join(format!("out.{number}")))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        Ok(total.ok_or("callgrind wrote no total")?.trim().parse::<u64>()?)
    });
    let counts = counts.collect::<Result<Vec<_>>>()?;
    let empty = *counts.first().ok_or("no operations")?;
    Ok(names
        .into_iter()
        .zip(counts)
        .skip(1)
        .map(|(name, n)| (name, n.saturating_sub(empty)))
        .collect())
}
