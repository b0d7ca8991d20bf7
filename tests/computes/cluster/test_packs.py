"""Packs on a head node: how large one may be, and what a run says of one that is larger."""

import random
from importlib.metadata import files
from pathlib import Path
from typing import Any

import pytest

from computes.executors.spark.failure_signs import sign_in
from computes.in_run.amlweb_cluster.sending import make_what_is_sent


@pytest.fixture
def part(tmp_path: Path) -> dict[str, Any]:
    """What a specification says of an environment of two megabytes that no packing makes smaller."""
    prefix = tmp_path / "prefix"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    (prefix / "noise").write_bytes(random.Random(1).randbytes(2_000_000))
    own = next(path for path in files("conda-pack") or [] if path.name == "core.py")
    packer = Path(str(own.locate())).parent.parent
    pack = tmp_path / "packs" / "beef.tar.gz"
    return {"prefix": str(prefix), "pack": str(pack), "packer": str(packer), "modules": ""}


def test_a_pack_that_is_too_large_is_not_kept_and_the_run_says_so(
    part: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packs = tmp_path / "packs"
    assert not make_what_is_sent({"cluster": {**part, "largest_pack_bytes": 1_000_000}})
    sign = sign_in(capsys.readouterr().err)
    assert sign is not None
    assert sign.text == "The packed environment has 2 MB, and at most 1 MB may be sent to a cluster with every run."
    assert "AMLWEB_PACKED_ENVIRONMENT_BYTES" in sign.remedy
    assert [path.suffix for path in packs.iterdir()] == [".lock"]
    assert make_what_is_sent({"cluster": {**part, "largest_pack_bytes": 3_000_000}})
    assert (packs / "beef.tar.gz").stat().st_size > 2_000_000
    assert not make_what_is_sent({"cluster": {**part, "largest_pack_bytes": 1_000_000}})
    assert "may be sent to a cluster" in capsys.readouterr().err
