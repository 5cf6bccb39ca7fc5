"""Calls one Python function on a Fathom instance: arrays in, arrays out.

    driver.py SCRIPT FUNCTION INSTANCE SOLUTION TIME_LIMIT SEED THREADS FIELD

The function gets the document's `data` (tables of numbers as numpy arrays where numpy is installed, as lists otherwise) and, if it takes a second argument, a
`run` with `seed`, `time_limit` (seconds), `threads`, and `incumbent(value, bound)` to tell its course. It returns a solution: the fields of one, an array for the
only field that there is, or a whole document with `status`.
"""

import importlib.util
import inspect
import json
import os
import sys
import types

try:
    import numpy
except ImportError:
    numpy = None


def arrays(value):
    if isinstance(value, dict):
        return {key: arrays(item) for key, item in value.items()}
    if isinstance(value, list):
        if numpy is not None and is_table(value):
            return numpy.array(value)
        return [arrays(item) for item in value]
    return value


def is_table(value):
    """Whether a list holds numbers alone, or rows of equal length that do."""
    number = lambda item: isinstance(item, (int, float)) and not isinstance(item, bool)
    if not value:
        return False
    if all(number(item) for item in value):
        return True
    rows = all(isinstance(item, list) and len(item) == len(value[0]) for item in value)
    return rows and all(is_table(item) for item in value)


def plain(value):
    """What numpy's types are in JSON."""
    for method in ("tolist", "item"):
        if hasattr(value, method):
            return getattr(value, method)()
    return list(value)


def rows(solution):
    """An array as lines of numbers, a column per column."""
    table = plain(solution) if hasattr(solution, "tolist") else list(solution)
    for row in table:
        cells = plain(row) if hasattr(row, "tolist") else row
        yield ",".join(repr(cell) for cell in (cells if isinstance(cells, (list, tuple)) else [cells]))


def main():
    script, name, instance, target, time_limit, seed, threads, field = sys.argv[1:]
    with open(instance, encoding="utf-8") as file:
        data = arrays(json.load(file)["data"])
    folder = os.path.dirname(os.path.abspath(script))
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location("fathom_solver", script)
    module = importlib.util.module_from_spec(spec)
    sys.modules["fathom_solver"] = module
    spec.loader.exec_module(module)
    function = getattr(module, name)

    def incumbent(value=None, bound=None):
        figures = ["-" if figure is None else repr(float(figure)) for figure in (value, bound)]
        print("incumbent", *figures, flush=True)

    run = types.SimpleNamespace(seed=int(seed), time_limit=float(time_limit), threads=int(threads), incumbent=incumbent)
    places = [p for p in inspect.signature(function).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    solution = function(data, run) if len(places) > 1 else function(data)
    with open(target, "w", encoding="utf-8") as file:
        if not target.endswith(".json"):
            file.writelines(row + "\n" for row in rows(solution))
            return
        if solution is None:
            document = {"status": "failed", "detail": "the function returned nothing"}
        elif not isinstance(solution, dict):
            if not field:
                sys.exit("found an array, expected the fields of a solution: this class's solutions have several")
            document = {"status": "feasible", "solution": {field: solution}}
        elif "status" in solution:
            document = solution
        else:
            document = {"status": "feasible", "solution": solution}
        json.dump({"fathom": 1, **document}, file, default=plain)


main()
