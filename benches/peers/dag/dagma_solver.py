"""DAGMA for linear models as a solver of a suite, on the l1-penalised least squares that it minimises: dagma_solver.py PENALTY DATA.npy WEIGHTS.npy

Its weights are not thresholded; of a cycle that is left, the weakest edge is removed.
"""

import sys

import numpy
from compare import order_of
from dagma.linear import DagmaLinear

penalty, data, target = sys.argv[1:]
weights = DagmaLinear(loss_type="l2").fit(numpy.load(data), lambda1=float(penalty), w_threshold=0.0)
order, _ = order_of(weights)
position = numpy.argsort(order)
weights[position[:, None] >= position[None, :]] = 0.0
numpy.save(target, weights)
