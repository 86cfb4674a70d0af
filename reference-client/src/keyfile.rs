//! The identity file: two seeds in hex, readable by its owner alone.
//!
//! ```text
//! {"x25519_seed":"64 hex digits","ed25519_seed":"64 hex digits"}
//! ```
//!
//! The reference relay writes the same.

use sealwire::{identity::Identity, primitives::Secret};
use serde::Deserialize;
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// No honest file is longer.
const MAX_LENGTH: u64 = 1_024;

/// 32 secret bytes on their way to [`Secret`], wiped when dropped.
pub(crate) type Seed = Zeroizing<[u8; 32]>;

/// An identity from two seeds.
///
/// # Errors
/// One line, for the one pair in 2^64 whose id is zero.
pub(crate) fn identity(x25519: &Seed, ed25519: &Seed) -> Result<Identity, String> {
    Identity::from_seeds(&Secret::new(**x25519), &Secret::new(**ed25519))
        .map_err(|clause| format!("these seeds break {clause}; make others with keygen"))
}

/// A seed from 64 hex digits; the message of an error never shows them.
pub(crate) fn parse_seed(text: &str) -> Result<Seed, String> {
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, &mut *seed).map_err(|_| "not 64 hex digits".to_owned())?;
    Ok(seed)
}

/// Writes a new file with mode 0600. Nothing is ever overwritten.
pub(crate) fn create(path: &Path, x25519: &Seed, ed25519: &Seed) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!(
                "{}: exists already and is not overwritten; choose another name",
                path.display()
            )
        }
        _ => format!("{}: cannot be created: {error}", path.display()),
    })?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH as usize));
    for (label, seed) in [("{\"x25519_seed\":\"", x25519), ("\",\"ed25519_seed\":\"", ed25519)] {
        let digits = Zeroizing::new(hex::encode(seed.as_slice()));
        text.push_str(label);
        text.push_str(&digits);
    }
    text.push_str("\"}\n");
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| format!("{}: cannot be written: {error}", path.display()))
}

/// Reads a file that nobody but its owner can read.
pub(crate) fn read(path: &Path) -> Result<Identity, String> {
    let at = |what: String| format!("{}: {what}", path.display());
    // Before it is opened: a pipe would wait for its writer.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(at("is not a file".into()));
    }
    let file = File::open(path).map_err(|error| at(format!("cannot be read: {error}")))?;
    check_access(&file).map_err(at)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH as usize + 1));
    file.take(MAX_LENGTH + 1)
        .read_to_string(&mut text)
        .map_err(|error| at(format!("cannot be read: {error}")))?;
    let [x25519, ed25519] = parse(&text)
        .ok_or_else(|| at("is no identity file; make one with `sealwire-client keygen`".into()))?;
    identity(&x25519, &ed25519).map_err(at)
}

/// Borrowed, so that no digit is copied anywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seeds<'a> {
    x25519_seed: &'a str,
    ed25519_seed: &'a str,
}

fn parse(text: &str) -> Option<[Seed; 2]> {
    let seeds: Seeds<'_> = serde_json::from_str(text).ok()?;
    Some([parse_seed(seeds.x25519_seed).ok()?, parse_seed(seeds.ed25519_seed).ok()?])
}

#[cfg(unix)]
fn check_access(file: &File) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is not a file".into());
    }
    match metadata.mode() & 0o777 {
        mode if mode & 0o077 == 0 => Ok(()),
        mode => Err(format!("others can read it (mode {mode:04o}); run chmod 600 on it")),
    }
}

#[cfg(not(unix))]
fn check_access(_: &File) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn seeds() -> (Seed, Seed) {
        (Zeroizing::new([1; 32]), Zeroizing::new([2; 32]))
    }

    #[test]
    fn a_file_is_private_and_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("alice.key");
        let (x25519, ed25519) = seeds();
        create(&path, &x25519, &ed25519).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let expected = identity(&x25519, &ed25519).unwrap();
        assert_eq!(read(&path).unwrap().public(), expected.public());
    }

    #[test]
    fn nothing_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("alice.key");
        fs::write(&path, "mine").unwrap();
        let (x25519, ed25519) = seeds();
        assert!(create(&path, &x25519, &ed25519).unwrap_err().contains("exists already"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn what_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("alice.key");
        let (x25519, ed25519) = seeds();
        create(&path, &x25519, &ed25519).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(read(&path).unwrap_err().contains("chmod 600"), "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(read(&path).is_ok());
    }

    #[test]
    fn what_is_no_identity_is_refused() {
        let digits = "ab".repeat(32);
        let good = format!(r#"{{"x25519_seed":"{digits}","ed25519_seed":"{digits}"}}"#);
        assert!(parse(&good).is_some());
        for wrong in [
            "",
            &digits,
            &good.replacen("ab", "", 1),
            &good.replace("ab", "xy"),
            &good.replace("ed25519", "x25519"),
            &good.replace('}', r#","more":""}"#),
            &format!("{good}more"),
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_error_names_the_file_and_shows_nothing_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("alice.key");
        fs::write(&path, r#"{"x25519_seed":"5ec7e7"}"#).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.contains("alice.key") && !error.contains("5ec7e7"), "{error}");
        fs::write(&path, [0xff; 64]).unwrap();
        assert!(read(&path).is_err());
        assert!(read(directory.path()).unwrap_err().contains("is not a file"));
        assert!(read(&directory.path().join("nobody.key")).unwrap_err().contains("cannot be read"));
    }
}
