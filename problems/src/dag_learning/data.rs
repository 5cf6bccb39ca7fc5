//! The document form of an instance.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instance::DagLearning;
use super::knowledge::Knowledge;
use super::sample::Sample;
use super::score::{Score, ScoreKind};
use super::solution::{Edge, WeightedDag};
use super::start::Start;
use crate::bulk::{Bulk, BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};

/// The `data` field of a `dag-learning` document: `table`, or `covariance` with `n`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DagLearningData {
    /// The observations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableData>,
    /// `X'X / n` of centred observations, `d x d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariance: Option<Vec<Vec<f64>>>,
    /// How many observations `covariance` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<usize>,
    /// The variables' names, for `covariance` (a `table` has its own).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// What graphs are judged by.
    #[serde(default)]
    pub score: ScoreKind,
    /// The score's penalty, if not its usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<f64>,
    /// What is known about the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<KnowledgeData>,
    /// An order or a graph to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<StartData>,
    /// The graph that the data were simulated from, where known: solutions are compared with it, solvers do not look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<Vec<Edge>>,
}

/// Observations: either `rows` or `columns`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableData {
    /// The variables' names (`x0`, `x1`, ... if missing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// One observation per row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<f64>>>,
    /// One variable per column, inline or in files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<Bulk<Vec<f64>>>>,
}

/// A node by its index (0-based) or its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Node {
    /// By index.
    Index(usize),
    /// By name.
    Name(String),
}

/// What is known about the graph.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct KnowledgeData {
    /// Edges `[from, to]` that are there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<(Node, Node)>,
    /// Edges `[from, to]` that are not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<(Node, Node)>,
    /// Groups of nodes in the order of time: no edge leads from a node of a later group to a node of an earlier one. A node in no group is free, and a
    /// later group may act on an earlier one through it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Vec<Node>>,
    /// The largest number of parents of any node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parents: Option<usize>,
}

/// A start: one of an order, a weight matrix (`weights[i][j]` the effect of `i` on `j`), a list of edges and a whole solution. Graphs may have cycles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartData {
    /// All nodes in an order.
    Order(Vec<usize>),
    /// `d x d` weights.
    Weights(Vec<Vec<f64>>),
    /// `[from, to, weight]`.
    Edges(Vec<Edge>),
    /// A graph with an order that it follows, as a solution has them.
    Dag(WeightedDag),
}

impl DagLearningData {
    pub(super) fn load(self, bulk: &mut dyn BulkSource) -> Result<DagLearning, Malformed> {
        let root = Place::root();
        let score = Score::new(self.score, self.penalty)?;
        let (names, sample) = match (self.table, self.covariance) {
            (Some(table), None) => {
                if self.n.is_some() || self.names.is_some() {
                    return Err(Malformed::new(root, "`n` or `names` beside `table`", "them only beside `covariance`"));
                }
                table.load(bulk)?
            }
            (None, Some(rows)) => {
                let Some(n) = self.n else {
                    return Err(Malformed::new(root, "`covariance` without `n`", "how many observations it comes from"));
                };
                let d = rows.len();
                let names = named(self.names, d, &root.field("names"))?;
                (names, Sample::Covariance { matrix: square(&rows, d, &root.field("covariance"))?, n })
            }
            _ => return Err(Malformed::new(root, "both or none of `table` and `covariance`", "one of them")),
        };
        let d = names.len();
        let knowledge = self.knowledge.unwrap_or_default().load(&names)?;
        let start = self.start.map(|start| start.load(d)).transpose()?;
        DagLearning::new(names, sample, score)?.with_knowledge(knowledge)?.with_start(start)?.with_truth(self.truth)
    }

    pub(super) fn store(problem: &DagLearning, bulk: &mut dyn BulkSink) -> Result<Self, Malformed> {
        let mut data = Self { score: problem.score().kind(), truth: problem.truth().map(<[Edge]>::to_vec), ..Self::default() };
        if problem.score().penalty() != problem.score().kind().default_penalty() {
            data.penalty = Some(problem.score().penalty());
        }
        match problem.sample() {
            Sample::Table { columns } => {
                let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                data.table =
                    Some(TableData { names: Some(problem.names().to_vec()), rows: None, columns: Some(bulk.vectors("table", &slices)?) });
            }
            Sample::Covariance { matrix, n } => {
                data.covariance = Some(matrix.chunks(problem.variables()).map(<[f64]>::to_vec).collect());
                data.n = Some(*n);
                data.names = Some(problem.names().to_vec());
            }
        }
        if !problem.knowledge().is_empty() {
            data.knowledge = Some(KnowledgeData::store(problem.knowledge()));
        }
        data.start = problem.start().map(|start| match start {
            Start::Order(order) => StartData::Order(order.clone()),
            Start::Graph(edges) => StartData::Edges(edges.clone()),
            Start::Dag(dag) => StartData::Dag(dag.clone()),
        });
        Ok(data)
    }
}

