"""A builder that obeys orders, for tests: a real process that reads and writes the files of the real one.

Its orders are pip's lines. "hang" goes on until it is canceled, "deaf" does not even listen to that; "fail" fails;
"die" and "die once" end without a result; "wait" goes on until ORDERS/go is there; until then "silent" finds the target
silent, and "full" its disk full. Each start leaves a line in ORDERS/starts.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from computes.environments.builder_request import BuilderRequest, take_request
from computes.environments.contract import Lock, LockedPackage, Platform
from computes.environments.lock_json import lock_of, lock_to_json


def main(orders: Path, path: Path) -> None:
    """Do what is ordered."""
    request = take_request(path)
    words = request.spec.pip if request.spec else ()
    note = {"credentials": request.sources.credentials, "lock": request.lock.hash if request.lock else ""}
    with (orders / "starts").open("a") as file:
        file.write(f"{json.dumps(note)}\n")
    say(request, "Solving for linux-64.")
    if "die" in words or ("die once" in words and len((orders / "starts").read_text().splitlines()) == 1):
        os._exit(9)
    if "silent" in words and not (orders / "go").exists():
        return finish(request, state="unreachable", error="bench.example is silent.", remedy="Check the network.")
    say(request, "Installing packages.")
    while {"hang", "deaf"} & set(words) or ("wait" in words and not (orders / "go").exists()):
        request.files.heartbeat.touch()
        if request.files.cancel.exists() and "deaf" not in words:
            return finish(request, state="canceled", error="The preparation was canceled.", remedy="Prepare it again.")
        time.sleep(0.02)
    if "fail" in words:
        say(request, "nothing provides numpy 99")
        error = "aml_config/conda_dependencies.yml, line 3: nothing provides numpy 99"
        return finish(request, state="failed", error=error, remedy="Ask for a version that exists.")
    if "full" in words and not (orders / "go").exists():
        full = {"error": "No space was left on the target.", "remedy": "Free some.", "failure": "disk_full"}
        return finish(request, state="failed", **full)
    lock = lock_to_json(request.lock or lock_for(words))
    return finish(request, state="ready", lock=lock, report={"solve": 1.0, "pip": 2.5}, size_bytes=12345)


def lock_for(words: tuple[str, ...]) -> Lock:
    """Return a lock with a package for each word."""
    packages = [LockedPackage("pip", word.replace(" ", "-"), "1.0", "", "", "0" * 64) for word in words]
    python = LockedPackage("conda", "python", "3.11.9", "h1_0", "https://conda.example/python.conda", "1" * 64)
    return lock_of(Platform("linux-64", "2.36", "x86_64"), ["conda-forge"], [python, *packages])


def say(request: BuilderRequest, text: str) -> None:
    """Add a line to the log."""
    with request.files.log.open("a") as file:
        file.write(f"{text}\n")


def finish(request: BuilderRequest, **result: Any) -> None:
    """Leave a result, whole."""
    say(request, str(result.get("error") or "The environment is ready."))
    aside = request.files.result.with_name("result.part")
    aside.write_text(json.dumps(result))
    aside.replace(request.files.result)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
