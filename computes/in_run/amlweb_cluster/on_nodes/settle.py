"""Leaving nothing behind: the application has ended for certain, and the run's folder is gone from the storage.

The follower does it at its end. Where it was killed, the server runs it here: `python -c SETTLE IN_RUN RUN_FOLDER`.
"""

import json
import os
import sys
import time

from ..record import note
from .application import Application
from .commands import Commands
from .names import EXIT, OUTPUTS_FOLDER
from .storage import storage_of
from .ticket import Ticket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

    from .storage import Storage

MARK = "settled"
BROUGHT = "brought"
SCRATCH = "spark"


def main(folder: str) -> int:
    """Settle a run and print whether that worked; its follower is gone."""
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        spec = json.load(file)
    why = ""
    try:
        if "storage" in spec.get("cluster", {}):  # else its driver lived on the head node
            application, storage = parts_of(folder, spec, spec["environment"], [])
            deadline = time.monotonic() + spec["cluster"]["pace"]["settle"]
            if application.end(lambda text: note(folder, text), deadline):
                if has_unbrought(folder, storage):
                    mark(folder)
                else:
                    settle(folder, storage)
            else:
                why = "YARN does not say that the application has ended"
    except OSError as error:
        why = str(error)
    sys.stdout.write(json.dumps({"answer": "failed" if why else "settled", "why": why}) + "\n")
    return 0


def has_unbrought(folder: str, storage: "Storage") -> bool:
    """Whether a driver has recorded its end in the storage and left outputs there that its follower did not bring: they
    are nowhere else, so they stay. Raises OSError where the storage is silent."""
    if os.path.exists(os.path.join(folder, SCRATCH, BROUGHT)):
        return False
    try:
        names = storage.names()
    except FileNotFoundError:
        return False
    return EXIT in names and any(name.startswith(OUTPUTS_FOLDER + "/") for name in names)


def parts_of(
    folder: str, spec: "dict[str, Any]", environment: "Mapping[str, str]", heard: "list[int]"
) -> "tuple[Application, Storage]":
    """Return the application and the storage of a run. `environment` holds no secrets."""
    scratch = os.path.join(folder, SCRATCH)
    os.makedirs(scratch, 0o700, exist_ok=True)
    part = spec["cluster"]
    ticket = Ticket(part["principal"], part["keytab"], scratch)
    commands = Commands(environment, scratch, heard, ticket.environment)
    return Application(part["tag"], commands), storage_of(part["storage"], part["name"], commands)


def settle(folder: str, storage: "Storage", is_last: bool = True) -> None:
    """Remove the run from the storage and mark that nothing is left to be done. Raises OSError.

    Where YARN has killed a driver, its node may take a moment to do so, and the driver may write once more: then it is
    not the last time, and the server has it done again when it cleans up.
    """
    storage.remove()
    if is_last:
        mark(folder)


def mark(folder: str, name: str = MARK) -> None:
    """Mark that nothing is left to be done, so that cleaning up touches neither YARN nor the storage; or, by another
    name, that the outputs have come."""
    with open(os.path.join(folder, SCRATCH, name), "w"):
        pass