fn named(names: Option<Vec<String>>, d: usize, place: &Place) -> Result<Vec<String>, Malformed> {
    let names = names.unwrap_or_else(|| (0..d).map(|j| format!("x{j}")).collect());
    if names.len() != d {
        return Err(Malformed::new(place.clone(), format!("{} names", names.len()), format!("{d} (one per variable)")));
    }
    Ok(names)
}

fn square(rows: &[Vec<f64>], d: usize, place: &Place) -> Result<Vec<f64>, Malformed> {
    if rows.len() != d {
        return Err(Malformed::new(place.clone(), format!("{} rows", rows.len()), format!("{d} (one per variable)")));
    }
    if let Some(i) = rows.iter().position(|row| row.len() != d) {
        return Err(Malformed::new(place.index(i), format!("{} numbers", rows[i].len()), format!("{d} (a square matrix)")));
    }
    Ok(rows.concat())
}

impl TableData {
    fn load(self, bulk: &mut dyn BulkSource) -> Result<(Vec<String>, Sample), Malformed> {
        let place = Place::root().field("table");
        let columns = match (self.rows, self.columns) {
            (Some(rows), None) => {
                let width = rows.first().map_or(0, Vec::len);
                if let Some(r) = rows.iter().position(|row| row.len() != width) {
                    let found = format!("{} numbers", rows[r].len());
                    return Err(Malformed::new(place.field("rows").index(r), found, format!("{width} (like the first row)")));
                }
                (0..width).map(|j| rows.iter().map(|row| row[j]).collect()).collect()
            }
            (None, Some(columns)) => {
                let mut loaded: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
                for (j, column) in columns.into_iter().enumerate() {
                    loaded.push(match column {
                        Bulk::Inline(values) => values,
                        Bulk::File(reference) => bulk.vector(&reference).map_err(|fault| fault.below(&place.field("columns").index(j)))?,
                    });
                }
                loaded
            }
            _ => return Err(Malformed::new(place, "both or none of `rows` and `columns`", "one of them")),
        };
        let names = named(self.names, columns.len(), &place.field("names"))?;
        Ok((names, Sample::Table { columns }))
    }
}

impl KnowledgeData {
    fn load(self, names: &[String]) -> Result<Knowledge, Malformed> {
        if self == Self::default() {
            return Ok(Knowledge::default());
        }
        let place = Place::root().field("knowledge");
        let index: HashMap<&str, usize> = names.iter().enumerate().map(|(k, name)| (name.as_str(), k)).collect();
        let node = |node: Node, at: &Place| match node {
            Node::Index(k) => Ok(k),
            Node::Name(name) => index
                .get(name.as_str())
                .copied()
                .ok_or_else(|| Malformed::new(at.clone(), format!("the node `{name}`"), "the name or the index of a variable")),
        };
        let edges = |field: &str, edges: Vec<(Node, Node)>| -> Result<Vec<(usize, usize)>, Malformed> {
            let at = |k| place.field(field).index(k);
            edges.into_iter().enumerate().map(|(k, (from, to))| Ok((node(from, &at(k))?, node(to, &at(k))?))).collect()
        };
        let required = edges("required", self.required)?;
        let forbidden = edges("forbidden", self.forbidden)?;
        let mut tiers = Vec::with_capacity(self.tiers.len());
        for (tier, nodes) in self.tiers.into_iter().enumerate() {
            let at = place.field("tiers").index(tier);
            tiers.push(nodes.into_iter().map(|one| node(one, &at)).collect::<Result<Vec<_>, _>>()?);
        }
        Knowledge::new(names, required, forbidden, tiers, self.max_parents)
    }

    fn store(knowledge: &Knowledge) -> Self {
        let edges = |edges: &[(usize, usize)]| edges.iter().map(|&(from, to)| (Node::Index(from), Node::Index(to))).collect();
        Self {
            required: edges(knowledge.required()),
            forbidden: edges(knowledge.forbidden()),
            tiers: knowledge.tiers().iter().map(|tier| tier.iter().map(|&node| Node::Index(node)).collect()).collect(),
            max_parents: knowledge.max_parents(),
        }
    }
}

impl StartData {
    fn load(self, d: usize) -> Result<Start, Malformed> {
        Ok(match self {
            Self::Order(order) => Start::Order(order),
            Self::Edges(edges) => Start::Graph(edges),
            Self::Dag(dag) => Start::Dag(dag),
            Self::Weights(rows) => Start::from_weights(&square(&rows, d, &Place::root().field("start").field("weights"))?, d),
        })
    }
}
