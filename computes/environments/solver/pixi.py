"""Writes a lock in pixi's form."""

import tempfile
from pathlib import Path
from typing import Any

from rattler.lock import LockChannel, LockFile, LockPlatform

from computes.environments.solver.records import record_from_data


async def pixi(request: dict[str, Any]) -> dict[str, Any]:
    """Return the text of a `pixi.lock`, without the checksums of pip's packages, which py-rattler cannot be given."""
    platform = LockPlatform(request["subdir"])
    lock = LockFile([platform])
    lock.set_channels("default", [LockChannel(f"{address.rstrip('/')}/") for address in request["channels"]])
    for data in request["records"]:
        lock.add_conda_package("default", platform, record_from_data(data))
    for name, version, location in request["pip"]:
        lock.add_pypi_package("default", platform, name, version, location)
    return {"text": _text_of(lock)}


def _text_of(lock: LockFile) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pixi.lock")
        lock.to_path(path)
        return path.read_text()
