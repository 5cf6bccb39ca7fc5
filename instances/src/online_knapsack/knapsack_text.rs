//! The plain text of published offline knapsack instances.

use fathom_opt_problems::online_knapsack::OnlineKnapsack;

use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition};
use crate::input_file::InputFile;
use crate::options::NoOptions;

/// Number of items, capacity, then value and weight of each item.
#[derive(Debug)]
pub struct KnapsackText;

impl FileFormat for KnapsackText {
    type Problem = OnlineKnapsack;
    type Options = NoOptions;
    const NAME: &'static str = "knapsack-text";
    const SUMMARY: &'static str = "number of items, capacity, then value and weight of each item";
    const ENDINGS: &'static [&'static str] = &[".kp"];

    fn recognizes(head: &Head<'_>, _: &NoOptions) -> Recognition {
        let words: Vec<&str> = std::str::from_utf8(head.first_line()).unwrap_or_default().split_ascii_whitespace().collect();
        match words.as_slice() {
            [count, capacity] if count.parse::<u64>().is_ok() && capacity.parse::<u64>().is_ok() => Recognition::Likely,
            _ => Recognition::No,
        }
    }

    fn read(file: &InputFile, _: &NoOptions) -> Result<Imported<OnlineKnapsack>, InstanceError> {
        read(file).map(Imported::from)
    }
}

/// Whole numbers separated by space: how many items, the capacity, then value and weight of each item. Some published files end in an optimal solution, a 0 or 1
/// for each item; anything else that follows is refused, for then there are more items than were announced.
fn read(file: &InputFile) -> Result<OnlineKnapsack, InstanceError> {
    let text = file.text()?;
    let start = file.bytes().len() - text.len();
    let mut words = text.split_ascii_whitespace();
    let mut number = |what: &str| -> Result<u64, InstanceError> {
        let word = words.next().ok_or_else(|| file.about(format!("the file ends before {what}")))?;
        word.parse().map_err(|_| {
            let offset = start + (word.as_ptr() as usize - text.as_ptr() as usize);
            file.at_offset(offset, format!("found `{word}`, expected {what}, a whole number of at least 0"))
        })
    };
    let (count, capacity) = (number("the number of items")?, number("the capacity")?);
    if let Some(line) = indexed_line(text, count) {
        let expected = "expected value and weight alone (the first number of each line counts the items: leave that column out)";
        return Err(file.at_line(line, format!("found three numbers in the lines of the items, {expected}")));
    }
    let mut items = Vec::new();
    for item in 1..=count {
        let value = number(&format!("the value of item {item}"))?;
        let weight = number(&format!("the weight of item {item}"))?;
        items.push((value as f64, weight));
    }
    let rest: Vec<&str> = words.collect();
    let is_solution = rest.len() as u64 == count && rest.iter().all(|word| matches!(*word, "0" | "1"));
    if let Some(word) = rest.first().filter(|_| !is_solution) {
        let offset = start + (word.as_ptr() as usize - text.as_ptr() as usize);
        let expected = format!("expected the end of the file after {count} items, or a 0 or 1 for each of them");
        return Err(file.at_offset(offset, format!("found {} more numbers from `{word}` on, {expected}", rest.len())));
    }
    OnlineKnapsack::single(capacity, None, items).map_err(|fault| file.about(fault.to_string()))
}

/// The line of the first item, where every item has a line of three numbers whose first counts the items.
fn indexed_line(text: &str, count: u64) -> Option<usize> {
    let items = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).skip(1);
    let count = usize::try_from(count).ok().filter(|&count| count > 0)?;
    let mut lines = items().take(count);
    let counts = lines.by_ref().enumerate().filter(|(k, (_, line))| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        words.len() == 3 && words[0].parse().is_ok_and(|number: usize| number == *k || number == k + 1)
    });
    (counts.count() == count).then(|| items().next().map(|(line, _)| line + 1)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_and_a_missing_one_is_named() {
        let of = |text: &str| read(&InputFile::of_bytes("a.kp", text.as_bytes().to_vec()));
        let problem = of("2 10\n3 4\n5 6\n0 1").unwrap();
        assert!(of("1 5\n3 4\n7 8\n").unwrap_err().to_string().starts_with("a.kp:3:1: found 2 more numbers"));
        assert_eq!((problem.items().len(), problem.capacity().first()), (2, 10));
        assert!(of("2 10\n3 4\n5").unwrap_err().to_string().contains("ends before the weight of item 2"));
        assert!(of("2 10\n1 10 3\n2 5 2\n").unwrap_err().to_string().starts_with("a.kp:2: found three numbers"));
        assert_eq!(of("2 10\n3 4 5 6\n").unwrap().items().len(), 2);
        assert!(of("2 10\n3 x\n").unwrap_err().to_string().starts_with("a.kp:2:3: found `x`"));
    }
}
