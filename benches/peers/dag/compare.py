"""Dense scores, graph distances and CPU seconds of Fathom, DAGMA, NOTEARS and FLOP on the same data, one thread each.

Dense score: half the sum of the residual variances of the output's order. Distances are to the true graph (SHD; an undirected edge on a true adjacency
counts as right, as in NOTEARS' utilities) and, for FLOP and Fathom's nv-bic, between CPDAGs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np


def dense_score(covariance, order):
    factor = np.linalg.cholesky(covariance[np.ix_(order, order)] + 0.0)
    return 0.5 * float(np.sum(np.diag(factor) ** 2))


def order_of(weights):
    """A topological order once the weakest edges on cycles are gone, and how many had to go."""
    weights = weights.copy()
    removed = 0
    while True:
        left, order = set(range(len(weights))), []
        while left:
            free = [j for j in sorted(left) if not any(weights[i, j] for i in left)]
            if not free:
                break
            order += free
            left -= set(free)
        if not left:
            return order, removed
        block = [(abs(weights[i, j]), i, j) for i in left for j in left if weights[i, j]]
        _, i, j = min(block)
        weights[i, j] = 0
        removed += 1


def shd(directed, undirected, truth):
    d = len(truth)
    distance = 0
    for i in range(d):
        for j in range(i + 1, d):
            true = (bool(truth[i, j]), bool(truth[j, i]))
            if undirected is not None and undirected[i, j]:
                distance += true == (False, False)
            else:
                distance += (bool(directed[i, j]), bool(directed[j, i])) != true
    return distance


def cpdag(graph):
    """(directed, undirected) of the class of a DAG: unshielded colliders, then Meek's rules."""
    d = len(graph)
    graph = graph != 0
    adjacent = graph | graph.T
    directed = np.zeros_like(graph)
    for j in range(d):
        parents = np.nonzero(graph[:, j])[0]
        for a in parents:
            for b in parents:
                if a != b and not adjacent[a, b]:
                    directed[a, j] = directed[b, j] = True
    while True:
        found = []
        for i, j in zip(*np.nonzero(graph & ~directed)):
            free = adjacent & ~directed & ~directed.T
            kite = np.nonzero(free[i] & directed[:, j])[0]
            if (
                np.any(directed[:, i] & ~adjacent[:, j] & (np.arange(d) != j))
                or np.any(directed[i] & directed[:, j])
                or any(not adjacent[a, b] for a in kite for b in kite if a < b)
            ):
                found.append((i, j))
        if not found:
            break
        for i, j in found:
            directed[i, j] = True
    undirected = adjacent & ~directed & ~directed.T
    return directed, undirected


def cpdag_shd(found, truth):
    (a, b), (c, e) = found, truth
    d = len(a)
    kind = lambda x, y, i, j: (bool(x[i, j]), bool(x[j, i]), bool(y[i, j]))
    return sum(kind(a, b, i, j) != kind(c, e, i, j) for i in range(d) for j in range(i + 1, d))


def bic(covariance, n, dag):
    """n ln(variance) summed over nodes plus 2 ln n per edge."""
    total = 0.0
    for j in range(len(dag)):
        parents = np.nonzero(dag[:, j])[0]
        variance = covariance[j, j]
        if len(parents):
            inner = covariance[np.ix_(parents, parents)]
            variance -= covariance[j, parents] @ np.linalg.solve(inner, covariance[parents, j])
        total += n * np.log(variance) + 2 * np.log(n) * len(parents)
    return total


def extension(directed, undirected):
    """A DAG of the class (Dor and Tarsi 1992)."""
    directed, undirected = directed.copy(), undirected.copy()
    dag = directed.copy()
    left = set(range(len(dag)))
    while left:
        for node in sorted(left):
            others = left - {node}
            if any(directed[node, k] for k in others):
                continue
            neighbours = [k for k in others if undirected[node, k]]
            around = [k for k in others if undirected[node, k] or directed[k, node]]
            linked = lambda a, b: undirected[a, b] or directed[a, b] or directed[b, a]
            if all(linked(a, b) for a in neighbours for b in around if a != b):
                for k in neighbours:
                    dag[k, node] = True
                left.remove(node)
                break
        else:
            return dag
    return dag


