"""SciPy's conjugate gradients as a solver of a suite: scipy_cg.py TOLERANCE MATRIX.mtx RHS.mtx SOLUTION.npy"""

import sys

import numpy
import scipy.io
import scipy.sparse
import scipy.sparse.linalg

tolerance, matrix, rhs, target = sys.argv[1:]
matrix = scipy.sparse.csr_array(scipy.io.mmread(matrix))
rhs = numpy.asarray(scipy.io.mmread(rhs), dtype=float).ravel()
steps = []
x, info = scipy.sparse.linalg.cg(matrix, rhs, rtol=float(tolerance), atol=0.0, callback=steps.append)
if info:
    sys.exit(f"no solution after {len(steps)} iterations")
numpy.save(target, x.reshape(-1, 1))
