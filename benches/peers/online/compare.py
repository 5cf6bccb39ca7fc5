"""OR-Tools' branch-and-bound knapsack solver on the offline instances, beside our times: compare.py FOLDER OURS_CSV SECONDS"""

import csv
import json
import math
import sys
import time
from pathlib import Path

from ortools.algorithms.python import knapsack_solver

folder, ours, limit = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
optima = json.loads((folder / "optima.json").read_text())
with open(ours, newline="") as file:
    mine = {row["instance"]: row for row in csv.DictReader(file)}

proved = {"fathom": 0, "ortools": 0}
below = {"fathom": 0, "ortools": 0}
total = {"fathom": 0.0, "ortools": 0.0}
logs = []
print(f"{'instance':60} {'optimum':>9} {'fathom s':>9} {'ortools s':>9} {'ortools':>9}")
for name, optimum in sorted(optima.items()):
    words = (folder / name).read_text().split()
    count, capacity = int(words[0]), int(words[1])
    numbers = list(map(int, words[2 : 2 + 2 * count]))
    solver = knapsack_solver.KnapsackSolver(
        knapsack_solver.SolverType.KNAPSACK_MULTIDIMENSION_BRANCH_AND_BOUND_SOLVER, name
    )
    solver.set_time_limit(limit)
    started = time.perf_counter()
    solver.init(numbers[0::2], [numbers[1::2]], [capacity])
    value = solver.solve()
    seconds = time.perf_counter() - started
    row = mine[name]
    total["fathom"] += float(row["seconds"])
    total["ortools"] += seconds
    logs.append(math.log(seconds / float(row["seconds"])))
    proved["fathom"] += row["proved"] == "true" and float(row["value"]) == optimum
    proved["ortools"] += solver.is_solution_optimal() and value == optimum
    below["fathom"] += float(row["value"]) < optimum
    below["ortools"] += value < optimum
    print(f"{name:60} {optimum:9} {float(row['seconds']):9.4f} {seconds:9.4f} {value:9}")
print(f"proved: fathom {proved['fathom']}, OR-Tools {proved['ortools']} of {len(optima)} (limit {limit} s)")
print(f"below the optimum: fathom {below['fathom']}, OR-Tools {below['ortools']}")
print(f"total seconds: fathom {total['fathom']:.3f}, OR-Tools {total['ortools']:.3f}")
print(f"OR-Tools takes {math.exp(sum(logs) / len(logs)):.1f} times as long (geometric mean)")
