"""Lazy greedy of Fathom, submodlib and apricot on the same similarities and the same graphs: CPU seconds of the selection alone, and the values reached.

Neither submodlib nor apricot can delete an element: on a stream of deletions they start from nothing at every query, as `recompute` does."""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

program, arguments = sys.argv[1], sys.argv[2:]
n = int(arguments[0]) if arguments else 10000
k = int(arguments[1]) if len(arguments) > 1 else 50
graphs = arguments[2:]


def timed(select):
    start = time.process_time()
    result = select()
    return time.process_time() - start, result


def fathom(*words):
    return json.loads(subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout)


def row(what, tool, seconds, value, ours):
    deletes = "yes" if tool == "fathom" else "no"
    print(f"{what:<28} {tool:<18} {seconds:>10.4f} s {value:>14.4f} {seconds / ours:>9.1f} x   deletes: {deletes}", flush=True)


def facility(folder):
    rng = np.random.default_rng(1)
    centres = 3 * rng.standard_normal((20, 20))
    points = centres[rng.integers(0, 20, n)] + rng.standard_normal((n, 20))
    squares = (points**2).sum(1)
    similarity = np.exp(-np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0) / 50.0).astype(np.float32)
    file = Path(folder) / "similarity.f32"
    similarity.tofile(file)
    what = f"facility location n={n} k={k}"
    found = fathom("dense", str(file), str(n), str(k))
    ours, chosen = found["seconds"], found["chosen"]

    def value(indices):
        return float(similarity[np.asarray(indices, dtype=int)].max(0).astype(np.float64).sum())

    row(what, "fathom", ours, value(chosen), ours)
    from submodlib import FacilityLocationFunction

    function = FacilityLocationFunction(n=n, mode="dense", sijs=similarity, separate_rep=False)
    maximize = lambda: function.maximize(
        budget=k, optimizer="LazyGreedy", stopIfZeroGain=False, stopIfNegativeGain=False, verbose=False, show_progress=False
    )
    seconds, chosen = timed(maximize)
    row(what, "submodlib lazy", seconds, value([index for index, _ in chosen]), ours)
    del function
    from apricot import FacilityLocationSelection

    double = similarity.astype(np.float64)
    # The first call compiles.
    FacilityLocationSelection(2, metric="precomputed", optimizer="lazy").fit(double[:20, :20].copy())
    seconds, selection = timed(lambda: FacilityLocationSelection(k, metric="precomputed", optimizer="lazy").fit(double))
    row(what, "apricot lazy", seconds, value(selection.ranking), ours)


def coverage(graph):
    from submodlib import SetCoverFunction

    sets = {}
    with gzip.open(graph, "rt") as lines:
        for line in lines:
            if line.strip() and not line.startswith(("#", "%")):
                u, v = map(int, line.split()[:2])
                sets.setdefault(u, set()).add(v)
                sets.setdefault(v, set()).add(u)
    nodes = list(sets)
    number = {node: position for position, node in enumerate(nodes)}
    covers = [{number[other] for other in sets[node]} for node in nodes]
    found = fathom("coverage", graph, str(k))
    what = f"coverage {Path(graph).name.split('.')[0]} k={k}"
    value = lambda indices: float(len(set().union(*(covers[index] for index in indices))))
    row(what, "fathom", found["seconds"], found["value"], found["seconds"])
    function = SetCoverFunction(n=len(nodes), cover_set=covers, num_concepts=len(nodes))
    for optimizer, name in [("LazyGreedy", "submodlib lazy"), ("NaiveGreedy", "submodlib naive")]:
        seconds, chosen = timed(
            lambda: function.maximize(
                budget=k, optimizer=optimizer, stopIfZeroGain=False, stopIfNegativeGain=False, verbose=False, show_progress=False
            )
        )
        row(what, name, seconds, value([index for index, _ in chosen]), found["seconds"])


with tempfile.TemporaryDirectory() as folder:
    for graph in graphs:
        coverage(graph)
    facility(folder)
