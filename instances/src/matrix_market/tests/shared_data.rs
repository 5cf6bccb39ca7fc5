//! The real matrices in the shared data folder beside the repository, against the figures of its list of sources.

use crate::matrix_market::{Symmetry, read, write_coordinate};
use flate2::read::MultiGzDecoder;
use std::fs;
use std::io::Read;
use std::path::Path;

/// One row of the list: file name, rows, entries of the full matrix, entries stored in the file.
fn listed(sources: &str) -> Vec<(String, usize, usize, usize)> {
    let rows = sources.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells.get(1).filter(|name| name.contains(".mtx"))?;
        let figure = |cell: usize| cells.get(cell).and_then(|text| text.parse().ok());
        Some(((*name).to_owned(), figure(2)?, figure(3)?, figure(4)?))
    });
    rows.collect()
}

#[test]
fn every_shared_matrix_has_the_sizes_its_source_lists_and_is_symmetric() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/matrix-market");
    let Ok(sources) = fs::read_to_string(folder.join("SOURCES.md")) else {
        eprintln!("skipped: no shared data folder at {}", folder.display());
        return;
    };
    let listed = listed(&sources);
    let files = fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".mtx"));
    assert_eq!(files.count(), listed.len(), "files and rows of the list");
    for (name, rows, nonzeros, stored) in listed {
        let mut text = fs::read(folder.join(&name)).unwrap();
        if Path::new(&name).extension().is_some_and(|extension| extension == "gz") {
            let mut plain = Vec::new();
            MultiGzDecoder::new(text.as_slice()).read_to_end(&mut plain).unwrap();
            text = plain;
        }
        let file = read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((file.rows(), file.columns(), file.stored()), (rows, rows, stored), "{name}");
        assert_eq!(file.header().symmetry, Symmetry::Symmetric, "{name}");
        let matrix = file.to_csr().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(matrix.nnz(), nonzeros, "{name}");
        assert_eq!(matrix.transpose_view().to_csr(), matrix, "{name}");

        // The writer refuses what is not symmetric, so this is a second look at that, and a round trip of real values.
        let mut written = Vec::new();
        write_coordinate(&mut written, &matrix, Symmetry::Symmetric, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read(&written).unwrap().to_csr().unwrap(), matrix, "{name}");
    }
}
