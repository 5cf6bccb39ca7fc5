"""CPU seconds per iteration for factorization and solves that Ipopt with MUMPS takes on the control problems of the example `kkt_factor`, from its timing
statistics.

Bounds far from the solution make Ipopt take several iterations without changing the pattern of its matrices. The count of factorizations is that of the
iterations plus the one for the first multipliers; where a matrix was factored more than once in an iteration, the figure is too large, which the columns
`iterations` and `regularised` tell.
"""

import os
import re
import sys
import tempfile

import casadi as ca

FAR = 1e4


def pde_control(side):
    """Elliptic control on a side x side grid: 2 side^2 variables, side^2 equations."""
    states = side * side
    w, z = ca.SX.sym("w", states), ca.SX.sym("z", states)
    h2 = (side + 1) ** 2
    rows = []
    for i in range(states):
        x, y = i % side, i // side
        terms = -4 * w[i]
        for neighbour, inside in ((i - 1, x > 0), (i + 1, x + 1 < side), (i - side, y > 0), (i + side, y + 1 < side)):
            if inside:
                terms = terms + w[neighbour]
        rows.append(h2 * terms + z[i])
    objective = 0.5 * ca.sumsqr(w - 1) + 0.05 * ca.sumsqr(z)
    return ca.vertcat(w, z), objective, ca.vertcat(*rows)


def optimal_control(stages):
    """Stages of four states and two controls with dense dynamics between them."""
    states, controls = 4, 2
    size = states + controls
    x = ca.SX.sym("x", size, stages)
    weights = [1e-3] * states
    objective = 0
    rows = []
    for stage in range(stages):
        for i in range(size):
            weight = weights[i] if i < states else 1.0 + stage % 3
            objective = objective + 0.5 * weight * (x[i, stage] - (1.0 if i < states else 0.0)) ** 2
        if stage + 1 < stages:
            for i in range(states):
                row = -x[i, stage + 1]
                for j in range(size):
                    row = row + (0.02 * ((i * 7 + j * 3 + stage) % 11) + (1.0 if i == j else 0.0)) * x[j, stage]
                rows.append(row)
    return ca.vec(x), objective, ca.vertcat(*rows)


def solve(name, problem):
    variables, objective, rows = problem
    options = {
        "print_time": False,
        "ipopt": {"print_level": 5, "print_timing_statistics": "yes", "tol": 1e-10, "sb": "yes", "linear_solver": "mumps"},
    }
    solver = ca.nlpsol("solver", "ipopt", {"x": variables, "f": objective, "g": rows}, options)
    # Ipopt prints on the process's own output.
    with tempfile.TemporaryFile("w+") as log:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(log.fileno(), 1)
        try:
            solver(x0=0.5, lbx=-FAR, ubx=FAR, lbg=0, ubg=0)
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        log.seek(0)
        text = log.read()
    def timer(name):
        return float(re.search(rf"{name}\.*:\s*([0-9.]+)", text)[1])

    # Some builds of Ipopt count MUMPS's factorizations among the solves that ask for them, so both are added up.
    seconds = timer("LinearSystemFactorization") + timer("LinearSystemBackSolve")
    analysis = timer("LinearSystemSymbolicFactorization")
    iterations = solver.stats()["iter_count"]
    rows_of_table = re.findall(r"^\s*\d+r?\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+(\S+)\s", text, re.MULTILINE)
    regularised = sum(entry != "-" for entry in rows_of_table)
    size = variables.numel() + rows.numel()
    print(f"{name:<24} {size:>8} {iterations:>11} {regularised:>12} {1e3 * analysis:>10.1f}ms {1e3 * seconds / (iterations + 1):>12.1f}ms", flush=True)


def main():
    print(f"{'problem':<24} {'rows':>8} {'iterations':>11} {'regularised':>12} {'analysis':>12} {'factor+solves':>14}")
    for side in (40, 80, 150):
        solve(f"pde-control {side}", pde_control(side))
    for stages in (2000, 20000):
        solve(f"optimal-control {stages}", optimal_control(stages))


if __name__ == "__main__":
    main()
