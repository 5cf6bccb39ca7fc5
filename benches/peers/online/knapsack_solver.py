"""OR-Tools' branch and bound as a solver of a suite, on the offline knapsack with whole numbers: knapsack_solver.py TIME_LIMIT INSTANCE SOLUTION"""

import json
import sys

from ortools.algorithms.python import knapsack_solver

limit, instance, target = sys.argv[1:]
with open(instance) as file:
    data = json.load(file)["data"]
items = data["items"]
numbers = [*data["capacity"], *(item["v"] for item in items), *(weight for item in items for weight in item["w"])]
if any(number != int(number) for number in numbers):
    sys.exit("found fractions, expected whole numbers")
solver = knapsack_solver.KnapsackSolver(knapsack_solver.SolverType.KNAPSACK_MULTIDIMENSION_BRANCH_AND_BOUND_SOLVER, "suite")
solver.set_time_limit(float(limit))
weights = [[int(item["w"][k]) for item in items] for k in range(len(data["capacity"]))]
solver.init([int(item["v"]) for item in items], weights, [int(capacity) for capacity in data["capacity"]])
value = solver.solve()
accepted = [item["id"] for k, item in enumerate(items) if solver.best_solution_contains(k)]
document = {"fathom": 1, "status": "limit", "detail": "time", "objective": value, "solution": {"accepted": accepted}}
if solver.is_solution_optimal():
    document |= {"status": "optimal", "detail": None, "bound": value}
with open(target, "w") as file:
    json.dump(document, file)
