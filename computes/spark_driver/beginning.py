"""The beginning of a driver: may it run the script, and what the supervisor is given."""

import hashlib
import json
import os
import sys
import tarfile

from ..supervisor.unpacking import UnsafeTar, unpack
from .identity import application_and_attempt, claim_of, may_take_over
from .layout import CANCEL, CODE, SECRETS, SPECIFICATION, VERDICT, driver_name, latest_attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator

    from .storage import Storage

PIECE_BYTES = 1 << 20


class NotToBeRun(Exception):
    """This driver must not run the script. The text says why; another one may be at it, so nothing is recorded."""


class Unwanted(Exception):
    """The run was canceled before its script began."""


class Unusable(Exception):
    """What the server placed cannot be used; the text says why."""


def claim(storage: "Storage", folder: str, tombstone: str, most_attempts: int) -> int:
    """Make this driver the one that runs the script and return its attempt. Raises NotToBeRun and Unwanted.

    The claim comes before the look for a tombstone, and a stop does it the other way round: one sees the other.
    """
    application, attempt = application_and_attempt(os.environ)
    names = storage.names(folder)
    if VERDICT in names:
        raise NotToBeRun("the server has concluded how this run ended; its script does not run any more")
    earlier = latest_attempt(names)
    if earlier:
        record = json.loads((storage.read("%s/%s" % (folder, driver_name(earlier))) or b"{}").decode("ascii"))
        if not may_take_over(record, application, attempt, most_attempts):
            raise NotToBeRun("another driver has begun this run; its script does not run twice")
    mark = json.dumps(claim_of(application, attempt)).encode("ascii")
    if not storage.claim("%s/%s" % (folder, driver_name(attempt)), mark):
        raise NotToBeRun("another driver has begun this run in this moment; its script does not run twice")
    if storage.exists(tombstone) or storage.exists("%s/%s" % (folder, CANCEL)):
        raise Unwanted("the run was ended before its script began")
    return attempt


def specification_in(storage: "Storage", folder: str) -> "Dict[str, Any]":
    """Return what the server wants to be run. Raises NotToBeRun where there is nothing."""
    data = storage.read("%s/%s" % (folder, SPECIFICATION))
    if data is None:
        raise NotToBeRun("the run's folder is not in the shared storage any more")
    return dict(json.loads(data.decode("ascii")))


def secrets_in(storage: "Storage", folder: str) -> "Dict[str, str]":
    """Return the secret variables, and remove them from the storage."""
    data = storage.read("%s/%s" % (folder, SECRETS))
    storage.remove("%s/%s" % (folder, SECRETS))
    return dict(json.loads(data.decode("ascii"))) if data else {}


def unpack_code(storage: "Storage", folder: str, spec: "Dict[str, Any]", run_folder: str) -> None:
    """Unpack the project's code into the run folder. Raises Unusable."""
    local = os.path.join(run_folder, CODE)
    storage.fetch("%s/%s" % (folder, CODE), local)
    seen = hashlib.sha256()
    for piece in pieces_of(local):
        seen.update(piece)
    if seen.hexdigest() != spec["code_sha256"]:
        raise Unusable("the code in the shared storage is not what the server has placed")
    code = os.path.join(run_folder, "code")
    os.makedirs(os.path.join(code, "outputs"))
    try:
        unpack(code, pieces_of(local))
    except (UnsafeTar, tarfile.TarError) as error:
        raise Unusable("the code cannot be unpacked: %s" % error) from error
    os.unlink(local)


def pieces_of(path: str) -> "Iterator[bytes]":
    """Yield a file piece by piece."""
    with open(path, "rb") as file:
        piece = file.read(PIECE_BYTES)
        while piece:
            yield piece
            piece = file.read(PIECE_BYTES)


def supervisor_spec(spec: "Dict[str, Any]", run_folder: str, program: str) -> "Dict[str, Any]":
    """Return what the supervisor runs: the script with this very Python, in the driver's environment and the run's own.

    `program` is the folder in which our own code was unpacked.
    """
    code = os.path.join(run_folder, "code")
    environment = dict(os.environ)
    environment.update(spec["environment"])
    in_run = os.path.join(program, "amlweb", "in_run")
    paths = [path for path in (environment.get("PYTHONPATH"), in_run) if path]
    environment.update(
        PYTHONUNBUFFERED="1",
        PYTHONPATH=os.pathsep.join(paths),
        AMLWEB_RUN_ID=spec["run_id"],
        AMLWEB_RUN_FOLDER=run_folder,
        AMLWEB_METRICS=os.path.join(run_folder, "metrics.jsonl"),
        AMLWEB_OUTPUTS=os.path.join(code, "outputs"),
    )
    bound = [sys.executable, "-I", "-S", os.path.join(program, "amlweb", "spark_driver", "bound.py"), sys.executable]
    kept = ("secret_names", "time_limit_seconds", "grace_seconds", "log_cap_bytes", "free_space_floor_bytes")
    found = {name: spec[name] for name in kept}
    found.update(argv=bound + spec["script"], environment=environment, working_folder=code)
    return found
