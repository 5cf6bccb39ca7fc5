//! What somebody probably meant by a name that does not exist.
//!
//! Every message about such a name puts the name between backquotes and lists the names there are behind `expected one of`, `or one of` or `there is:`. This reads
//! both, so that solvers, suites, generators, services, problem classes, formats, options and keys are all treated alike, whichever crate the message comes from.

/// What introduces the list of the names there are.
const LISTS: [&str; 3] = ["expected one of ", "or one of ", "there is: "];

/// The name that was probably meant, if the error `message` is about a name that does not exist and one there is comes close.
pub(super) fn meant(message: &str) -> Option<&str> {
    let (before, list) = LISTS.iter().find_map(|introduction| message.split_once(introduction))?;
    // The first name is the one that was not found.
    let found = before.split('`').nth(1)?;
    nearest(found, list.split([',', ' ', '\n']).map(|name| name.trim_matches(['`', '(', ')', '.', ';'])).filter(|name| !name.is_empty()))
}

/// The one of `known` that comes closest to `name`, if one comes close: at most one mistake in three letters.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    let (mistakes, best) = known.map(|known| (mistakes(&wanted, &known.to_lowercase()), known)).min_by_key(|(mistakes, _)| *mistakes)?;
    (mistakes <= most && best != name).then_some(best)
}

/// Letters to be added, left out, replaced or swapped with their neighbour on the way from `a` to `b` (optimal string alignment).
fn mistakes(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_wording_are_understood() {
        for (message, expected) in [
            ("no solver `round-robbin` for fair-division problems; there is: auto, round-robin", Some("round-robin")),
            ("reading option of item-table: found `capacty`, expected one of capacity, bounds", Some("capacity")),
            ("found the problem class `fair-divison`, expected one of fair-division, dag-learning", Some("fair-division")),
            ("found the problem class `suit`, expected `suite` or one of fair-division, suits", Some("suits")),
            ("unknown field `omgea`, expected one of `omega`, `keep`", Some("omega")),
            ("found `zzz`, expected one of capacity, bounds", None),
            ("found a table without a capacity", None),
        ] {
            assert_eq!(meant(message), expected, "{message}");
        }
    }

    #[test]
    fn one_mistake_in_three_letters_is_forgiven() {
        assert_eq!(nearest("ecct", ["ect", "zcl"].into_iter()), Some("ect"));
        assert_eq!(nearest("cte", ["ect", "zcl"].into_iter()), None);
        assert_eq!(nearest("Adaptvie", ["adaptive"].into_iter()), Some("adaptive"));
    }
}
