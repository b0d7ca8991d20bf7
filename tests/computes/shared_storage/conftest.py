"""Both shared storages, and a played WebHDFS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.http_answer import HttpAccess
from computes.shared_storage.webhdfs import WebHdfsStorage
from tests.stack.webhdfs_contract import WebHdfsContract, webhdfs_contract


@pytest.fixture
def hdfs(tmp_path: Path) -> Iterator[WebHdfsContract]:
    """Return a played WebHDFS."""
    (tmp_path / "hdfs").mkdir()
    with webhdfs_contract(tmp_path / "hdfs") as played:
        yield played


@pytest.fixture
def web(hdfs: WebHdfsContract) -> WebHdfsStorage:
    """Return the storage behind that WebHDFS."""
    return WebHdfsStorage(HttpAccess("WebHDFS", hdfs.address("/user/amlweb"), "amlweb"))


@pytest.fixture(params=["folder", "webhdfs", "httpfs"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> SharedStorage:
    """Return each kind of shared storage."""
    if request.param == "folder":
        return FolderStorage(str(tmp_path / "shared"))
    if request.param == "httpfs":
        request.getfixturevalue("hdfs").is_httpfs = True
    found: SharedStorage = request.getfixturevalue("web")
    return found
