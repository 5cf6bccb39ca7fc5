"""Fathom's solver `nlp` beside Ipopt (casadi) on the .nl files of a folder, in one run: solve counts and the ratio of median times over what both solve.

Usage: compare.py FATHOM FOLDER. Fathom's times are the CPU seconds of the solve that it prints; Ipopt's are those of the solve call, the best of three after
a first one. Both are asked for 1e-8. casadi's reader knows neither comments nor every operator of .nl: comments are taken out, and files that it refuses
are counted.
"""

import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import casadi as ca

LIMIT = 60


def ours(program, file):
    """Status, CPU seconds, size; None for a file that is refused."""
    command = [program, "solve", str(file), "--solver", "nlp", "--time-limit", str(LIMIT)]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    status = re.search(r"^status\s+(\S+)", output, re.MULTILINE)
    seconds = re.search(r"^time\s.*\(([0-9.]+) s cpu\)", output, re.MULTILINE)
    size = re.search(r"(\d+) variables.*?(\d+) constraints", output)
    if status is None or seconds is None or size is None:
        return None
    return status[1] in ("optimal", "locally-optimal"), float(seconds[1]), int(size[1]) + int(size[2])


def ipopt(file):
    """Whether it was solved, CPU seconds; None for a file that casadi refuses."""
    with tempfile.NamedTemporaryFile("w", suffix=".nl") as plain:
        plain.write(re.sub(r"[ \t]*#.*", "", file.read_text()))
        plain.flush()
        model = ca.NlpBuilder()
        try:
            model.import_nl(plain.name)
        except RuntimeError:
            return None
    options = {"print_time": False, "ipopt": {"print_level": 0, "sb": "yes", "tol": 1e-8, "max_cpu_time": float(LIMIT)}}
    problem = {"x": ca.vertcat(*model.x), "f": model.f, "g": ca.vertcat(*model.g)}
    solver = ca.nlpsol("solver", "ipopt", problem, options)
    arguments = {"x0": model.x_init, "lbx": model.x_lb, "ubx": model.x_ub, "lbg": model.g_lb, "ubg": model.g_ub}
    best = float("inf")
    for _ in range(4):
        start = time.process_time()
        solver(**arguments)
        best = min(best, time.process_time() - start)
        if best > 1:
            break
    return solver.stats()["return_status"] in ("Solve_Succeeded", "Solved_To_Acceptable_Level"), best


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    rows = []
    refused = 0
    for file in sorted(folder.glob("*.nl")):
        mine, peer = ours(program, file), ipopt(file)
        if mine is None or peer is None:
            refused += 1
            continue
        rows.append((file.stem, *mine, *peer))
        name, solved, seconds, size, peer_solved, peer_seconds = rows[-1]
        print(f"{name:<40} {size:>8} {str(solved):>6} {1e3 * seconds:>10.1f}ms {str(peer_solved):>6} {1e3 * peer_seconds:>10.1f}ms", flush=True)
    print(f"{len(rows)} models ({refused} refused by one of the two): Fathom solves {sum(r[1] for r in rows)}, Ipopt {sum(r[4] for r in rows)}")
    for low, high in ((0, 500), (500, 20_001), (20_001, float("inf"))):
        both = [r for r in rows if r[1] and r[4] and low <= r[3] < high]
        if both:
            ratio = statistics.median(r[2] for r in both) / statistics.median(r[5] for r in both)
            print(f"variables and constraints from {low} to {high}: {len(both)} solved by both, ratio of median times {ratio:.2f}")


if __name__ == "__main__":
    main()
