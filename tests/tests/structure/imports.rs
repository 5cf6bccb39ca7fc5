//! Which files of a crate import which: `use` declarations, followed through re-exports to the file that defines a name.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::code_of;
use crate::crates::Crate;

/// One name that a `use` declaration brings into scope.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Use {
    /// The path, with `self` at its end taken away; `*` for all.
    path: Vec<String>,
    /// The name in scope.
    name: String,
    /// Whether it is `pub` in any way.
    public: bool,
}

/// A crate's modules: a file each, apart from those within a file, which count as their file.
struct Modules {
    /// File of each module, by its path.
    files: BTreeMap<Vec<String>, String>,
    /// What each file brings into scope.
    uses: BTreeMap<String, Vec<Use>>,
    /// The code of each file.
    code: BTreeMap<String, String>,
}

/// The files of `of` that each file imports, itself left out.
pub fn imports(of: &Crate) -> BTreeMap<String, BTreeSet<String>> {
    let modules = Modules::of(of);
    let mut imports = BTreeMap::new();
    for (module, file) in &modules.files {
        let found: &mut BTreeSet<String> = imports.entry(file.clone()).or_default();
        for import in modules.uses[file].iter().filter(|import| !import.public) {
            found.extend(modules.resolve(module, &import.path, 0).filter(|target| target != file));
        }
    }
    imports
}

impl Modules {
    fn of(of: &Crate) -> Self {
        let mut files = BTreeMap::new();
        let (mut uses, mut code) = (BTreeMap::new(), BTreeMap::new());
        for (file, text) in &of.sources {
            // Programs are crates of their own.
            if file == "src/main.rs" || file.starts_with("src/bin/") {
                continue;
            }
            let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
            let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
            if module.last().is_some_and(|last| last == "mod" || (last == "lib" && module.len() == 1)) {
                module.pop();
            }
            let plain = code_of(text);
            uses.insert(file.clone(), declarations(&plain));
            code.insert(file.clone(), plain);
            files.insert(module, file.clone());
        }
        Self { files, uses, code }
    }

    /// The file that defines what `path` names in the file of `module`; `None` where that is another crate's.
    fn resolve(&self, module: &[String], path: &[String], depth: usize) -> Option<String> {
        if depth > 8 {
            return None;
        }
        let (mut at, mut rest): (Vec<String>, &[String]) = match path.first().map(String::as_str) {
            Some("crate") => (Vec::new(), &path[1..]),
            Some("self") => (module.to_vec(), &path[1..]),
            Some("super") => (module[..module.len().checked_sub(1)?].to_vec(), &path[1..]),
            Some(first) if self.child(module, first).is_some() => (module.to_vec(), path),
            _ => return None,
        };
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        while let Some(child) = rest.first().and_then(|segment| self.child(&at, segment)) {
            at = child;
            rest = &rest[1..];
        }
        let file = self.files.get(&at)?;
        let Some(name) = rest.first().filter(|name| *name != "*") else { return Some(file.clone()) };
        if defines(&self.code[file], name) {
            return Some(file.clone());
        }
        // Through a re-export, or an import that the children of a module share.
        for import in &self.uses[file] {
            let via = if import.name == *name {
                self.resolve(&at, &import.path, depth + 1)
            } else if import.name == "*" {
                let target = self.resolve(&at, &import.path, depth + 1);
                target.filter(|target| defines(&self.code[target], name))
            } else {
                None
            };
            if via.is_some() {
                return via;
            }
        }
        Some(file.clone())
    }

    fn child(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let mut child = module.to_vec();
        child.push(name.to_owned());
        self.files.contains_key(&child).then_some(child)
    }
}

/// Whether `code` defines an item called `name`.
fn defines(code: &str, name: &str) -> bool {
    let words: Vec<&str> = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let kinds = ["struct", "enum", "trait", "fn", "type", "const", "static", "union", "macro_rules"];
    words.windows(2).any(|pair| kinds.contains(&pair[0]) && pair[1] == name)
}

