"""Times Fathom's picking rules and fairpyx's on the same table of utilities, and prints the ratios to fairpyx's round robin.

All figures are CPU seconds, the least of several calls. Reading the table is counted apart on both sides: for fairpyx that is the csv module, the dictionaries
and its `Instance`. Utilities have no ties, so that both sides have to give everyone the same bundle.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile
import time

import fairpyx
from fairpyx.algorithms.picking_sequence import bidirectional_round_robin, round_robin

ROUNDS = 3


def least(work):
    seconds = []
    while len(seconds) < ROUNDS or (sum(seconds) < 0.5 and len(seconds) < 1000):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def read(path):
    with open(path, newline="") as file:
        rows = csv.reader(file)
        items = next(rows)[1:]
        valuations = {row[0]: dict(zip(items, map(int, row[1:]))) for row in rows}
    return items, list(valuations), fairpyx.Instance(valuations=valuations)


def ours(program, agents, items, path):
    output = subprocess.run([program, str(agents), str(items), str(path)], check=True, capture_output=True, text=True).stdout
    times, owners = {}, {}
    for line in output.splitlines():
        name, figure = line.split("\t")
        if name.startswith("owner "):
            owners[name.removeprefix("owner ")] = [int(owner) for owner in figure.split(",")]
        else:
            times[name] = float(figure)
    return times, owners


def main():
    for agents, count in ((10, 100), (50, 500), (200, 2000)):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "goods.csv"
            times, owners = ours(sys.argv[1], agents, count, path)
            theirs = {}
            theirs["parse"], (items, names, instance) = least(lambda: read(path))
            for name, rule in (("round-robin", round_robin), ("bidirectional", bidirectional_round_robin)):
                theirs[name], bundles = least(lambda: fairpyx.divide(rule, instance=instance))
                owner = {item: agent for agent, bundle in bundles.items() for item in bundle}
                if [names[owner] for owner in owners[name]] != [owner[item] for item in items]:
                    sys.exit(f"{agents} x {count}: the allocations by {name} differ")
        print(f"{agents} x {count} (both sides give the same allocation)")
        for name, seconds in theirs.items():
            print(f"  fairpyx {name:26} {seconds * 1e3:10.3f} ms")
        for name, seconds in times.items():
            against = "parse" if name == "parse" else "round-robin"
            ratio = "" if name == "generate" else f"  {theirs[against] / seconds:8.0f} times faster than fairpyx {against}"
            print(f"  fathom  {name:26} {seconds * 1e3:10.3f} ms{ratio}")


main()
