//! Which names somebody may have meant.

/// How many are named.
const NAMED: usize = 3;

/// The names nearest to `id`, nearest first: those that hold it, then those a few letters away.
pub(super) fn nearest<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let most = id.chars().count() / 3 + 1;
    let distance = |name: &str| if name.contains(id) { 0 } else { distance(id, name) };
    let mut ranked: Vec<_> = known.map(|name| (distance(name), name)).collect();
    ranked.retain(|(distance, _)| *distance <= most);
    ranked.sort_by_key(|(distance, name)| (*distance, name.len()));
    ranked.into_iter().map(|(_, name)| name).take(NAMED).collect()
}

/// Letters to insert, delete or replace to come from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<_> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("too-long", "to-long"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
        let known = ["frame/too-short", "frame/too-long", "relay/error", "frame/mask"];
        assert_eq!(nearest("frame/to-long", known.into_iter())[0], "frame/too-long");
        assert_eq!(nearest("mask", known.into_iter()), ["frame/mask"]);
        assert_eq!(nearest("zzzzzzzz", known.into_iter()), [""; 0]);
    }
}