/// The `use` declarations of a file, each name apart.
fn declarations(code: &str) -> Vec<Use> {
    let mut all = Vec::new();
    for statement in code.split_inclusive(';') {
        let Some(start) = statement.rfind("use ").filter(|&start| is_word_start(statement, start)) else { continue };
        // What stands before `use` within its own line and statement says how visible it is.
        let before = statement[..start].trim_end();
        let public = before.ends_with("pub") || (before.ends_with(')') && before.contains("pub("));
        let body = statement[start + 4..].trim_end_matches(';').trim();
        let mut paths = Vec::new();
        expand(&[], body, &mut paths);
        for (path, name) in paths {
            all.push(Use { path, name, public });
        }
    }
    all
}

fn is_word_start(text: &str, at: usize) -> bool {
    at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric() && text.as_bytes()[at - 1] != b'_'
}

/// The paths in a tree such as `a::{b, c::{self, d as e}}`, with the name that each brings into scope.
fn expand(prefix: &[String], tree: &str, paths: &mut Vec<(Vec<String>, String)>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let mut longer = prefix.to_vec();
        longer.extend(segments(&tree[..open]));
        let inner = tree[open + 1..].trim_end().trim_end_matches('}');
        let (mut depth, mut start) = (0_usize, 0);
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    expand(&longer, &inner[start..at], paths);
                    start = at + 1;
                }
                _ => {}
            }
        }
        // The last brace of a nested tree was taken for the outer one's.
        let last = inner[start..].to_owned()
            + &"}".repeat(inner[start..].matches('{').count().saturating_sub(inner[start..].matches('}').count()));
        expand(&longer, &last, paths);
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim().to_owned())));
    let mut whole = prefix.to_vec();
    whole.extend(segments(path));
    if whole.last().is_some_and(|last| last == "self") && whole.len() > 1 {
        whole.pop();
    }
    let name = alias.unwrap_or_else(|| whole.last().cloned().unwrap_or_default());
    paths.push((whole, name));
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(|segment| segment.trim().to_owned()).filter(|segment| !segment.is_empty()).collect()
}

/// The groups of files of which each imports, perhaps over others, every other.
pub fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reachable: BTreeMap<&String, BTreeSet<&String>> = imports.keys().map(|file| (file, reach(imports, file))).collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for file in imports.keys() {
        if circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let circle: Vec<String> =
            imports.keys().filter(|other| reachable[file].contains(other) && reachable[*other].contains(file)).cloned().collect();
        if !circle.is_empty() {
            circles.push(circle);
        }
    }
    circles
}

fn reach<'a>(imports: &'a BTreeMap<String, BTreeSet<String>>, from: &String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&String> = imports[from].iter().collect();
    while let Some(file) = waiting.pop() {
        if reached.insert(file) {
            waiting.extend(imports.get(file).into_iter().flatten());
        }
    }
    reached
}

#[test]
fn declarations_are_taken_apart() {
    let found = declarations("use a::{b, c::{self, d as e}};\npub(crate) use crate::x::Y;\nfn reuse() {} use super::*;");
    let shown: Vec<String> = found.iter().map(|one| format!("{} {} {}", one.path.join("::"), one.name, one.public)).collect();
    assert_eq!(shown, ["a::b b false", "a::c c false", "a::c::d e false", "crate::x::Y Y true", "super::* * false"]);
}

#[test]
fn imports_are_followed_through_re_exports_and_circles_found() {
    let sources = [
        ("src/lib.rs", "mod a; mod b; mod folder; pub use a::A;"),
        ("src/a.rs", "use crate::folder::Deep; pub struct A;"),
        ("src/b.rs", "use crate::A; use std::fmt; pub struct B;"),
        ("src/folder/mod.rs", "mod deep; pub use deep::Deep;"),
        ("src/folder/deep.rs", "use crate::b::B; pub struct Deep;"),
    ];
    let sources = sources.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    let of = Crate { folder: String::new(), package: String::new(), dependencies: Vec::new(), dev_dependencies: Vec::new(), sources };
    let imports = imports(&of);
    assert_eq!(imports["src/a.rs"].iter().collect::<Vec<_>>(), ["src/folder/deep.rs"]);
    assert_eq!(imports["src/b.rs"].iter().collect::<Vec<_>>(), ["src/a.rs"]);
    assert_eq!(circles(&imports), [["src/a.rs", "src/b.rs", "src/folder/deep.rs"]]);
}
