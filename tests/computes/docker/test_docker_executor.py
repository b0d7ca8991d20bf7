"""The Docker executor on this machine keeps the contract, with folders mounted and with folders copied."""

from dataclasses import replace

import pytest

from tests.computes.contract_suite import TargetContract
from tests.computes.docker.conftest import DockerBench


class TestMountedFolders(TargetContract):
    pass


class TestCopiedFolders(TargetContract):
    @pytest.fixture
    def bench(self, bench: DockerBench) -> DockerBench:
        return replace(bench, container=replace(bench.container, is_shared=False))
