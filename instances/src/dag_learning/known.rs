//! What is known about the graph, as reading options of data that have no place for it.

use fathom_opt_problems::dag_learning::{DagLearning, Knowledge};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::graph_file::edge_list;
use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::table::Names;

/// What is known about the graph.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct KnowledgeOptions {
    /// File with edges that are there: columns from and to.
    pub required: Option<String>,
    /// File with edges that are not there: columns from and to.
    pub forbidden: Option<String>,
    /// Groups of variables in the order of time, none of which acts on an earlier one: age,sex/smoking/cancer.
    pub tiers: Option<String>,
    /// Variables that nothing acts on.
    pub roots: Names,
    /// The largest number of parents of any variable.
    pub max_parents: Option<usize>,
}

/// The options that name files.
pub(super) const FILES: &[&str] = &["required", "forbidden"];

impl KnowledgeOptions {
    /// `problem`, read from `file`, with what is known.
    ///
    /// # Errors
    /// A variable that does not exist, knowledge that no graph honours.
    pub(super) fn applied(&self, problem: DagLearning, file: &InputFile) -> Result<DagLearning, InstanceError> {
        if *self == Self::default() {
            return Ok(problem);
        }
        let names = problem.names();
        let node = |option: &str, name: &str| {
            let index = || name.parse::<usize>().ok().filter(|&index| index < names.len());
            let found = names.iter().position(|known| known == name).or_else(index);
            found.ok_or_else(|| file.about(format!("{option}: found `{name}`, expected a variable, one of {}", names.join(", "))))
        };
        let edges = |option: &str| file.other(option).map_or_else(|| Ok(Vec::new()), |edges| edge_list(edges, names));
        let mut forbidden = edges("forbidden")?;
        for name in &self.roots.0 {
            let root = node("roots", name)?;
            forbidden.extend((0..names.len()).filter(|&other| other != root).map(|other| (other, root)));
        }
        let tiers = self.tiers.as_deref().map_or_else(Vec::new, |text| text.split('/').collect());
        let tier = |text: &str| text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| node("tiers", name)).collect();
        let tiers = tiers.into_iter().map(tier).collect::<Result<Vec<Vec<usize>>, _>>()?;
        let knowledge = Knowledge::new(names, edges("required")?, forbidden, tiers, self.max_parents);
        knowledge.and_then(|knowledge| problem.with_knowledge(knowledge)).map_err(|fault| file.about(fault.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::dag_learning::{Sample, Score, ScoreKind};

    use super::*;

    fn read(options: &KnowledgeOptions, forbidden: &str) -> Result<Knowledge, String> {
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let columns = vec![vec![1.0, 2.0], vec![2.0, 1.0], vec![0.0, 1.0]];
        let problem = DagLearning::new(names, Sample::Table { columns }, Score::new(ScoreKind::default(), None).unwrap()).unwrap();
        let edges = InputFile::of_bytes("edges.csv", forbidden.as_bytes().to_vec());
        let file = InputFile::of_bytes("a.csv", Vec::new()).with_other("forbidden", edges);
        options.applied(problem, &file).map(|problem| problem.knowledge().clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn edges_tiers_and_roots_are_known() {
        let options = KnowledgeOptions {
            forbidden: Some("edges.csv".into()),
            tiers: Some("a, b/c".into()),
            roots: Names(vec!["b".into()]),
            max_parents: Some(1),
            ..KnowledgeOptions::default()
        };
        let known = read(&options, "from,to\na,c\n").unwrap();
        assert_eq!(
            (known.forbidden(), known.tiers(), known.max_parents()),
            (&[(0, 1), (0, 2), (2, 1)][..], &[vec![0, 1], vec![2]][..], Some(1))
        );
        assert_eq!(read(&options, "a,c\n").unwrap(), known);
        assert!(read(&options, "from,to\na,z\n").unwrap_err().starts_with("edges.csv:2: found `z`"));
        let unknown = KnowledgeOptions { tiers: Some("a/z".into()), ..KnowledgeOptions::default() };
        assert_eq!(read(&unknown, "").unwrap_err(), "a.csv: tiers: found `z`, expected a variable, one of a, b, c");
    }
}
