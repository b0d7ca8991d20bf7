"""The executor behind Livy keeps the contract where its storage is WebHDFS (both played, real drivers)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.computes.livy.livy_bench import LivyBench
from tests.computes.livy.test_livy_executor import TestLivyExecutor as OverFolder
from tests.stack.livy_contract import LivyContract
from tests.stack.webhdfs_contract import WebHdfsContract, webhdfs_contract


@pytest.fixture
def hdfs(tmp_path: Path) -> Iterator[WebHdfsContract]:
    with webhdfs_contract(tmp_path) as played:
        yield played


@pytest.fixture
def bench(tmp_path: Path, livy: LivyContract, hdfs: WebHdfsContract) -> LivyBench:
    """Return a bench whose server speaks WebHDFS to the storage that drivers have as a folder."""
    over_folder = LivyBench(tmp_path, kind="livy", livy={"url": livy.url})
    return replace(over_folder, work_address=hdfs.address(f"/{over_folder.work.name}"))


class TestLivyOverWebHdfs(OverFolder):
    """All of the contract."""
