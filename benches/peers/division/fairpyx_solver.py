"""One of fairpyx's picking rules as a solver of a suite: fairpyx_solver.py RULE INSTANCE SOLUTION"""

import json
import sys

import fairpyx
from fairpyx.algorithms import picking_sequence

rule, instance, target = sys.argv[1:]
with open(instance) as file:
    utilities = json.load(file)["data"]["utilities"]
valuations = {str(agent): {str(item): value for item, value in enumerate(row)} for agent, row in enumerate(utilities)}
bundles = fairpyx.divide(getattr(picking_sequence, rule), instance=fairpyx.Instance(valuations=valuations))
owner = [None] * len(utilities[0])
for agent, bundle in bundles.items():
    for item in bundle:
        owner[int(item)] = int(agent)
document = {"fathom": 1, "status": "feasible", "solution": {"owner": owner}}
if rule == "round_robin":
    document["promised"] = ["EF1"]
with open(target, "w") as file:
    json.dump(document, file)
