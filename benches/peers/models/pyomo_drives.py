"""Pyomo drives Fathom in its three ways: as an AMPL solver, as Ipopt by its old interface and by its new one, through links of those names."""

import pathlib
import sys
import tempfile

import pyomo.environ as pyo
from pyomo.contrib.solver.common.factory import SolverFactory as NewFactory


def model():
    """The nearest point to (2, 1) on the unit circle: (2, 1) / sqrt(5), with the dual 1 - sqrt(5) of the circle's equation."""
    m = pyo.ConcreteModel()
    m.x, m.y = pyo.Var(initialize=1.0), pyo.Var(initialize=0.1)
    m.o = pyo.Objective(expr=(m.x - 2) ** 2 + (m.y - 1) ** 2)
    m.c = pyo.Constraint(expr=m.x**2 + m.y**2 == 1)
    m.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return m


def told(way, m):
    x, y, dual = pyo.value(m.x), pyo.value(m.y), m.dual[m.c]
    right = abs(x - 2 / 5**0.5) < 1e-6 and abs(y - 1 / 5**0.5) < 1e-6 and abs(dual - (1 - 5**0.5)) < 1e-5
    print(f"Pyomo {way}: ({x:.8f}, {y:.8f}), dual {dual:.8f}: {'right' if right else 'WRONG'}")
    return right


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    right = True
    with tempfile.TemporaryDirectory() as folder:
        link = pathlib.Path(folder) / "ipopt"
        link.symlink_to(program)
        m = model()
        solver = pyo.SolverFactory("asl", executable=str(program))
        solver.options["solver"] = "fathom"
        solver.options["tol"] = 1e-9
        print("version", solver.version())
        solver.solve(m)
        right &= told("as an AMPL solver", m)
        m = model()
        solver = pyo.SolverFactory("ipopt", executable=str(link))
        print("version", solver.version())
        solver.solve(m, options={"max_iter": 50})
        right &= told("as Ipopt, the old interface", m)
        m = model()
        solver = NewFactory("ipopt")
        solver.config.executable = str(link)
        print("version", solver.version(), solver.available())
        results = solver.solve(m, solver_options={"max_iter": 50, "mu_init": 0.01}, time_limit=20)
        right &= told(f"as Ipopt, the new interface ({results.termination_condition.name}, {results.extra_info.iteration_count} iterations)", m)
    sys.exit(0 if right else 1)


main()
