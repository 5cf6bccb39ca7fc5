//! The candidates of one guess, by how many levels they pass.

use serde::{Deserialize, Serialize};

/// Elements by depth, each with its place, so that any of them can be removed at once. Depths count from 1.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<u32>>", into = "Vec<Vec<u32>>")]
pub(crate) struct DepthLists {
    /// `lists[d - 1]` holds the elements of depth `d`.
    lists: Vec<Vec<u32>>,
    /// The depth of each element, 0 for one that is not here.
    depths: Vec<u16>,
    places: Vec<u32>,
    len: usize,
}

impl DepthLists {
    /// The depth of `element`, 0 where it is not here.
    pub(crate) fn depth(&self, element: u32) -> usize {
        self.depths.get(element as usize).map_or(0, |&depth| depth as usize)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The largest depth for which there is a list.
    pub(crate) fn deepest(&self) -> usize {
        self.lists.len()
    }

    /// How many elements have exactly this depth.
    pub(crate) fn at(&self, depth: usize) -> usize {
        self.lists.get(depth - 1).map_or(0, Vec::len)
    }

    /// How many elements have at least this depth: the size of the candidate set of that level.
    pub(crate) fn from(&self, depth: usize) -> usize {
        self.lists.get(depth - 1..).unwrap_or_default().iter().map(Vec::len).sum()
    }

    /// All elements of at least this depth, which stay here.
    pub(crate) fn elements_from(&self, depth: usize) -> impl Iterator<Item = u32> + '_ {
        self.lists.get(depth - 1..).unwrap_or_default().iter().flatten().copied()
    }

    /// Puts `element`, which is not here, at `depth`.
    pub(crate) fn insert(&mut self, element: u32, depth: usize) {
        let index = element as usize;
        if self.depths.len() <= index {
            self.depths.resize(index + 1, 0);
            self.places.resize(index + 1, 0);
        }
        if self.lists.len() < depth {
            self.lists.resize_with(depth, Vec::new);
        }
        let list = &mut self.lists[depth - 1];
        self.places[index] = list.len() as u32;
        self.depths[index] = depth as u16;
        list.push(element);
        self.len += 1;
    }

    /// Takes `element` out; its depth, 0 where it was not here.
    pub(crate) fn remove(&mut self, element: u32) -> usize {
        let depth = self.depth(element);
        if depth > 0 {
            let place = self.places[element as usize] as usize;
            let list = &mut self.lists[depth - 1];
            list.swap_remove(place);
            if let Some(&moved) = list.get(place) {
                self.places[moved as usize] = place as u32;
            }
            self.depths[element as usize] = 0;
            self.len -= 1;
        }
        depth
    }

    /// Takes out all elements of at least this depth.
    pub(crate) fn drain_from(&mut self, depth: usize) -> Vec<u32> {
        let mut drained = Vec::with_capacity(self.from(depth));
        for list in self.lists.iter_mut().skip(depth - 1) {
            drained.append(list);
        }
        for &element in &drained {
            self.depths[element as usize] = 0;
        }
        self.len -= drained.len();
        drained
    }
}

impl From<Vec<Vec<u32>>> for DepthLists {
    fn from(lists: Vec<Vec<u32>>) -> Self {
        let mut all = Self::default();
        for (index, list) in lists.iter().enumerate() {
            for &element in list {
                all.insert(element, index + 1);
            }
        }
        all.lists.resize_with(lists.len(), Vec::new);
        all
    }
}

impl From<DepthLists> for Vec<Vec<u32>> {
    fn from(lists: DepthLists) -> Self {
        lists.lists
    }
}
