//! The problem classes that a program knows.

use crate::class::Class;
use crate::file_format::AnyFormat;
use crate::generator::AnyGenerator;

/// The ending that the name of every document has. Shown first where endings are listed.
const DOCUMENT: &str = ".fathom.json";

/// The problem classes that a program knows, in the order in which people meet them. Whatever reads or lists files, solutions or generators is told by this.
///
/// ```
/// use fathom_opt_instances::classes;
///
/// let mut classes = classes();
/// assert!(classes.find("fair-division").is_some());
/// assert!(classes.endings().contains(&".mtx"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Classes {
    all: Vec<Class>,
}

impl Classes {
    /// No class.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `class`, in place of one of the same kind if there is one.
    pub fn add(&mut self, class: Class) {
        match self.all.iter_mut().find(|known| known.kind == class.kind) {
            Some(known) => *known = class,
            None => self.all.push(class),
        }
    }

    /// All classes.
    pub fn iter(&self) -> std::slice::Iter<'_, Class> {
        self.all.iter()
    }

    /// The class called `kind`.
    pub fn find(&self, kind: &str) -> Option<&Class> {
        self.iter().find(|class| class.kind == kind)
    }

    /// The names of all classes.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.iter().map(|class| class.kind).collect()
    }

    /// All formats of files that are no documents.
    pub fn formats(&self) -> impl Iterator<Item = &AnyFormat> {
        self.iter().flat_map(Class::formats)
    }

    /// All generators.
    pub fn generators(&self) -> impl Iterator<Item = &AnyGenerator> {
        self.iter().flat_map(Class::generators)
    }

    /// The generator called `name`.
    pub fn generator(&self, name: &str) -> Option<&AnyGenerator> {
        self.generators().find(|generator| generator.name == name)
    }

    /// All endings of instance files, each once, the document's first.
    pub fn endings(&self) -> Vec<&'static str> {
        let mut endings = vec![DOCUMENT];
        for ending in self.formats().flat_map(|format| format.endings) {
            if !endings.contains(ending) {
                endings.push(ending);
            }
        }
        endings
    }
}

impl<'a> IntoIterator for &'a Classes {
    type Item = &'a Class;
    type IntoIter = std::slice::Iter<'a, Class>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        let mut all = Self::new();
        for class in classes {
            all.add(class);
        }
        all
    }
}
