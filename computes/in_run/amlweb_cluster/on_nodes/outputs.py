"""The outputs of the script, from the storage into the run's own folder, each by size and checksum."""

import hashlib
import json
import os
import shutil

from .names import ENVIRONMENT, OUTPUTS, OUTPUTS_FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .storage import Storage

FETCHED = "fetched"
PIECE_BYTES = 1 << 20


class Damaged(Exception):
    """What is in the storage is not what the driver has written; the text says which part."""


def bring(storage: "Storage", scratch: str, folder: str, names: "list[str]") -> "list[str]":
    """Bring all that the driver left, and its word on its Python; return why which output is left out, a line each.

    Raises OSError, after which it can be done again, and Damaged.
    """
    wanted = [name for name in (OUTPUTS, ENVIRONMENT) if name in names]
    if any(name.startswith(OUTPUTS_FOLDER + "/") for name in names):
        wanted.append(OUTPUTS_FOLDER)
    local = os.path.join(scratch, FETCHED)
    shutil.rmtree(local, ignore_errors=True)
    os.makedirs(local, 0o700)
    if not wanted:
        return []
    storage.fetch(wanted, FETCHED)
    if ENVIRONMENT in wanted:
        os.rename(os.path.join(local, ENVIRONMENT), os.path.join(folder, ENVIRONMENT))
    left_out = []
    if OUTPUTS in wanted:
        for entry in entries_in(os.path.join(local, OUTPUTS)):
            if entry["skipped"]:
                left_out.append("the output %r stays out: %s" % (entry["path"], entry["skipped"]))
            else:
                move(entry, local, os.path.join(folder, "code", "outputs"))
    shutil.rmtree(local)
    return left_out


def entries_in(path: str) -> "list[dict[str, Any]]":
    """Return what the driver's index lists. Raises Damaged for what no driver of ours writes."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read().decode("ascii"))
        for entry in found:
            parts = entry["path"].split("/")
            is_safe = not {"", ".", ".."} & set(parts) and "\0" not in entry["path"]
            number = str(entry.get("file", "")).replace(OUTPUTS_FOLDER + "/", "", 1)
            if not is_safe or not (entry["skipped"] or number.isdigit()):
                raise ValueError(entry["path"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Damaged("the list of outputs in the storage is damaged: %s" % error) from error
    return list(found)


def move(entry: "dict[str, Any]", local: str, into: str) -> None:
    """Move one file to its name. Raises Damaged where it is not the one that the index means."""
    source = os.path.join(local, entry["file"])
    digest = hashlib.sha256()
    if os.path.islink(source) or not os.path.isfile(source):
        raise Damaged("the output %r is not in the storage" % entry["path"])
    with open(source, "rb") as file:
        piece = file.read(PIECE_BYTES)
        while piece:
            digest.update(piece)
            piece = file.read(PIECE_BYTES)
    if digest.hexdigest() != entry["sha256"]:
        raise Damaged("the output %r in the storage is not what the script has written" % entry["path"])
    name = os.fsencode(entry["path"])
    destination = os.path.join(os.fsencode(into), name)
    os.makedirs(os.path.dirname(destination), exist_ok=True)
    os.rename(os.fsencode(source), destination)
