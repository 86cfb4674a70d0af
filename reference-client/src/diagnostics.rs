//! What is said beside the result: lines on stderr.

use std::io::{self, Write};

/// Says one line. A closed stderr is no reason to end: the result does not depend on it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", one_line(line));
}

/// `text` with control characters escaped: what somebody else wrote makes no line of its own and
/// no colours either.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escape = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
            let escaped = escape.then(|| c.escape_unicode());
            let plain = (!escape).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_one_line() {
        assert_eq!(one_line("a\n\u{1b}[31mü\u{2028}b"), r"a\u{a}\u{1b}[31mü\u{2028}b");
    }
}
