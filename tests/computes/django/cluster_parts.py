"""What tests of Spark clusters share: facts of targets, and kinds that obey orders instead of submitting anything."""

from typing import Any

import pytest

from computes import registry
from computes.contract import Framework
from computes.executors.fake import FakeExecutor
from computes.registry import KNOWN_KINDS, REGISTRY, Entry, Kind

HEAD: dict[str, Any] = {"address": "head.lab.example", "username": "spark"}
LIVY: dict[str, Any] = {
    "livy_url": "https://livy.lab.example:8998",
    "work_folder": "https://livy.lab.example:9871/webhdfs/v1/user/amlweb",
    "storage_uri": "hdfs:///user/amlweb",
}


def let_kind_wait(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Make a kind of cluster one that has words and no executor."""
    monkeypatch.delitem(REGISTRY, (kind, Framework.PYSPARK), raising=False)  # type: ignore[misc,arg-type]
    known = KNOWN_KINDS[kind]
    monkeypatch.setitem(KNOWN_KINDS, kind, Kind(known.title, known.sentence, False))  # type: ignore[arg-type]


def let_clusters_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clusters be attached and run PySpark; they obey orders (`computes.executors.fake_orders`)."""
    monkeypatch.setattr(registry, "EXECUTORS", {})
    for kind in ("cluster", "livy"):
        entry: Any = Entry(lambda settings: FakeExecutor(), form=kind)
        monkeypatch.setitem(REGISTRY, (kind, Framework.PYSPARK), entry)  # type: ignore[arg-type]
        known = KNOWN_KINDS[kind]
        monkeypatch.setitem(KNOWN_KINDS, kind, Kind(known.title, known.sentence, True))  # type: ignore[arg-type]
