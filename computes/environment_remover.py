"""Removes the prefix of an environment from its target: `python -m computes.environment_remover REQUEST.json`.

Knows no Django. The request holds the credentials of the target; what came of it goes into the result file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from computes.environments.builder import heartbeat
from computes.environments.place_factory import place_from_json
from computes.errors import TargetError
from computes.supervisor.files import write_json


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
    with heartbeat(Path(request["heartbeat"])):
        write_json(request["result"], remove(request), durable=True)


if __name__ == "__main__":
    main(sys.argv[1])
