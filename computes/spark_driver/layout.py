"""Names in the shared storage. The server and the driver program use the same ones.

    .amlweb/INSTALLATION     mark: this installation works here
    program/HASH/driver.py   the driver program       environments/HASH.tar.gz   packed environments
    ended/NAME               tombstone: this run must not start any more
    runs/NAME/               one run; NAME is `<installation id>-<run id>`

In a run's folder the server writes code.tar, modules.zip, spec.json, secrets.json, intro.log, then `submitted`,
batch.json, and `cancel`; where the driver cannot, also verdict.json and closing.log. The driver writes
driver-ATTEMPT.json when it begins, beat-NUMBER-PROGRESS as a sign of life (`computes.in_run.amlweb_cluster.beats`),
parts/BUCKET/STREAM-OFFSET-LENGTH for what has grown,
outputs/NUMBER with outputs.json, environment.json, and last exit.json. Nothing is ever written twice, but marks that
only count by being there; each part appears whole.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterable, Optional, Tuple

LOG, SYSTEM, METRICS = "log", "system", "metrics"
FILES: "Dict[str, str]" = {LOG: "log", SYSTEM: "system.log", METRICS: "metrics.jsonl"}

SPECIFICATION, SECRETS, CODE, MODULES = "spec.json", "secrets.json", "code.tar", "modules.zip"
INTRO, CLOSING = "intro.log", "closing.log"
SUBMITTED, BATCH, CANCEL, VERDICT = "submitted", "batch.json", "cancel", "verdict.json"
EXIT, OUTPUTS, ENVIRONMENT = "exit.json", "outputs.json", "environment.json"

LONGEST_PART_BYTES = 4 * 1024**2
PARTS_IN_A_BUCKET = 256
PART = re.compile(r"(log|system|metrics)-(\d{16})-(\d{8})")
DRIVER = re.compile(r"driver-(\d{1,4})\.json")


def part_path(number: int, stream: str, offset: int, length: int) -> str:
    """Return where the NUMBERth part of a run is, with what it holds in its name."""
    return "parts/%06d/%s-%016d-%08d" % (number // PARTS_IN_A_BUCKET, stream, offset, length)


def part_in(name: str) -> "Optional[Tuple[str, int, int]]":
    """Return (stream, offset, length) of a part's name, None for any other name; a part holds at least a byte."""
    found = PART.fullmatch(name)
    return (found.group(1), int(found.group(2)), int(found.group(3))) if found and int(found.group(3)) else None


def driver_name(attempt: int) -> str:
    """Return the name of the claim of an attempt."""
    return "driver-%d.json" % attempt


def latest_attempt(names: "Iterable[str]") -> int:
    """Return the latest attempt that a driver has claimed; 0 for none."""
    return max((int(found.group(1)) for found in map(DRIVER.fullmatch, names) if found), default=0)
