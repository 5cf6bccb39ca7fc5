//! The crates of the workspace, with their files and dependencies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A crate of the workspace.
pub struct Crate {
    /// Its folder within the repository, such as `solvers/core`.
    pub folder: String,
    /// Its package name.
    pub package: String,
    /// The packages in its `[dependencies]`.
    pub dependencies: Vec<String>,
    /// The packages in its `[dev-dependencies]`.
    pub dev_dependencies: Vec<String>,
    /// Its source files that are no tests, by their path within the crate: `src/a/b.rs`.
    pub sources: BTreeMap<String, String>,
}

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All crates, as the workspace's manifest lists them.
pub fn crates() -> Vec<Crate> {
    let root = repository();
    let manifest = read(&root.join("Cargo.toml"));
    let start = manifest.find("members = [").expect("a list of members") + "members = [".len();
    let list = &manifest[start..start + manifest[start..].find(']').expect("its end")];
    list.split(',')
        .map(|member| member.trim().trim_matches('"').to_owned())
        .filter(|member| !member.is_empty())
        .map(|folder| Crate::read(&root, folder))
        .collect()
}

impl Crate {
    fn read(root: &Path, folder: String) -> Self {
        let path = root.join(&folder);
        let manifest = read(&path.join("Cargo.toml"));
        let package = manifest.lines().find_map(|line| line.strip_prefix("name = ")).expect("a name").trim_matches('"').to_owned();
        let mut sources = BTreeMap::new();
        collect(&path, &path.join("src"), &mut sources);
        Self {
            folder,
            package,
            dependencies: section(&manifest, "dependencies"),
            dev_dependencies: section(&manifest, "dev-dependencies"),
            sources,
        }
    }
}

/// The names of the dependencies in the section `[name]`.
fn section(manifest: &str, name: &str) -> Vec<String> {
    let heading = format!("[{name}]");
    let lines = manifest.lines().skip_while(|line| line.trim() != heading).skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter(|line| line.contains('=')).map(|line| line.split(['=', '.', ' ']).next().unwrap_or_default().to_owned());
    names.filter(|name| !name.is_empty() && !name.starts_with('#')).collect()
}

fn collect(root: &Path, folder: &Path, sources: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                collect(root, &path, sources);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" {
            let inside = path.strip_prefix(root).expect("within the crate").to_string_lossy().into_owned();
            sources.insert(inside, read(&path));
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
