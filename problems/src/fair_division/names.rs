//! What agents and items are called.

/// Names from the document, where it has any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names {
    pub(super) agents: Option<Vec<String>>,
    /// One name per kind of item.
    pub(super) items: Option<Vec<String>>,
    /// For each item its kind and its number among the copies of that kind; empty when nothing is copied.
    pub(super) copy_of: Vec<(usize, usize)>,
}

impl Names {
    pub(super) fn agent(&self, agent: usize) -> String {
        match self.agents.as_ref().and_then(|names| names.get(agent)) {
            Some(name) => name.clone(),
            None => format!("agent {agent}"),
        }
    }

    pub(super) fn item(&self, item: usize) -> String {
        let (kind, copy) = match self.copy_of.get(item) {
            Some(&(kind, copy)) => (kind, Some(copy)),
            None => (item, None),
        };
        match (self.items.as_ref().and_then(|names| names.get(kind)), copy) {
            (Some(name), None) => name.clone(),
            (Some(name), Some(copy)) => format!("{name} (copy {copy})"),
            (None, _) => format!("item {item}"),
        }
    }
}
