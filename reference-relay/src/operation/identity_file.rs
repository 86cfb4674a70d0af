//! The file that holds the relay's two seeds.
//!
//! ```text
//! {"x25519_seed":"64 hex digits","ed25519_seed":"64 hex digits"}
//! ```
//!
//! Written with mode 0600 and never over another file; refused if others may read it.
//! Clauses: `identity/seeds`.

use sealwire::{identity::Identity, primitives::Secret};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};
use zeroize::{Zeroize, Zeroizing};

/// A file of this form has 157 bytes; a longer one is something else.
const MAX: u64 = 1_024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seeds {
    x25519_seed: String,
    ed25519_seed: String,
}

impl Drop for Seeds {
    fn drop(&mut self) {
        self.x25519_seed.zeroize();
        self.ed25519_seed.zeroize();
    }
}

/// Reads an identity.
///
/// # Errors
/// One line that says what is wrong with which file, and what to do.
pub fn read(path: &Path) -> Result<Identity, String> {
    let name = path.display();
    let refused = |why: &dyn std::fmt::Display| format!("identity file {name}: {why}");
    // Before it is opened: a pipe would wait for its writer.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(refused(&"is not a file"));
    }
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            refused(&format_args!("{error}; create one with: sealwire-relay keygen --out {name}"))
        }
        _ => refused(&error),
    })?;
    let mode = file.metadata().map_err(|error| refused(&error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let mode = mode & 0o777;
        return Err(refused(&format_args!(
            "others may use it (mode {mode:03o}); run: chmod 600 {name}"
        )));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX).read_to_string(&mut text).map_err(|error| refused(&error))?;
    parse(&text).ok_or_else(|| refused(&"is no identity; keygen writes one, to another file"))
}

fn parse(text: &str) -> Option<Identity> {
    let seeds: Seeds = serde_json::from_str(text).ok()?;
    let seed = |digits: &str| {
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(digits, &mut *seed).ok()?;
        Some(Secret::new(*seed))
    };
    Identity::from_seeds(&seed(&seeds.x25519_seed)?, &seed(&seeds.ed25519_seed)?).ok()
}

/// An identity that nobody has, and what its file will say.
pub struct Drawn {
    /// For this run alone, unless it is written.
    pub identity: Identity,
    seeds: Seeds,
}

/// Writes an identity.
///
/// # Errors
/// One line that says what is wrong with which file; nothing that exists is overwritten.
pub fn create(path: &Path, drawn: &Drawn) -> Result<(), String> {
    let refused = |why: &dyn std::fmt::Display| format!("identity file {}: {why}", path.display());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(
        |error| match error.kind() {
            ErrorKind::AlreadyExists => {
                refused(&"is not overwritten; name a file that does not exist yet")
            }
            _ => refused(&error),
        },
    )?;
    let text =
        Zeroizing::new(serde_json::to_string(&drawn.seeds).map_err(|error| refused(&error))?);
    writeln!(file, "{}", *text).and_then(|()| file.sync_all()).map_err(|error| refused(&error))
}

/// Draws an identity.
///
/// # Errors
/// If the system gives no random bytes.
pub fn draw() -> Result<Drawn, String> {
    let mut seeds = Zeroizing::new([[0; 32]; 2]);
    for seed in seeds.iter_mut() {
        getrandom::fill(seed)
            .map_err(|error| format!("no random bytes from the system: {error}"))?;
    }
    let [x25519, ed25519] = *seeds;
    let identity = Identity::from_seeds(&Secret::new(x25519), &Secret::new(ed25519))
        .map_err(|clause| format!("a drawn key was refused by {clause}; try again"))?;
    let seeds = Seeds { x25519_seed: hex::encode(x25519), ed25519_seed: hex::encode(ed25519) };
    Ok(Drawn { identity, seeds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, read_to_string, set_permissions, write};

    #[test]
    fn what_is_written_is_read_again_and_never_overwritten() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("id.json");
        let drawn = draw().unwrap();
        create(&path, &drawn).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().public(), drawn.identity.public());

        let before = read_to_string(&path).unwrap();
        assert!(create(&path, &drawn).unwrap_err().contains("does not exist yet"));
        assert_eq!(read_to_string(&path).unwrap(), before);
    }

    #[test]
    fn every_file_that_is_none_is_refused_in_one_line() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("id.json");
        let absent = read(&path).unwrap_err();
        assert!(absent.contains("keygen --out"), "{absent}");

        create(&path, &draw().unwrap()).unwrap();
        set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let open = read(&path).unwrap_err();
        assert!(open.contains("mode 640") && open.contains("chmod 600"), "{open}");

        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let short = format!(r#"{{"x25519_seed":"00","ed25519_seed":"{}"}}"#, "0".repeat(64));
        for text in ["", "{}", "not json", &short] {
            write(&path, text).unwrap();
            let refused = read(&path).unwrap_err();
            assert!(refused.contains("is no identity") && !refused.contains('\n'), "{refused}");
        }
        assert!(read(room.path()).is_err(), "a directory");
    }
}
