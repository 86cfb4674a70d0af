//! Where the links of the texts lead once the texts are pages.

use super::source::{self, Document};

/// The address of `destination` as a link from the page of `from`; `None` if it leads out of the
/// pages, to a file of the repository or to the network.
pub(super) fn resolved(from: &Document, destination: &str) -> Option<String> {
    let (path, fragment) = destination.split_once('#').unwrap_or((destination, ""));
    let page = match path {
        "" => String::new(),
        path => source::named(&joined(from.folder(), path)?)?.page(),
    };
    match fragment {
        "" => (!page.is_empty()).then_some(page),
        fragment => Some(format!("{page}#{fragment}")),
    }
}

/// `path` as seen from `folder`; `None` if it leaves the repository or is no path.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "." => {}
            part if part.is_empty() || part.contains(':') => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_chapter(destination: &str) -> Option<String> {
        resolved(&source::named("spec/04-frame.md").unwrap(), destination)
    }

    #[test]
    fn files_that_are_pages_are_linked_with_their_fragments() {
        assert_eq!(from_chapter("#layout").as_deref(), Some("#layout"));
        assert_eq!(from_chapter("05-handshake.md").as_deref(), Some("05-handshake.html"));
        assert_eq!(
            from_chapter("README.md#known-answers").as_deref(),
            Some("index.html#known-answers")
        );
        assert_eq!(from_chapter("../vectors/README.md").as_deref(), Some("vectors.html"));
        let vectors = source::named("vectors/README.md").unwrap();
        assert_eq!(resolved(&vectors, "../spec/README.md").as_deref(), Some("index.html"));
    }

    #[test]
    fn what_is_no_page_is_not_linked() {
        for destination in [
            "",
            "#",
            "../conformance/cases.lock",
            "../../outside.md",
            "https://example.org/",
            "//example.org/",
            "javascript:alert(1)",
            "/spec/README.md",
        ] {
            assert_eq!(from_chapter(destination), None, "{destination}");
        }
    }
}
