//! The archive of the vectors, for who has neither this repository nor the suite: one tar file whose
//! bytes depend on nothing but the files in it, so that its sum can stand in the specification.
//!
//! ```text
//! sealwire-vectors-VERSION/   the folder vectors/, files in the order of their paths
//!   SHA256SUMS                the sum of each, as `sha256sum -c` reads them
//! ```

use std::collections::BTreeMap;
use std::io;

use sealwire_vectors::{BESIDE, FILES, PUBLISHED, hash};
use tar::{Builder, EntryType, Header};

/// The folder that unpacking makes, and the name of the archive.
pub(crate) const FOLDER: &str = concat!("sealwire-vectors-", env!("CARGO_PKG_VERSION"));
/// The first second of 2000: unpackers complain about files from before.
const DATE: u64 = 946_684_800;

/// The whole archive.
pub(crate) fn archive() -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (path, text) in files() {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(DATE);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, format!("{FOLDER}/{path}"), text.as_bytes())?;
    }
    archive.into_inner()
}

/// What is in it, by path.
fn files() -> BTreeMap<String, String> {
    let published = PUBLISHED.map(|(name, text)| (format!("published/{name}"), text));
    let named = FILES.into_iter().chain(BESIDE).map(|(path, text)| (path.to_owned(), text));
    let mut files: BTreeMap<_, _> =
        named.chain(published).map(|(path, text)| (path, text.to_owned())).collect();
    let sum = |(path, text): (&String, &String)| format!("{}  {path}\n", hash(text));
    let sums = files.iter().map(sum).collect();
    files.insert("SHA256SUMS".to_owned(), sums);
    files
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every file of the folder but those that make it a crate.
    fn folder() -> BTreeMap<String, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
        let names = ["", "published/"].into_iter().flat_map(|folder| {
            let entries = fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap);
            let files = entries.filter(|entry| !entry.path().is_dir());
            files.map(move |file| format!("{folder}{}", file.file_name().to_str().unwrap()))
        });
        let texts = names.filter(|name| name != "Cargo.toml");
        texts.map(|name| (name.clone(), fs::read_to_string(root.join(&name)).unwrap())).collect()
    }

    #[test]
    fn unpacking_gives_the_folder_and_its_sums() {
        let packed = archive().unwrap();
        let mut unpacked = BTreeMap::new();
        for entry in tar::Archive::new(&packed[..]).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().into_owned();
            let text = io::read_to_string(&mut entry).unwrap();
            let path = path.strip_prefix(FOLDER).unwrap().to_str().unwrap().to_owned();
            assert_eq!(unpacked.insert(path, text), None);
        }
        let sums = unpacked.remove("SHA256SUMS").unwrap();
        assert_eq!(unpacked, folder());
        for line in sums.lines() {
            let (sum, path) = line.split_once("  ").unwrap();
            assert_eq!(sum, hash(&unpacked[path]), "{path}");
        }
        assert_eq!(sums.lines().count(), unpacked.len());
    }
}
