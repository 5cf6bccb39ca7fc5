"""A suite's records as a table in Markdown: fathom bench export RESULTS | python3 benches/peers/table.py

Start-up is the processor time of the same solver on the suite's first instance, which is tiny: what a process needs to begin. Fathom's own solvers are timed inside a
process that has read the instance already; commands are timed as whole processes.
"""

import csv
import sys

rows = list(csv.DictReader(sys.stdin))
first = rows[0]["instance"]
startup = {row["label"]: row["cpu_seconds"] for row in rows if row["instance"] == first}


def figure(text, form):
    return format(float(text), form) if text else "-"


print("| instance | solver | status | objective | holds | processor s | start-up s | program |")
print("|---|---|---|---|---|---|---|---|")
for row in rows:
    seconds = figure(row["cpu_seconds"], ".4f")
    begin = figure(startup.get(row["label"]) if row["program"] else "", ".4f")
    cells = [row["instance"], row["label"], row["status"], figure(row["checked_objective"], ".6g"), row["holds"] or "-", seconds, begin]
    print("|", " | ".join([*cells, row["program_version"] or f"fathom {row['version']}"]), "|")
