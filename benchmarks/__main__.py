"""Run the measurements (all, or those named) and print the table: `python -m benchmarks [first_line idle …]`."""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks import (
    environments,
    first_line,
    flood,
    following,
    idle,
    spark_sample,
    spark_start,
    targets,
    throughput,
    upload,
    viewers,
)
from benchmarks.figures import Figure, table

ROWS = 5_000_000


def measurements(rows: int) -> dict[str, Callable[[], list[Figure]]]:
    """Return what can be measured. `rows` is the size of the data that Spark trains on."""
    return {
        "first_line": first_line.measure,
        "throughput": throughput.measure,
        "flood": flood.measure,
        "viewers": viewers.measure,
        "idle": idle.measure,
        "targets": targets.measure,
        "environments": environments.measure,
        "upload": upload.measure,
        "following": following.measure,
        "spark_start": spark_start.measure,
        "spark_sample": partial(spark_sample.measure, rows),
    }


def main(words: list[str]) -> None:
    """Measure one after the other and print the rows as one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print a table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(measurements(ROWS))}; all without one")
    parser.add_argument("--rows", type=int, default=ROWS, help="that spark_sample trains on (%(default)s)")
    options = parser.parse_args(words)
    known = measurements(options.rows)
    if unknown := set(options.names) - set(known):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    figures = []
    for name in options.names or known:
        began = time.perf_counter()
        figures += known[name]()
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
