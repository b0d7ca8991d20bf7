"""PySpark on this machine: a bench whose scripts run by a real spark-submit, and a Maven repository."""

from pathlib import Path

import pytest

from computes.contract import Framework
from tests.computes.on_targets import Bench
from tests.stack.left_out import need
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, make_maven_repository, python_with_pyspark


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a bench in a folder with a blank in its name."""
    need(JAVA)
    root = tmp_path / "a b"
    root.mkdir()
    return Bench(root, python=python_with_pyspark(), framework=Framework.PYSPARK, environment=QUICK_JAVA)


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a repository that has one package."""
    return make_maven_repository(tmp_path_factory.mktemp("maven") / "repository")
