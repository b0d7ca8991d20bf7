"""Removes the prefix of an environment from its target: `python -m computes.environment_remover REQUEST.json`.

Knows no Django. The request holds the credentials of the target; what came of it goes into the result file.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from computes.environments.place_factory import place_from_json
from computes.errors import TargetError
from computes.supervisor.files import write_json

HEARTBEAT_SECONDS = 1.0


def remove(request: dict[str, Any]) -> dict[str, str]:
    """Remove a prefix, complete or not; one that is not there is no error."""
    try:
        place_from_json(request["place"]).remove(request["hash"])
    except TargetError as error:
        return {"state": "failed", "error": error.text, "remedy": error.remedy}
    return {"state": "removed"}


def main(path: str) -> None:
    """Do what a request says, with a sign of life every second."""
    request = json.loads(Path(path).read_text())
    over = threading.Event()

    def beat() -> None:
        Path(request["heartbeat"]).touch()
        while not over.wait(HEARTBEAT_SECONDS):
            Path(request["heartbeat"]).touch()

    threading.Thread(target=beat, daemon=True).start()
    write_json(request["result"], remove(request), durable=True)
    over.set()


if __name__ == "__main__":
    main(sys.argv[1])
