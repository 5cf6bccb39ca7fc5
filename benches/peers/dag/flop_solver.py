"""FLOP as a solver of a suite, on the BIC that it minimises: flop_solver.py RESTARTS DATA.npy WEIGHTS.npy

FLOP gives a class of graphs; a member of it is handed in, with the weights of least squares.
"""

import sys

import flopsearch
import numpy
from compare import extension

restarts, data, target = sys.argv[1:]
data = numpy.load(data)
data = data - data.mean(0)
result = numpy.asarray(flopsearch.flop(data / data.std(0), 2.0, restarts=int(restarts)))
undirected = result == 2
graph = extension(result == 1, undirected | undirected.T)
weights = numpy.zeros(graph.shape)
for node in range(len(graph)):
    parents = numpy.nonzero(graph[:, node])[0]
    if len(parents):
        weights[parents, node] = numpy.linalg.lstsq(data[:, parents], data[:, node], rcond=None)[0]
numpy.save(target, weights)
