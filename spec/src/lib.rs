//! The specification of the Sealwire protocol, as files that travel with the crate: list them, get
//! one. To read it, begin with the README beside.
#![forbid(unsafe_code)]

/// The version of this text: that of the wire which it describes, and the number of its edition.
pub const VERSION: &str = "2.0";

/// Every file in reading order: its path in the project, its text.
pub const FILES: [(&str, &str); 9] = [
    ("spec/README.md", include_str!("../README.md")),
    ("spec/01-primitives.md", include_str!("../01-primitives.md")),
    ("spec/02-identity.md", include_str!("../02-identity.md")),
    ("spec/03-packet.md", include_str!("../03-packet.md")),
    ("spec/04-frame.md", include_str!("../04-frame.md")),
    ("spec/05-handshake.md", include_str!("../05-handshake.md")),
    ("spec/06-relay.md", include_str!("../06-relay.md")),
    ("spec/security.md", include_str!("../security.md")),
    ("spec/testing.md", include_str!("../testing.md")),
];

/// The text of a file, by its path among [`FILES`].
#[must_use]
pub fn get(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_the_folder_is_listed_once() {
        let folder = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut pages: Vec<_> = names.filter(|name| name.ends_with(".md")).collect();
        let mut listed = FILES.map(|(path, _)| path.strip_prefix("spec/").unwrap());
        pages.sort();
        listed.sort_unstable();
        assert_eq!(pages, listed);
    }

    #[test]
    fn the_text_says_its_version() {
        let readme = get("spec/README.md").unwrap();
        assert!(readme.contains(&format!(" This text is {VERSION}: ")));
    }

    #[test]
    fn a_page_is_found_by_its_path() {
        assert!(get("spec/04-frame.md").is_some_and(|text| text.starts_with("# 4")));
        assert_eq!(get("04-frame.md"), None);
    }
}
