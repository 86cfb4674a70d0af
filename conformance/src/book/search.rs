//! What the search field of every page finds: headings and clauses.

use serde::Serialize;

/// One thing to find.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Hit {
    /// A clause's id, or a heading.
    pub(super) name: String,
    /// The level of a clause; empty for a heading.
    pub(super) level: &'static str,
    /// The page it stands on, as readers call it.
    pub(super) place: String,
    /// Where it is.
    pub(super) href: String,
    /// The sentence of a clause.
    pub(super) sentence: String,
}

/// The hits as a block of data in a page: JSON in which nothing can end the block.
pub(super) fn data(hits: &[Hit]) -> String {
    // Strings under fixed names always serialise.
    serde_json::to_string(hits).unwrap_or_default().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_cannot_end_the_block() {
        let sentence = "</script><script>".to_owned();
        let hit = Hit {
            name: "a".into(),
            level: "MUST",
            place: "4 Frame".into(),
            href: "a.html#a".into(),
            sentence: sentence.clone(),
        };
        let data = data(&[hit]);
        assert!(!data.contains('<'), "{data}");
        let read: serde_json::Value = serde_json::from_str(&data).unwrap();
        assert_eq!(read[0]["sentence"], sentence);
    }
}
