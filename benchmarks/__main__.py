"""Run the measurements (all, or those named) and print the table: `python -m benchmarks [first_line idle …]`."""

import sys
import time

from benchmarks import environments, first_line, flood, following, idle, targets, throughput, upload, viewers
from benchmarks.figures import table

MEASUREMENTS = {
    "first_line": first_line.measure,
    "throughput": throughput.measure,
    "flood": flood.measure,
    "viewers": viewers.measure,
    "idle": idle.measure,
    "targets": targets.measure,
    "environments": environments.measure,
    "upload": upload.measure,
    "following": following.measure,
}


def main(names: list[str]) -> None:
    """Measure one after the other and print the rows as one table."""
    if unknown := set(names) - set(MEASUREMENTS):
        sys.exit(f"There is no measurement {', '.join(sorted(unknown))}. There are: {', '.join(MEASUREMENTS)}.")
    figures = []
    for name in names or list(MEASUREMENTS):
        began = time.perf_counter()
        figures += MEASUREMENTS[name]()
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
