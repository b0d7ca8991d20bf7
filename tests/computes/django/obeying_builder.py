"""A builder that obeys orders, for tests: a real process with the files of the real one. Its orders are pip's lines.

"hang" goes on until it is canceled, "deaf" does not even listen to that; "fail" fails; "die" and "die once" end
without a result; "wait" goes on until the file ORDERS/go is there. Each start leaves a line in ORDERS/starts.
"""

import json
import os
import sys
import time
from pathlib import Path

from computes.environments.contract import LockedPackage, Platform
from computes.environments.lock_json import lock_of, lock_to_json


def main(path: str) -> None:
    request = json.loads(Path(path).read_text())
    orders = Path(os.environ["AMLWEB_TEST_ORDERS"])
    words = request["spec"]["pip"]
    log = Path(request["log"])

    def say(text: str) -> None:
        with log.open("a") as file:
            file.write(f"{text}\n")

    with (orders / "starts").open("a") as file:
        file.write(f"{json.dumps(request)}\n")
    starts = len((orders / "starts").read_text().splitlines())
    say("Solving for linux-64.")
    if "die" in words or ("die once" in words and starts == 1):
        Path(request["heartbeat"]).touch()
        os._exit(9)
    say("Installing packages.")
    while {"hang", "deaf"} & set(words) or ("wait" in words and not (orders / "go").exists()):
        Path(request["heartbeat"]).touch()
        if Path(request["cancel"]).exists() and "deaf" not in words:
            finish(request, {"state": "canceled", "error": "The preparation was canceled.", "remedy": "Again."})
            return
        time.sleep(0.02)
    if "fail" in words:
        say("nothing provides numpy 99")
        error = "aml_config/conda_dependencies.yml, line 3: nothing provides numpy 99"
        finish(request, {"state": "failed", "error": error, "remedy": "Ask for a version that exists."})
        return
    packages = [LockedPackage("pip", f"package-{word}".replace(" ", "-"), "1.0", "", "", "0" * 64) for word in words]
    python = LockedPackage("conda", "python", "3.11.9", "h1_0", "https://conda.example/python.conda", "1" * 64)
    lock = lock_of(Platform("linux-64", "2.36", "x86_64"), ["conda-forge"], [python, *packages])
    report = {"seconds": {"solve": 1.0, "pip": 2.5}, "size_bytes": 12345}
    text = request["lock"] or lock_to_json(lock)
    say("The environment is ready.")
    finish(request, {"state": "ready", "lock": text, "report": report})


def finish(request: dict[str, str], result: dict[str, object]) -> None:
    aside = Path(f"{request['result']}.new")
    aside.write_text(json.dumps(result))
    aside.replace(request["result"])


if __name__ == "__main__":
    main(sys.argv[1])
