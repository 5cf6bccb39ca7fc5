//! The shared data of the family, beside the repository.
#![allow(dead_code, reason = "each test uses its own part")]

use std::io::Read;
use std::path::{Path, PathBuf};

/// A file of the shared data, or `None` and a printed reason.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/online").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: there is no online/{name} in the shared data folder beside the repository");
    None
}

/// The text of a shared file, unpacked.
pub fn text(name: &str) -> Option<String> {
    String::from_utf8(bytes(name)?).ok()
}

fn bytes(name: &str) -> Option<Vec<u8>> {
    let stored = std::fs::read(shared(name)?).ok()?;
    if !stored.starts_with(&[0x1f, 0x8b]) {
        return Some(stored);
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(stored.as_slice()).read_to_end(&mut unpacked).ok()?;
    Some(unpacked)
}

/// One stream of a table: the items (value, weight in percent) of each trace, in arrival order.
pub fn google(name: &str) -> Option<Vec<Vec<(f64, u64)>>> {
    let text = text(name)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next()?.split(',').collect();
    let column = |wanted: &str| header.iter().position(|name| *name == wanted).unwrap();
    let (trace, weight, value) = (column("trace"), column("weight_pct"), column("value"));
    let mut streams: Vec<Vec<(f64, u64)>> = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number: usize = cells[trace].parse().unwrap();
        streams.resize_with(streams.len().max(number), Vec::new);
        streams[number - 1].push((cells[value].parse().unwrap(), cells[weight].parse().unwrap()));
    }
    Some(streams)
}

/// The rows of a reference table, as numbers by column name.
pub fn table(name: &str) -> Option<Vec<std::collections::HashMap<String, f64>>> {
    let text = text(name)?;
    let mut lines = text.lines();
    let header: Vec<String> = lines.next()?.split(',').map(str::to_owned).collect();
    Some(lines.map(|line| header.iter().cloned().zip(line.split(',').map(|cell| cell.parse().unwrap())).collect()).collect())
}

/// An offline instance: name, capacity, (value, weight) of each item, optimum.
pub type Offline = (String, u64, Vec<(f64, u64)>, f64);

/// The 47 offline instances.
pub fn offline() -> Option<Vec<Offline>> {
    let archive = bytes("knapsack01_instances.tar.gz")?;
    let files = untar(&archive);
    let optima: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(files.iter().find(|(name, _)| name.ends_with("optima.json")).map(|(_, bytes)| bytes)?).ok()?;
    let mut instances = Vec::new();
    for (name, optimum) in optima {
        let (_, bytes) = files.iter().find(|(file, _)| file.ends_with(&name))?;
        let numbers: Vec<u64> = std::str::from_utf8(bytes).ok()?.split_ascii_whitespace().map(|word| word.parse().unwrap()).collect();
        let count = usize::try_from(numbers[0]).ok()?;
        let items = numbers[2..2 + 2 * count].chunks_exact(2).map(|pair| (pair[0] as f64, pair[1])).collect();
        instances.push((name, numbers[1], items, optimum.as_f64()?));
    }
    Some(instances)
}

/// Names and contents of the regular files in a tar archive.
fn untar(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned();
    let mut files = Vec::new();
    let mut at = 0;
    while at + 512 <= archive.len() && archive[at] != 0 {
        let header = &archive[at..at + 512];
        let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
        if matches!(header[156], b'0' | 0) {
            files.push((text(&header[..100]), archive[at + 512..at + 512 + size].to_vec()));
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    files
}
