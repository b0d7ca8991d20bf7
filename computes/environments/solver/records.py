"""Conda's records to and from plain data."""

import json
import tempfile
from pathlib import Path
from typing import Any

from rattler.repo_data import PackageRecord
from rattler.repo_data.record import RepoDataRecord

OF_THE_INDEX = ("indexed_timestamp",)


def record_to_data(record: RepoDataRecord) -> dict[str, Any]:
    """Return a record as plain data, without what only says when a channel was indexed."""
    data: dict[str, Any] = json.loads(record.to_json())
    return {key: value for key, value in data.items() if key not in OF_THE_INDEX}


def record_from_data(data: dict[str, Any]) -> RepoDataRecord:
    """Return the record of plain data. Raises the errors of rattler."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        package = PackageRecord.from_index_json(
            Path(file.name), size=data.get("size"), sha256=data["sha256"], md5=data.get("md5")
        )
    return RepoDataRecord(package, data["fn"], data["url"], data["channel"])
