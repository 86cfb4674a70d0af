//! How a case fails, in words that are the same from run to run.

use crate::live::outcome::Verdict;

/// Letters of hex in a row that are taken for bytes though no digit is among them.
const HEX_WORD: usize = 8;

/// The word of a verdict and what was seen, numbers and hex as `#`; `None` if nothing failed, or if
/// nothing was judged.
pub(super) fn fails(verdict: &Verdict) -> Option<String> {
    let seen = match verdict {
        Verdict::Fail { actual, .. } => actual,
        Verdict::Crash(why) | Verdict::Unproven(why) => why,
        Verdict::Flaky { .. } => return Some(verdict.word().to_owned()),
        Verdict::Pass
        | Verdict::Known { .. }
        | Verdict::Unsupported(_)
        | Verdict::NotRun(_)
        | Verdict::Broken(_) => return None,
    };
    Some(format!("{}: {}", verdict.word(), steady(seen)))
}

/// A line without what varies.
fn steady(line: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in line.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
        } else {
            out += &masked(&word);
            out.push(letter);
            word.clear();
        }
    }
    out.trim_end().to_owned()
}

/// A word of hex is `#`; in any other, each number is.
fn masked(word: &str) -> String {
    let is_hex = word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'));
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    if is_hex && (has_digit || word.len() >= HEX_WORD) {
        return "#".to_owned();
    }
    let mut out = String::new();
    for letter in word.chars() {
        if !letter.is_ascii_digit() {
            out.push(letter);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_from_run_to_run_is_masked() {
        for (said, kept) in [
            ("nothing for 8s", "nothing for #s"),
            ("5eb64c18cec601b5, the mask", "#, the mask"),
            ("deadbeefdead, a bad face", "#, a bad face"),
            ("[frame/too-long] 64KiB", "[frame/too-long] #KiB"),
            ("", ""),
        ] {
            assert_eq!(steady(said), kept);
        }
    }

    #[test]
    fn only_a_judged_failure_can_be_known() {
        assert_eq!(fails(&Verdict::failed("a", "b 7")).as_deref(), Some("fail: b #"));
        assert_eq!(fails(&Verdict::Crash("gone".into())).as_deref(), Some("crash: gone"));
        let flaky = Verdict::Flaky { passed: 1, runs: 3, failure: "x".into() };
        assert_eq!(fails(&flaky).as_deref(), Some("flaky"));
        for none in [Verdict::Pass, Verdict::NotRun("x".into()), Verdict::Broken("x".into())] {
            assert_eq!(fails(&none), None);
        }
    }
}
