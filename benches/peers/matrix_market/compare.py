"""Times Fathom's Matrix Market reader and fast_matrix_market's on the same files, in turn, and prints the ratios.

Both get files that are in the page cache. The peer reads a path (its fastest way); so does Fathom in the stage "file to entries".
The other stages start from bytes in memory, which is how the library is used. Each figure is the minimum (median) over all repeats.
"""

import pathlib
import statistics
import subprocess
import sys
import time

import fast_matrix_market
import numpy

ROUNDS = 3
REPEATS = 7
SEED = 20240501


def generate(path, nonzeros, shuffled):
    """A square matrix with five entries per row at random places and 17-digit values, rows in order or all lines shuffled."""
    if path.exists():
        return
    random = numpy.random.default_rng(SEED)
    size = nonzeros // 5
    row = numpy.repeat(numpy.arange(size), 5)
    # One column from each fifth of the range: no position repeats.
    column = (numpy.tile(numpy.arange(5), size) * size + random.integers(0, size, 5 * size)) // 5
    column = numpy.clip(column, 0, size - 1)
    keep = numpy.unique(row * size + column)
    if shuffled:
        keep = random.permutation(keep)
    value = random.standard_normal(len(keep)) * 10.0 ** random.integers(-6, 7, len(keep))
    with open(path, "w") as out:
        out.write(f"%%MatrixMarket matrix coordinate real general\n{size} {size} {len(keep)}\n")
        for position, v in zip(keep.tolist(), value.tolist()):
            out.write(f"{position // size + 1} {position % size + 1} {v!r}\n")


def ours(path, times):
    command = ["cargo", "run", "--quiet", "--release", "-p", "fathom-opt-instances", "--example", "read_matrix_market", "--", str(path), str(REPEATS)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        if line.startswith("#"):
            continue
        stage, least, median = line.split("\t")
        times.setdefault("fathom " + stage, []).append((float(least), float(median)))
    return output.splitlines()[0].lstrip("# ")


def peer(path, times):
    for stage, work in (
        ("file-to-entries", lambda: fast_matrix_market.mmread(path, parallelism=1)),
        ("file-to-csr", lambda: fast_matrix_market.mmread(path, parallelism=1).tocsr()),
    ):
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        times.setdefault("peer " + stage, []).append((min(seconds), statistics.median(seconds)))


def main():
    folder, nonzeros = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for name, shuffled in (("rows in order", False), ("lines shuffled", True)):
        path = folder / f"{nonzeros}-{'shuffled' if shuffled else 'ordered'}.mtx"
        generate(path, nonzeros, shuffled)
        times = {}
        for _ in range(ROUNDS):
            sizes = ours(path, times)
            peer(path, times)
        print(f"{name}: {sizes}")
        least = {stage: min(pair[0] for pair in pairs) for stage, pairs in times.items()}
        middle = {stage: statistics.median(pair[1] for pair in pairs) for stage, pairs in times.items()}
        for stage in times:
            print(f"  {stage:26} {least[stage] * 1e3:8.1f} ms  (median {middle[stage] * 1e3:.1f} ms)")
        for mine, theirs in (("file-to-entries", "file-to-entries"), ("bytes-to-entries", "file-to-entries"), ("bytes-to-csr", "file-to-csr")):
            a, b = "fathom " + mine, "peer " + theirs
            print(f"  ratio {a} / {b}: {least[a] / least[b]:.2f}  (medians {middle[a] / middle[b]:.2f})")


main()
