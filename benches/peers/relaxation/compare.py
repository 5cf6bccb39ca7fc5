"""PETSc and SciPy on the systems that the Rust program wrote, interleaved with the Rust program itself: medians over rounds, then ratios."""

import glob
import statistics
import subprocess
import sys
import time

sys.path[:0] = sorted(glob.glob("/usr/lib/petscdir/petsc*/**/dist-packages", recursive=True))
import petsc4py

petsc4py.init([sys.argv[0]])
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sl
from petsc4py import PETSc

program, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
data = np.fromfile(path)
intervals, count = int(data[0]), int(data[1])
side = intervals - 1
n = side * side
systems = data[2:].reshape(count, 2 * n + 1)
line = sp.diags([-np.ones(side - 1), 2 * np.ones(side), -np.ones(side - 1)], [-1, 0, 1])
laplacian = (sp.kron(sp.eye(side), line) + sp.kron(line, sp.eye(side))).tocsr()
eye = sp.eye(n, format="csr")
TOLERANCE = 1e-8
results = {}


def record(name, milliseconds, iterations, residual):
    results.setdefault(name, []).append((milliseconds, iterations, residual))


def matrices():
    for system in systems:
        yield (laplacian + system[0] * eye).tocsr(), system[1 : n + 1], system[n + 1 :]


def petsc(name, kind, omega):
    seconds = iterations = worst = 0.0
    for a, guess, b in matrices():
        matrix = PETSc.Mat().createAIJ(size=a.shape, csr=(a.indptr, a.indices, a.data))
        matrix.setOption(PETSc.Mat.Option.SPD, True)
        # PETSc takes a relaxation factor other than 1 only without inodes.
        matrix.setOption(PETSc.Mat.Option.USE_INODES, False)
        solver = PETSc.KSP().create()
        solver.setOperators(matrix)
        solver.setType("cg")
        solver.getPC().setType(kind)
        options = PETSc.Options()
        if kind == "sor":
            options["pc_sor_omega"] = omega
            options["pc_sor_symmetric"] = None
        if kind == "eisenstat":
            options["pc_eisenstat_omega"] = omega
        solver.getPC().setFromOptions()
        if kind != "eisenstat":
            solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
        solver.setInitialGuessNonzero(True)
        rhs = PETSc.Vec().createWithArray(b.copy())
        x = PETSc.Vec().createWithArray(guess.copy())
        # PETSc compares with ||b|| where the initial guess is not zero, too; Eisenstat's own norm is looser, so its tolerance is tightened to deliver the same true residual.
        solver.setTolerances(rtol=TOLERANCE * (0.2 if kind == "eisenstat" else 1.0), atol=1e-300, max_it=10000)
        started = time.perf_counter()
        solver.solve(rhs, x)
        seconds += time.perf_counter() - started
        iterations += solver.getIterationNumber()
        worst = max(worst, np.linalg.norm(b - a @ x.getArray()) / np.linalg.norm(b))
        for thing in (solver, matrix, rhs, x):
            thing.destroy()
    record(name, 1e3 * seconds / count, iterations / count, worst)


def scipy_cg():
    seconds = iterations = worst = 0.0
    for a, guess, b in matrices():
        steps = [0]

        def counting(_):
            steps[0] += 1

        started = time.perf_counter()
        try:
            x, _ = sl.cg(a, b, x0=guess.copy(), rtol=TOLERANCE, atol=0.0, callback=counting)
        except TypeError:
            x, _ = sl.cg(a, b, x0=guess.copy(), tol=TOLERANCE, atol=0.0, callback=counting)
        seconds += time.perf_counter() - started
        iterations += steps[0]
        worst = max(worst, np.linalg.norm(b - a @ x) / np.linalg.norm(b))
    record("scipy cg", 1e3 * seconds / count, iterations / count, worst)


for _ in range(rounds):
    for row in subprocess.run([program, "run", path], check=True, capture_output=True, text=True).stdout.splitlines():
        name, milliseconds, iterations, residual = row.split("\t")
        record(name, float(milliseconds), float(iterations), float(residual))
    petsc("petsc cg", "none", 0.0)
    for omega in (1.0, 1.25, 1.5, 1.75, 1.9):
        petsc(f"petsc ssor {omega}", "sor", omega)
        petsc(f"petsc eisenstat {omega}", "eisenstat", omega)
    scipy_cg()

median = {name: statistics.median(row[0] for row in rows) for name, rows in results.items()}
ours = median["fathom auto"]
print(f"n = {n}, {count} systems, {rounds} rounds; ratio = ours / theirs")
for name, rows in sorted(results.items(), key=lambda item: median[item[0]]):
    print(f"{name:24} {median[name]:9.3f} ms {rows[0][1]:8.2f} iterations, worst residual {max(r[2] for r in rows):.1e}, ratio {ours / median[name]:6.3f}")
for label, prefixes, goal in (
    ("PETSc's best SSOR or Eisenstat", ("petsc ssor", "petsc eisenstat"), 0.9),
    ("PETSc CG", ("petsc cg",), 0.45),
    ("faer-precond's best", ("faer-precond",), 0.6),
    ("faer Cholesky", ("faer llt",), 0.35),
    ("SciPy CG", ("scipy",), 1.0),
):
    best = min(value for name, value in median.items() if name.startswith(prefixes))
    print(f"{label:34} ratio {ours / best:6.3f} (goal {goal})")