def fathom(program, data, score, solver="order-search", extra=()):
    with tempfile.TemporaryDirectory() as folder:
        file, output = os.path.join(folder, "data.npy"), os.path.join(folder, "s.json")
        np.save(file, data)
        command = [program, "solve", file, "--score", score, "--solver", solver, "--output", output, "--quiet", "--threads", "1", *extra]
        subprocess.run(command, check=True)
        with open(output) as stream:
            document = json.load(stream)
    dag = np.zeros((data.shape[1],) * 2)
    for i, j, weight in document["solution"]["edges"]:
        dag[i, j] = weight
    return dag, document["solution"]["order"], document["objective"], document["seconds"]["cpu"]


def main():
    program, folder, *names = sys.argv[1:]
    print(f"{'data':<22}{'method':<32}{'dense f':>12}{'SHD':>6}{'CPDAG':>7}{'BIC':>14}{'CPU s':>10}", flush=True)
    for name in names or ["ER2_d20", "ER4_d20", "ER2_d50", "ER4_d50", "ER2_d100", "ER4_d100"]:
        raw = np.load(os.path.join(folder, f"{name}_n1000_gauss_ev_seed1_X.npy"))
        truth = np.load(os.path.join(folder, f"{name}_n1000_gauss_ev_seed1_W.npy"))
        for label, data in [("raw", raw), ("standardised", (raw - raw.mean(0)) / raw.std(0))]:
            compare(program, f"{name} {label}", data, truth, label == "raw")


def compare(program, name, data, truth, raw):
    n, d = data.shape
    centred = data - data.mean(0)
    covariance = centred.T @ centred / n
    true_class = cpdag(truth)

    def row(method, score, distance, classes, value, seconds):
        text = lambda x, form: "-" if x is None else format(x, form)
        print(
            f"{name:<22}{method:<32}{text(score, '.6f'):>12}{text(distance, 'd'):>6}{text(classes, 'd'):>7}{text(value, '.2f'):>14}{seconds:>10.4f}",
            flush=True,
        )

    if raw:
        dag, order, objective, seconds = fathom(program, data, "ev")
        row("fathom ev", dense_score(covariance, order), None, None, None, seconds)
        dag, order, _, seconds = fathom(program, data, "ev-ebic")
        row("fathom ev-ebic", dense_score(covariance, order), shd(dag, None, truth), None, None, seconds)
    dag, _, objective, seconds = fathom(program, data, "nv-bic")
    row("fathom nv-bic", None, shd(*cpdag(dag), truth), cpdag_shd(cpdag(dag), true_class), bic(covariance, n, dag), seconds)

    import flopsearch

    before = time.process_time()
    result = np.asarray(flopsearch.flop((data - data.mean(0)) / data.std(0), 2.0, restarts=20))
    seconds = time.process_time() - before
    directed, undirected = result == 1, result == 2
    undirected = undirected | undirected.T
    value = bic(covariance, n, extension(directed, undirected))
    row("flop (20 restarts)", None, shd(directed, undirected, truth), cpdag_shd((directed, undirected), true_class), value, seconds)

    if raw and d <= 50:
        from dagma.linear import DagmaLinear
        from notears import notears

        peers = [("dagma", lambda: DagmaLinear(loss_type="l2").fit(data.copy(), lambda1=0.02))]
        # The augmented Lagrangian takes many minutes beyond 20 variables of degree 4.
        if d <= 20:
            peers.append(("notears", lambda: notears(data)))
        for peer, run in peers:
            before = time.process_time()
            weights = run()
            seconds = time.process_time() - before
            order, removed = order_of(weights)
            score = dense_score(covariance, order)
            row(f"{peer} ({removed} cyclic edges cut)", score, shd(weights, None, truth), None, None, seconds)
            refine(program, data, truth, weights, covariance, row)


def refine(program, data, truth, weights, covariance, row):
    """What descending from a peer's output makes of it, by both solvers, and the graph after pruning."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "w.npy")
        np.save(file, weights)
        alone = ["--set", 'starts=["given"]', "--set", "restarts=0", "--set", "kicks=0"]
        for solver, extra in [("order-search", alone), ("topological-swaps", [])]:
            _, order, _, seconds = fathom(program, data, "ev", solver, ["--start", file, *extra])
            dag, _, _, _ = fathom(program, data, "ev-ebic", solver, ["--start", file, *extra])
            row(f"- refined by {solver}", dense_score(covariance, order), shd(dag, None, truth), None, None, seconds)


if __name__ == "__main__":
    main()
