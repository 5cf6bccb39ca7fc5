//! The order in which an `.nl` file has variables and rows, and which of them are nonlinear.

use fathom_opt_problems::expression::{Function, Graph, Node, NodeId};
use fathom_opt_problems::nonlinear::Nonlinear;

/// One row as it is written: an expression, a constant, and the linear part with a place for every variable of the row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenRow {
    /// Position of the function: 0 is the objective, then the constraints.
    pub function: usize,
    pub root: Option<NodeId>,
    pub constant: f64,
    /// Variable (in the program's order) and coefficient, for each variable that the row depends on.
    pub linear: Vec<(u32, f64)>,
}

/// How a program is laid out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// The program's variables in the file's order.
    pub variables: Vec<u32>,
    /// The file's position of each of the program's variables.
    pub position: Vec<u32>,
    /// The constraints in the file's order, nonlinear ones first.
    pub constraints: Vec<WrittenRow>,
    pub objective: WrittenRow,
    /// How many constraints are nonlinear.
    pub nonlinear_constraints: usize,
    /// How many variables stand in expressions of constraints, of the objective, of both.
    pub nonlinear_variables: [usize; 3],
    /// Expressions that are used more than once, arguments first.
    pub defined: Vec<NodeId>,
}

impl Layout {
    pub fn of(problem: &Nonlinear) -> Self {
        let mut reach = Reach::new(problem.graph());
        let objective = row(problem, 0, problem.objective(), &mut reach);
        let mut constraints: Vec<WrittenRow> =
            problem.constraints().iter().enumerate().map(|(i, one)| row(problem, i + 1, &one.function, &mut reach)).collect();
        // A stable sort keeps the program's order within each kind.
        constraints.sort_by_key(|row| row.root.is_none());
        let nonlinear_constraints = constraints.iter().filter(|row| row.root.is_some()).count();
        let graph = problem.graph();
        let n = problem.variables().len();
        let in_constraints = appearing(graph, constraints.iter().filter_map(|row| row.root), n);
        let in_objective = appearing(graph, objective.root.into_iter(), n);
        let class = |j: &u32| match (in_constraints[*j as usize], in_objective[*j as usize]) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let mut variables: Vec<u32> = (0_u32..).take(n).collect();
        variables.sort_by_key(class);
        let mut position = vec![0; n];
        for (at, &variable) in (0_u32..).zip(&variables) {
            position[variable as usize] = at;
        }
        let count = |wanted: &dyn Fn(usize) -> bool| (0..n).filter(|&j| wanted(j)).count();
        let nonlinear_variables =
            [count(&|j| in_constraints[j]), count(&|j| in_objective[j]), count(&|j| in_constraints[j] && in_objective[j])];
        let roots: Vec<NodeId> = constraints.iter().chain([&objective]).filter_map(|row| row.root).collect();
        let defined = shared(graph, &roots);
        Self { variables, position, constraints, objective, nonlinear_constraints, nonlinear_variables, defined }
    }

    /// The program's constraint in each row of the file.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.constraints.iter().map(|row| row.function - 1)
    }
}

fn row(problem: &Nonlinear, position: usize, function: &Function, reach: &mut Reach<'_>) -> WrittenRow {
    let compiled = problem.compiled();
    if compiled.is_affine(position) {
        // It may have been written as an expression all the same.
        return WrittenRow {
            function: position,
            root: None,
            constant: compiled.constant(position),
            linear: compiled.linear(position).to_vec(),
        };
    }
    // What stands in the expression has a place in the row, also where the derivative is known to be 0.
    let mut linear: Vec<(u32, f64)> =
        function.nonlinear.map_or_else(Vec::new, |root| reach.variables(root)).into_iter().map(|j| (j, 0.0)).collect();
    linear.extend_from_slice(&function.linear);
    linear.sort_by_key(|(variable, _)| *variable);
    linear.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    WrittenRow { function: position, root: function.nonlinear, constant: function.constant, linear }
}

/// Finds the variables in expressions.
struct Reach<'a> {
    graph: &'a Graph,
    /// The search in which a node was last seen.
    seen: Vec<u32>,
    searches: u32,
}

impl<'a> Reach<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self { graph, seen: vec![0; graph.len()], searches: 0 }
    }

    /// The variables in the expression at `root`, perhaps several times.
    fn variables(&mut self, root: NodeId) -> Vec<u32> {
        self.searches += 1;
        let (mut found, mut open) = (Vec::new(), vec![root]);
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut self.seen[id.index()], self.searches) == self.searches {
                continue;
            }
            match self.graph.node(id) {
                Node::Variable(variable) => found.push(variable),
                node => self.graph.arguments(node, |argument| open.push(argument)),
            }
        }
        found
    }
}

/// Which variables stand in the expressions at `roots`.
fn appearing(graph: &Graph, roots: impl Iterator<Item = NodeId>, n: usize) -> Vec<bool> {
    let mut found = vec![false; n];
    for (node, reached) in graph.nodes().iter().zip(graph.reachable(roots)) {
        if let (true, Node::Variable(variable)) = (reached, node) {
            found[*variable as usize] = true;
        }
    }
    found
}

/// Expressions that are used more than once and are neither numbers nor variables.
fn shared(graph: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let mut uses = vec![0_u8; graph.len()];
    let mut ids: Vec<Option<NodeId>> = vec![None; graph.len()];
    let mut count = |id: NodeId| {
        uses[id.index()] = uses[id.index()].saturating_add(1);
        ids[id.index()] = Some(id);
    };
    roots.iter().copied().for_each(&mut count);
    for (&node, reached) in graph.nodes().iter().zip(graph.reachable(roots.iter().copied())) {
        if reached {
            graph.arguments(node, &mut count);
        }
    }
    let compound = |id: &NodeId| !matches!(graph.node(*id), Node::Constant(_) | Node::Variable(_));
    ids.into_iter().zip(uses).filter(|(_, uses)| *uses > 1).filter_map(|(id, _)| id).filter(compound).collect()
}
