"""Answers an instance of any kind with the first thing that is allowed."""
import json, sys
instance, target = sys.argv[1:3]
document = json.load(open(instance))
data = document["data"]
solution = {
    "fair-division": lambda: {"owner": [0] * len(data["utilities"][0])},
    "linear-sequence": lambda: {"residuals": [0], "iterations": [1], "x": [{"system": 0, "values": data["systems"][0]["rhs"]}]},
    "dag-learning": lambda: {"edges": []},
    "nonlinear": lambda: {"x": [variable["start"] for variable in data["variables"]]},
    "online-knapsack": lambda: {"accepted": []},
    "replenishable-bandit": lambda: {"actions": [None] * data["rounds"]},
    "submodular-stream": lambda: {"answers": [{"at": len(data["operations"]) - 1, "chosen": []}]},
}[document["problem"]]()
json.dump({"fathom": 1, "status": "feasible", "solution": solution}, open(target, "w"))
