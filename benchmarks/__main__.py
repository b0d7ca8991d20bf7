"""Run the measurements (all, or those named) and print the table: `python -m benchmarks [first_line idle …]`."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
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
from tests.stack.parts import DOCKER, JAVA, RSYNC, SSHD, Part, provide

ROWS = 5_000_000


@dataclass(frozen=True)
class Measurement:
    """What is measured, and the parts of the machine that it wants."""

    measure: Callable[[], list[Figure]]
    parts: tuple[Part, ...] = ()


def measurements(rows: int) -> dict[str, Measurement]:
    """Return what can be measured. `rows` is the size of the data that Spark trains on."""
    return {
        "first_line": Measurement(first_line.measure),
        "throughput": Measurement(throughput.measure),
        "flood": Measurement(flood.measure),
        "viewers": Measurement(viewers.measure),
        "idle": Measurement(idle.measure),
        "targets": Measurement(targets.measure, (DOCKER, SSHD)),
        "environments": Measurement(environments.measure),
        "upload": Measurement(upload.measure, (SSHD, RSYNC)),
        "following": Measurement(following.measure, (DOCKER, SSHD)),
        "spark_start": Measurement(spark_start.measure, (JAVA, SSHD)),
        "spark_sample": Measurement(partial(spark_sample.measure, rows), (JAVA, SSHD)),
    }


def main(words: list[str]) -> int:
    """Measure one after the other, print the rows as one table, and return the exit code: 1 when something that was
    wanted could not be measured. What was measured before a failure is printed as well."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print a table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(measurements(ROWS))}; all without one")
    parser.add_argument("--rows", type=int, default=ROWS, help="that spark_sample trains on (%(default)s)")
    options = parser.parse_args(words)
    known = measurements(options.rows)
    if unknown := set(options.names) - set(known):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    wanted = {name: known[name] for name in options.names or known}
    missing = set(provide(dict.fromkeys(part for measurement in wanted.values() for part in measurement.parts)))
    figures: list[Figure] = []
    try:
        for name, measurement in wanted.items():
            if missing.intersection(measurement.parts):
                continue
            began = time.perf_counter()
            figures += measurement.measure()
            print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    finally:
        print(table(figures))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
