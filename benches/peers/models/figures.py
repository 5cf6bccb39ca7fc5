"""Fathom's figures of a model, and how they are compared with another reader's."""

import json
import subprocess

import numpy as np


def ours(program, *arguments):
    """The figures that `evaluate_model` prints; None where it refuses the model."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def difference(found, expected):
    """The largest difference of two vectors or matrices, relative to the largest entry, which counts as 1 where it is smaller."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    if found.shape != expected.shape:
        return float("inf")
    # What is not finite has to be so on both sides, at the same places.
    finite = np.isfinite(expected)
    if not np.array_equal(finite, np.isfinite(found)):
        return float("inf")
    found, expected = found[finite], expected[finite]
    return float(np.max(np.abs(found - expected), initial=0.0) / np.max(np.abs(expected), initial=1.0))


def dense(entries, rows, columns, symmetric=False):
    """The matrix of triples; of a symmetric one they are the lower triangle."""
    matrix = np.zeros((rows, columns))
    for row, column, value in entries:
        matrix[row, column] += value
        if symmetric and row != column:
            matrix[column, row] += value
    return matrix
