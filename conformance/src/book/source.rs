//! The texts that become pages, and the names of those pages.

use crate::clauses::Clause;

/// A text, as the repository has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document {
    /// The file, as named in the repository.
    pub(super) name: &'static str,
    /// Its Markdown.
    pub(super) text: &'static str,
}

/// The specification in reading order, then the page that a reviewer needs beside it.
pub(super) fn documents() -> impl Iterator<Item = Document> {
    let vectors = ("vectors/README.md", sealwire_vectors::README);
    sealwire_spec::FILES.into_iter().chain([vectors]).map(|(name, text)| Document { name, text })
}

/// The document with this name in the repository.
pub(super) fn named(name: &str) -> Option<Document> {
    documents().find(|document| document.name == name)
}

/// The document that somebody calls by its number, `4`, its name, `frame`, or its file.
pub(super) fn called(name: &str) -> Option<Document> {
    documents().find(|document| {
        let (number, bare) = document.stem().split_once('-').unwrap_or(("", document.stem()));
        let number = number.trim_start_matches('0');
        let names = [document.name, document.file(), document.stem(), bare, number];
        !name.is_empty() && names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
    })
}

impl Document {
    /// The name of its file.
    pub(super) fn file(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// The folder that its links start from.
    pub(super) fn folder(&self) -> &'static str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// What it is called in one word: its file without the ending, or the folder that it opens.
    fn stem(&self) -> &'static str {
        match self.file().strip_suffix(".md").unwrap_or(self.file()) {
            "README" if self.folder() != "spec" => self.folder(),
            stem => stem,
        }
    }

    /// The page that it becomes.
    pub(super) fn page(&self) -> String {
        match self.stem() {
            "README" => "index.html".to_owned(),
            stem => format!("{stem}.html"),
        }
    }

    /// Its first heading.
    pub(super) fn title(&self) -> &'static str {
        self.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.name)
    }

    /// SHA-256 of its bytes, as `sha256sum` prints it.
    pub(super) fn digest(&self) -> String {
        sealwire_vectors::hash(self.text)
    }
}

/// The page on which a clause stands, and its anchor there.
pub(super) fn address(clause: &Clause) -> String {
    let page = named(clause.file).map(|document| document.page()).unwrap_or_default();
    format!("{page}#{}", clause.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_page_of_its_own() {
        let pages: Vec<_> = documents().map(|document| document.page()).collect();
        let distinct: std::collections::BTreeSet<_> = pages.iter().collect();
        assert_eq!(distinct.len(), pages.len());
        assert_eq!(pages[..2], ["index.html", "01-primitives.html"]);
        assert!(pages.contains(&"vectors.html".to_owned()));
    }

    #[test]
    fn a_chapter_answers_to_its_number_its_name_and_its_file() {
        for name in ["4", "04-frame", "frame", "Frame", "04-frame.md", "spec/04-frame.md"] {
            assert_eq!(called(name).map(|document| document.name), Some("spec/04-frame.md"));
        }
        assert_eq!(called("readme").map(|document| document.name), Some("spec/README.md"));
        assert_eq!(called("vectors").map(|document| document.name), Some("vectors/README.md"));
        assert!(called("").is_none() && called("7").is_none());
    }
}
