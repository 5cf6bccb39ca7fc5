//! Labelled samples for classification: LIBSVM files, and tables.

use std::collections::BTreeMap;

use super::fault::Fault;

/// Samples with labels -1 and 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabelledData {
    /// Number of features.
    pub features: usize,
    /// Label of each sample.
    pub labels: Vec<f64>,
    /// Feature (0-based, increasing) and value of each sample; what is not there is 0.
    pub samples: Vec<Vec<(u32, f64)>>,
}

/// Features beyond this are taken for damage.
const MAX_FEATURES: u32 = 10_000_000;

/// Reads LIBSVM's form: `label index:value index:value ...`, indices from 1 and increasing. The larger of the two labels becomes 1.
///
/// # Errors
/// Text that is none, with line and column; other than two labels.
pub fn read_libsvm(text: &str) -> Result<LabelledData, Fault> {
    let mut data = LabelledData::default();
    let mut raw_labels = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut column = 1;
        let mut words = content.split(' ').map(|word| {
            let start = column;
            column += word.len() + 1;
            (start, word.trim())
        });
        let mut words = words.by_ref().filter(|(_, word)| !word.is_empty());
        let Some((start, label)) = words.next() else { continue };
        let label = number(label).ok_or_else(|| Fault::at(line, start, format!("`{label}`"), "a label (a number)"))?;
        let mut sample: Vec<(u32, f64)> = Vec::new();
        for (start, word) in words {
            let entry = word.split_once(':').and_then(|(index, value)| Some((index.parse::<u32>().ok()?, number(value)?)));
            let Some((index, value)) = entry.filter(|(index, _)| (1..=MAX_FEATURES).contains(index)) else {
                return Err(Fault::at(line, start, format!("`{word}`"), "index:value, with an index from 1"));
            };
            if sample.last().is_some_and(|(last, _)| *last >= index - 1) {
                return Err(Fault::at(line, start, format!("the index {index}"), "increasing indices"));
            }
            sample.push((index - 1, value));
            data.features = data.features.max(index as usize);
        }
        raw_labels.push((line, label));
        data.samples.push(sample);
    }
    data.labels = signs(&raw_labels)?;
    Ok(data)
}

/// Reads a table with commas: the column `label` (its name in the header, or its 0-based position; the last one where it is empty) and features.
///
/// # Errors
/// As [`read_libsvm`]; no such column; rows of other lengths than the first.
pub fn read_table(text: &str, label: &str) -> Result<LabelledData, Fault> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let mut data = LabelledData::default();
    let mut raw_labels = Vec::new();
    let mut columns: Option<(usize, usize)> = None;
    for record in reader.records() {
        let record = record.map_err(|error| Fault::whole(error.to_string(), "a table with commas"))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let (width, at) = if let Some(known) = columns {
            known
        } else {
            let header = record.iter().any(|cell| number(cell).is_none());
            let named = header.then(|| record.iter().position(|cell| cell == label)).flatten();
            let at = if label.is_empty() { Some(record.len().saturating_sub(1)) } else { named.or_else(|| label.parse().ok()) };
            let at = at.filter(|at| *at < record.len());
            let at =
                at.ok_or_else(|| Fault::at(line, 0, format!("no column `{label}`"), "the name or the position of the column of labels"))?;
            columns = Some((record.len(), at));
            if header {
                continue;
            }
            (record.len(), at)
        };
        if record.len() != width {
            return Err(Fault::at(line, 0, format!("{} cells", record.len()), format!("{width}, as in the first line")));
        }
        data.features = width - 1;
        let mut sample = Vec::new();
        for (k, cell) in record.iter().enumerate() {
            let value = number(cell).ok_or_else(|| Fault::at(line, 0, format!("`{cell}`"), "a number"))?;
            if k == at {
                raw_labels.push((line, value));
            } else if value != 0.0 {
                sample.push((u32::try_from(k - usize::from(k > at)).unwrap_or(u32::MAX), value));
            }
        }
        data.samples.push(sample);
    }
    data.labels = signs(&raw_labels)?;
    Ok(data)
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// The two labels as -1 and 1.
fn signs(labels: &[(usize, f64)]) -> Result<Vec<f64>, Fault> {
    let mut known: BTreeMap<u64, f64> = BTreeMap::new();
    for &(line, label) in labels {
        known.insert(label.to_bits(), label);
        if known.len() > 2 {
            return Err(Fault::at(line, 1, format!("a third label, {label}"), "two labels"));
        }
    }
    if known.len() < 2 {
        return Err(Fault::whole(format!("{} samples with {} labels", labels.len(), known.len()), "samples of two labels"));
    }
    let largest = known.values().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(labels.iter().map(|(_, label)| if *label == largest { 1.0 } else { -1.0 }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_in_four_spellings() {
        for text in ["+1 1:2\n-1 2:0.5 \n\n", "1 1:2\n-1 2:0.5\n", "1 1:2\n0 2:0.5\n", "2 1:2\n1 2:0.5\n"] {
            let data = read_libsvm(text).unwrap();
            assert_eq!(data.labels, [1.0, -1.0]);
            assert_eq!(data.samples, [vec![(0, 2.0)], vec![(1, 0.5)]]);
            assert_eq!(data.features, 2);
        }
        let table = read_table("a,class,b\n2,1,0\n0,0,0.5\n", "class").unwrap();
        assert_eq!((table.labels, table.samples), (vec![1.0, -1.0], vec![vec![(0, 2.0)], vec![(1, 0.5)]]));
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, message) in [
            ("1 1:2\n-1 0:1\n", "line 2, column 4: found `0:1`, expected index:value"),
            ("1 2:1 1:1\n", "line 1, column 7: found the index 1, expected increasing indices"),
            ("x 1:1\n", "line 1, column 1: found `x`, expected a label"),
            ("1 1:nan\n", "line 1, column 3: found `1:nan`"),
            ("1 1:1\n2 1:1\n3 1:1\n", "line 3, column 1: found a third label, 3"),
            ("1 1:1\n", "found 1 samples with 1 labels"),
        ] {
            let fault = read_libsvm(text).unwrap_err().to_string();
            assert!(fault.starts_with(message), "{fault}");
        }
        assert!(read_table("1,2\n3\n", "").unwrap_err().to_string().contains("found 1 cells, expected 2"));
    }
}
