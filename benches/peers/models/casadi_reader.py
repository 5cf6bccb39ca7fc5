"""CasADi's .nl reader on files that Fathom has written, figures at the start compared; and how long both read a file of 10,002 variables.

SIF files and the .nl files of the shared folder are written by `evaluate_model MODEL write=FILE`. CasADi knows no if-then-else and no asinh, acosh, atanh.
"""

import contextlib
import os
import pathlib
import sys
import tempfile
import time

import casadi
import numpy as np

from figures import dense, difference, ours

TOLERANCE = 1e-8
MOST_VARIABLES = 300
WANTED = 250


@contextlib.contextmanager
def quiet():
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def theirs(path):
    builder = casadi.NlpBuilder()
    with quiet():
        builder.import_nl(str(path))
    x = casadi.vertcat(*builder.x)
    f, g = builder.f, casadi.vertcat(*builder.g) if builder.g else casadi.MX(0, 1)
    lagrangian = f + casadi.sum1(g)
    at = casadi.Function("at", [x], [f, casadi.gradient(f, x), g, casadi.jacobian(g, x), casadi.hessian(lagrangian, x)[0]])
    return [np.array(value) for value in at(builder.x_init)], builder


def main():
    program, sif, nl = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    agree, differ, refused = 0, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder) / "written.nl"
        for path in [*sorted(nl.glob("*.nl")), *sorted(sif.glob("*.SIF"))]:
            if agree + len(differ) >= WANTED:
                break
            written.unlink(missing_ok=True)
            ours(program, path, f"write={written}") if path.stat().st_size < 100_000 else None
            mine = ours(program, written) if written.is_file() else None
            if mine is None or len(mine["variables"]) > MOST_VARIABLES:
                continue
            try:
                (f, gradient, c, jacobian, hessian), builder = theirs(written)
            except RuntimeError as error:
                refused.setdefault(str(error).splitlines()[0].split(": ", 1)[-1], []).append(path.stem)
                continue
            n, m = len(mine["variables"]), len(mine["constraints"])
            # CasADi minimises: it turns an objective to be maximised round.
            sign = -1.0 if np.allclose(-mine["f"], f) and not np.allclose(mine["f"], f) else 1.0
            figures = {"f": difference(sign * mine["f"], float(f)), "gradient": difference(sign * np.array(mine["gradient"]), gradient.ravel())}
            figures["c"] = difference(mine["c"], c.ravel())
            figures["J"] = difference(dense(mine["jacobian"], m, n), jacobian.reshape(m, n))
            if sign > 0.0:
                figures["H"] = difference(dense(mine["hessian"], n, n, symmetric=True), hessian)
            if max(figures.values()) <= TOLERANCE:
                agree += 1
            else:
                differ[path.stem] = figures
        print(f"CasADi: {agree} of {agree + len(differ)} files written by Fathom are read back to the same f, gradient, c, J and H ({TOLERANCE:g} relative)")
        for name, figures in differ.items():
            print(f"  {name}: " + ", ".join(f"{what} {value:.1e}" for what, value in figures.items() if value > TOLERANCE))
        for why, names in refused.items():
            print(f"  refused by CasADi, {why}: {len(names)}" + (f" ({', '.join(names)})" if len(names) <= 30 else ""))
        large = pathlib.Path(folder) / "large.nl"
        ours(program, "optimal-control:3333", f"write={large}")
        mine = min(ours(program, large)["seconds"]["read"] for _ in range(5))
        seconds = []
        for _ in range(5):
            start = time.process_time()
            builder = casadi.NlpBuilder()
            with quiet():
                builder.import_nl(str(large))
            seconds.append(time.process_time() - start)
        print(f"reading {len(builder.x)} variables, {large.stat().st_size / 1e6:.1f} MB: Fathom {mine:.3f} s, CasADi {min(seconds):.3f} s (least of five)")
    biggest = max(sif.glob("*.SIF"), key=lambda path: path.stat().st_size)
    mine = min((ours(program, biggest) or {"seconds": {"read": float("nan")}})["seconds"]["read"] for _ in range(3))
    print(f"reading {biggest.name}, {biggest.stat().st_size / 1e6:.2f} MB: Fathom {mine:.3f} s (least of three)")


main()
