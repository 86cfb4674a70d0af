//! Words of others: what a judged party, a file or a command line says is shown as text, whatever it
//! holds.

use std::fmt::Write;

/// Characters of a text that are kept.
const MOST: usize = 4_000;

/// The text on one line: what moves a cursor, colours, rings or turns the direction of writing is
/// written out; what is endless ends.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        if at == MOST {
            out.push('…');
            break;
        }
        if letter.is_control() || turns(letter) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

/// Whether a character changes the direction of those behind it, or their lines.
const fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_moves_a_cursor_or_forges_a_line() {
        assert_eq!(clean("\u{1b}[2Ja\nPASS b\u{7}"), "\\u{1b}[2Ja\\u{a}PASS b\\u{7}");
        assert_eq!(clean("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(clean("ℓ „x“ 漢 <b>"), "ℓ „x“ 漢 <b>");
    }

    #[test]
    fn what_is_endless_ends() {
        assert_eq!(clean(&"a".repeat(MOST)).chars().count(), MOST);
        assert!(clean(&"a".repeat(MOST + 1)).ends_with("a…"));
    }
}
